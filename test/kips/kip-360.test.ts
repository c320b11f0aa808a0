// KIP-360: a producer whose state the broker has lost, or that meets a gap, raises its epoch by itself and goes on with sequence 0.
import { describe, expect, it } from "vitest";
import { kafkaProducer, type ProducerProgram } from "../../src/client/producer/program.ts";
import { ProducerStateManager } from "../../src/log/producer-state.ts";
import { Lab, producerConfig } from "../client/support.ts";

function produce(lab: Lab): ProducerProgram {
  const config = producerConfig({ "linger.ms": 0, "enable.idempotence": true });
  const records = { sizeBytes: 100, keys: { kind: "none" } } as const;
  const rest = { load: undefined, startUs: 0, stopUs: undefined, config };
  return lab.start((host) =>
    kafkaProducer(host, lab.env, { name: "client", topic: "t", records, ...rest }),
  );
}

const sent = (lab: Lab): [number, number][] =>
  lab.produces.map(({ request }) => {
    const batch = request.batches[0]?.batch;
    return [batch?.producerEpoch ?? -1, batch?.baseSequence ?? -1];
  });

describe("an idempotent producer", () => {
  it.each(["UNKNOWN_PRODUCER_ID", "OUT_OF_ORDER_SEQUENCE_NUMBER"] as const)(
    "answers %s of its next batch with a new epoch, and loses nothing",
    (error) => {
      const lab = new Lab();
      const producer = produce(lab);
      lab.onProduce = (_p, nth) => ({ error: nth === 1 ? error : "NONE" });
      producer.sendScripted(["m0"]);
      lab.run(1000);
      producer.sendScripted(["m1"]);
      lab.run(2000);
      expect(sent(lab)).toEqual([
        [0, 0],
        [0, 1],
        [1, 0],
      ]);
      expect(lab.of("op.acked").map((e) => e.baseOffset)).toEqual([0, 1]);
      expect(lab.producerIdRequests).toBe(1);
    },
  );

  it("numbers what is in flight anew, in the same order", () => {
    const lab = new Lab();
    const producer = produce(lab);
    lab.run(500);
    lab.produceDelay = 5000;
    // The log has lost what was acknowledged: whatever was sent in the old epoch is out of order.
    lab.onProduce = (_p, nth) => {
      const epoch = lab.produces[nth]?.request.batches[0]?.batch.producerEpoch;
      return { error: nth > 0 && epoch === 0 ? "OUT_OF_ORDER_SEQUENCE_NUMBER" : "NONE" };
    };
    producer.sendScripted(["m0"]);
    lab.run(600);
    for (let i = 1; i <= 3; i++) {
      producer.sendScripted([`m${i}`]);
      lab.run(600 + i / 10);
    }
    lab.run(3000);
    expect(sent(lab)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    expect(lab.partitions[0]?.batches.map((b) => b.firstNumber)).toEqual([0, 1, 2, 3]);
    expect(producer.idle).toBe(true);
  });
});

describe("a leader that does not know a producer", () => {
  it("takes whatever sequence it comes with", () => {
    const lab = new Lab();
    const state = new ProducerStateManager();
    lab.onProduce = (_p, nth) => {
      const batch = lab.produces[nth]?.request.batches[0]?.batch;
      return { error: (batch && state.refusal(batch)) ?? "NONE" };
    };
    const producer = produce(lab);
    for (let i = 0; i < 3; i++) {
      producer.sendScripted([`m${i}`]);
      lab.run(500 * (i + 1));
    }
    expect(sent(lab)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });
});
