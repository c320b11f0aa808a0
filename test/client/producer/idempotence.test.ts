import { describe, expect, it } from "vitest";
import { kafkaProducer, type ProducerProgram } from "../../../src/client/producer/program.ts";
import { ProducerStateManager } from "../../../src/log/producer-state.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import type { ErrorName } from "../../../src/protocol/errors.ts";
import type { ProducedBatch } from "../../../src/protocol/types.ts";
import { rngFor } from "../../../src/sim/rng.ts";
import { endOf, Lab, type Partition, producerConfig } from "../support.ts";

function produce(lab: Lab, settings: Settings = {}): ProducerProgram {
  const config = producerConfig({ "linger.ms": 0, "enable.idempotence": true, ...settings });
  const records = { sizeBytes: 100, keys: { kind: "none" } } as const;
  return lab.start((host) =>
    kafkaProducer(host, lab.env, {
      name: "client",
      topic: "t",
      records,
      load: undefined,
      startUs: 0,
      stopUs: undefined,
      config,
    }),
  );
}

const sent = (lab: Lab): (readonly [number, number, number])[] =>
  lab.produces.map(({ request }) => {
    const { batch } = request.batches[0] as { readonly batch: ProducedBatch };
    return [batch.producerEpoch, batch.baseSequence, batch.count];
  });

const outcomes = (lab: Lab): string[] =>
  lab.events.flatMap((e) => {
    if (e.type === "op.acked") return [`acked ${e.baseOffset}`];
    return e.type === "op.failed" || e.type === "op.unknown" ? [`${e.type} ${e.error}`] : [];
  });

/** Several batches, a request each. */
function sendOneByOne(lab: Lab, producer: ProducerProgram, from: number, batches: number): void {
  for (let i = 0; i < batches; i++) {
    producer.sendScripted([`m${i}`], undefined, 0);
    lab.run(from + (i + 1) / 10);
  }
}

/** Brokers judge sequences as Kafka's do; `fate` says what becomes of an answer. */
function strict(lab: Lab, fate: (nth: number) => "ok" | "lost" | "unsent" | ErrorName): void {
  const states = new Map<Partition, ProducerStateManager>();
  lab.onProduce = (log, nth) => {
    const state = states.get(log) ?? new ProducerStateManager();
    states.set(log, state);
    const { batch } = lab.produces[nth]?.request.batches[0] ?? {};
    if (batch === undefined) throw new Error("no batch");
    const luck = fate(nth);
    // Answers of one connection come in order, so a request without one would have to silence all behind it.
    if (luck === "unsent") return { error: "REQUEST_TIMED_OUT" };
    if (luck !== "ok" && luck !== "lost") return { error: luck };
    if (state.offsetOf(batch) >= 0) return { error: "NONE", append: false };
    const error = state.refusal(batch);
    if (error !== undefined) return { error };
    state.add({ ...batch, baseOffset: endOf(log), leaderEpoch: 0 });
    return luck === "lost" ? { error: "REQUEST_TIMED_OUT", append: true } : { error: "NONE" };
  };
}

const numbers = (log: Partition | undefined): number[] =>
  (log?.batches ?? []).flatMap((b) => Array.from({ length: b.count }, (_, i) => b.firstNumber + i));

describe("a producer id", () => {
  it("is asked for until a broker has one, before anything is sent", () => {
    const lab = new Lab();
    lab.onInitProducerId = (nth) => (nth < 2 ? "COORDINATOR_LOAD_IN_PROGRESS" : "NONE");
    const producer = produce(lab);
    producer.sendScripted(["m0"]);
    lab.run(150);
    expect(lab.produces).toEqual([]);
    lab.run(1000);
    expect(lab.producerIdRequests).toBe(3);
    expect(lab.produces[0]?.request.batches[0]?.batch).toMatchObject({
      producerId: 1003,
      producerEpoch: 0,
      baseSequence: 0,
    });
    expect(producer.idle).toBe(true);
  });

  it("comes with a sequence for each partition, which counts records", () => {
    const lab = new Lab({ partitions: 2 });
    const producer = produce(lab);
    lab.run(500);
    for (const names of [["a", "b", "c"], ["d"]]) {
      for (const partition of [0, 1]) producer.sendScripted(names, undefined, partition);
      lab.run(lab.world.kernel.now / 1000 + 100);
    }
    const sequences = lab.partitions.map((p) => p.batches.map((b) => b.baseSequence));
    expect(sequences).toEqual([
      [0, 3],
      [0, 3],
    ]);
  });

  it("is not asked for without idempotence", () => {
    const lab = new Lab();
    produce(lab, { "enable.idempotence": false }).sendScripted(["m0"]);
    lab.run(1000);
    expect(lab.producerIdRequests).toBe(0);
    expect(lab.produces[0]?.request.batches[0]?.batch.producerId).toBe(-1);
  });
});

describe("while a batch is sent again", () => {
  it("those behind it wait, and the log is in order", () => {
    const lab = new Lab();
    const producer = produce(lab);
    strict(lab, (nth) => (nth === 1 ? "NOT_ENOUGH_REPLICAS" : "ok"));
    producer.sendScripted(["known"]);
    lab.run(500);
    lab.produceDelay = 5000;
    sendOneByOne(lab, producer, 500, 4);
    lab.run(3000);
    expect(numbers(lab.partitions[0])).toEqual([0, 1, 2, 3, 4]);
    // The three behind it were refused; then they went out one at a time.
    const later = lab.produces.slice(5);
    expect(sent(lab).slice(5)).toEqual([
      [0, 1, 1],
      [0, 2, 1],
      [0, 3, 1],
      [0, 4, 1],
    ]);
    for (let i = 1; i < later.length; i++)
      expect((later[i]?.at ?? 0) - (later[i - 1]?.at ?? 0)).toBeGreaterThan(5000);
    expect(lab.of("producer.identified")).toHaveLength(1);
  });

  it("the log would be out of order without idempotence", () => {
    const lab = new Lab();
    const producer = produce(lab, { "enable.idempotence": false });
    lab.run(500);
    lab.produceDelay = 5000;
    lab.onProduce = (_p, nth) => ({ error: nth === 0 ? "NOT_ENOUGH_REPLICAS" : "NONE" });
    sendOneByOne(lab, producer, 500, 4);
    lab.run(3000);
    expect(numbers(lab.partitions[0])).toEqual([1, 2, 3, 0]);
  });
});

describe("a refusal", () => {
  it("as a duplicate is an acknowledgement without an offset", () => {
    const lab = new Lab();
    const producer = produce(lab);
    lab.onProduce = () => ({ error: "DUPLICATE_SEQUENCE_NUMBER" });
    producer.sendScripted(["m0"]);
    lab.run(1000);
    expect(outcomes(lab)).toEqual(["acked -1"]);
  });

  it.each(["INVALID_PRODUCER_EPOCH", "INVALID_RECORD"] as const)(
    "for good (%s) fails the batch and begins a new epoch at sequence 0",
    (error) => {
      const lab = new Lab();
      const producer = produce(lab);
      lab.onProduce = (_p, nth) => ({ error: nth === 1 ? error : "NONE" });
      for (let i = 0; i < 3; i++) {
        producer.sendScripted([`m${i}`]);
        lab.run(1000 * (i + 1));
      }
      expect(outcomes(lab)).toEqual(["acked 0", `op.failed ${error}`, "acked 1"]);
      expect(sent(lab)).toEqual([
        [0, 0, 1],
        [0, 1, 1],
        [1, 0, 1],
      ]);
    },
  );

  it("of a batch that is too large is answered with smaller ones in the same sequences", () => {
    const lab = new Lab();
    const producer = produce(lab, { "batch.size": 400 });
    strict(lab, (nth) => (nth === 0 ? "MESSAGE_TOO_LARGE" : "ok"));
    producer.sendScripted(["a", "b", "c"]);
    lab.run(2000);
    const sequences = lab.partitions[0]?.batches.map((b) => [b.baseSequence, b.count]) ?? [];
    expect(sequences.reduce((sum, [, count]) => sum + (count ?? 0), 0)).toBe(3);
    expect(outcomes(lab).every((outcome) => outcome.startsWith("acked"))).toBe(true);
  });
});

describe("UNKNOWN_PRODUCER_ID, which old brokers answer when they have forgotten a producer", () => {
  it("is answered with a new epoch that begins at 0, and the batch is sent again", () => {
    const lab = new Lab();
    const producer = produce(lab);
    lab.onProduce = (_log, nth) => ({ error: nth === 1 ? "UNKNOWN_PRODUCER_ID" : "NONE" });
    sendOneByOne(lab, producer, 400, 1);
    lab.run(1000);
    sendOneByOne(lab, producer, 1000, 1);
    lab.run(3000);
    expect(outcomes(lab)).toEqual(["acked 0", "acked 1"]);
    expect(sent(lab)).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 1],
    ]);
  });

  it("asks for one new epoch, however many batches in flight meet it", () => {
    const lab = new Lab();
    const producer = produce(lab);
    lab.run(400);
    sendOneByOne(lab, producer, 400, 1);
    lab.run(600);
    lab.produceDelay = 20_000;
    lab.onProduce = (_log, nth) => ({ error: nth < 5 ? "UNKNOWN_PRODUCER_ID" : "NONE" });
    sendOneByOne(lab, producer, 600, 4);
    lab.run(5000);
    expect(lab.of("producer.identified").map((e) => e.producerEpoch)).toEqual([0, 1]);
    expect(outcomes(lab).filter((text) => text.startsWith("acked"))).toHaveLength(5);
    const numbers = lab.of("op.acked").map((e) => e.firstNumber);
    expect(numbers).toEqual([0, 1, 2, 3, 4]);
  });

  it("without retries left starts the partition's sequences again, without a new epoch", () => {
    const lab = new Lab();
    const producer = produce(lab, { retries: 1 });
    lab.onProduce = (_log, nth) => {
      if (nth === 1) return { error: "NOT_ENOUGH_REPLICAS" };
      return { error: nth === 2 ? "UNKNOWN_PRODUCER_ID" : "NONE" };
    };
    for (let i = 0; i < 3; i++) {
      sendOneByOne(lab, producer, 400 + i * 1000, 1);
      lab.run(1400 + i * 1000);
    }
    expect(outcomes(lab)).toEqual(["acked 0", "op.failed UNKNOWN_PRODUCER_ID", "acked 1"]);
    expect(sent(lab)).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });
});

describe("OUT_OF_ORDER_SEQUENCE_NUMBER", () => {
  it("of a batch that is not next in line is waited for, without a new epoch", () => {
    const lab = new Lab();
    const producer = produce(lab);
    // A leader that has not heard of a producer would take any sequence (KAFKA-14920).
    strict(lab, (nth) => (nth === 1 ? "NOT_ENOUGH_REPLICAS" : "ok"));
    sendOneByOne(lab, producer, 400, 1);
    lab.run(600);
    lab.produceDelay = 20_000;
    sendOneByOne(lab, producer, 600, 3);
    lab.run(5000);
    expect(lab.of("producer.retried").map((e) => e.error)).toContain(
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
    );
    expect(lab.of("producer.identified")).toHaveLength(1);
    expect(lab.of("op.acked").map((e) => e.firstNumber)).toEqual([0, 1, 2, 3]);
  });

  it("of the next in line is a gap: a new epoch begins", () => {
    const lab = new Lab();
    const producer = produce(lab);
    lab.run(400);
    lab.onProduce = (_log, nth) => ({
      error: nth === 0 ? "OUT_OF_ORDER_SEQUENCE_NUMBER" : "NONE",
    });
    sendOneByOne(lab, producer, 400, 1);
    lab.run(3000);
    expect(sent(lab)).toEqual([
      [0, 0, 1],
      [1, 0, 1],
    ]);
  });
});

describe("a batch given up after it was sent", () => {
  it("holds back new ones until it is certain that a gap is left; then a new epoch begins", () => {
    const lab = new Lab();
    const producer = produce(lab, { "delivery.timeout.ms": 2000, "request.timeout.ms": 500 });
    lab.run(400);
    lab.onProduce = () => undefined;
    producer.sendScripted(["m0"]);
    lab.run(1500);
    expect(lab.produces.length).toBeGreaterThan(1);
    lab.onProduce = () => ({ error: "NONE" });
    lab.run(1501);
    lab.onProduce = () => undefined;
    lab.run(2600);
    strict(lab, () => "ok");
    producer.sendScripted(["m1"]);
    lab.run(6000);
    expect(outcomes(lab).some((outcome) => outcome.startsWith("acked"))).toBe(true);
    expect(sent(lab).at(-1)).toEqual([1, 0, 1]);
    expect(lab.of("producer.identified").map((e) => e.producerEpoch)).toEqual([0, 1]);
  });
});

describe("whatever happens to requests and answers", () => {
  it.each(["a", "b", "c", "d", "e", "f"])("each record is there once, in order (%s)", (seed) => {
    const lab = new Lab({ partitions: 2, brokers: 2, seed });
    const rng = rngFor(`fate-${seed}`);
    const producer = produce(lab, {
      "request.timeout.ms": 300,
      "delivery.timeout.ms": 10_000_000,
      "batch.size": 400,
    });
    lab.produceDelay = 3000;
    // A leader that has never heard of a producer takes any sequence (KAFKA-14920): first it gets to know this one.
    let isCalm = true;
    strict(lab, () => {
      const draw = isCalm ? 9 : rng.integer(0, 9);
      if (draw === 0) return "unsent";
      return draw < 3 ? "lost" : draw < 5 ? "NOT_ENOUGH_REPLICAS" : "ok";
    });
    for (const partition of [0, 1]) producer.sendScripted(["known"], undefined, partition);
    lab.run(500);
    isCalm = false;
    for (let i = 0; i < 200; i++) {
      producer.sendScripted([`m${i}`], undefined, rng.integer(0, 1));
      lab.run(500 + i * 7);
    }
    lab.run(60_000);
    isCalm = true;
    lab.run(120_000);
    expect(producer.idle).toBe(true);
    const logs = lab.partitions.map(numbers);
    for (const log of logs) expect(log).toEqual([...log.keys()]);
    expect(logs.flat()).toHaveLength(202);
    expect(lab.of("producer.retried").length).toBeGreaterThan(50);
    expect(lab.of("producer.identified")).toHaveLength(1);
  });
});
