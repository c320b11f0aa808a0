import { describe, expect, it } from "vitest";
import {
  kafkaProducer,
  type ProducerProgram,
  type ProducerSpec,
} from "../../../src/client/producer/program.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import { ms, seconds } from "../../../src/sim/kernel.ts";
import { Lab, producerConfig } from "../support.ts";

function produce(
  lab: Lab,
  settings: Settings = {},
  spec: Partial<ProducerSpec> = {},
): ProducerProgram {
  return lab.start((host) =>
    kafkaProducer(host, lab.env, {
      name: "client",
      topic: "t",
      records: { sizeBytes: 100, keys: { kind: "none" } },
      load: undefined,
      startUs: 0,
      stopUs: undefined,
      config: producerConfig({ "linger.ms": 0, ...settings }),
      ...spec,
    }),
  );
}

/** Lets metadata and connections come up, then sends one record a partition. */
function warm(lab: Lab, settings: Settings = {}): ProducerProgram {
  const producer = produce(lab, settings);
  for (let p = 0; p < lab.partitions.length; p++)
    producer.sendScripted([`warm-${p}`], undefined, p);
  lab.run(100);
  expect(producer.idle).toBe(true);
  lab.events.length = 0;
  lab.produces.length = 0;
  return producer;
}

const outcomes = (lab: Lab): [string, string | number][] =>
  lab.events.flatMap((e): [string, string | number][] => {
    if (e.type === "op.acked") return [["acked", e.baseOffset]];
    if (e.type === "op.failed") return [["failed", e.error]];
    if (e.type === "op.unknown") return [["unknown", e.error]];
    return [];
  });

describe("a retriable error", () => {
  it("sends the same range again after a back-off, until it is acknowledged", () => {
    const lab = new Lab();
    const producer = warm(lab);
    lab.onProduce = (_p, nth) => ({ error: nth < 2 ? "NOT_ENOUGH_REPLICAS" : "NONE" });
    producer.sendScripted(["m0", "m1"]);
    lab.run(2000);
    const sent = lab.produces.map(({ request }) => request.batches[0]?.batch);
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(outcomes(lab)).toEqual([["acked", 1]]);
    expect(lab.of("producer.retried").map((e) => [e.attempt, e.error])).toEqual([
      [1, "NOT_ENOUGH_REPLICAS"],
      [2, "NOT_ENOUGH_REPLICAS"],
    ]);
    const gaps = lab.produces.map(({ at }, i) => at - (lab.produces[i - 1]?.at ?? at));
    expect(gaps[1]).toBeGreaterThan(80_000);
    expect(gaps[1]).toBeLessThan(122_000);
    expect(gaps[2]).toBeGreaterThan(160_000);
    expect(gaps[2]).toBeLessThan(242_000);
  });

  it("ends as failed when every attempt was refused before the append", () => {
    const lab = new Lab();
    const producer = warm(lab, { retries: 2 });
    lab.onProduce = () => ({ error: "NOT_ENOUGH_REPLICAS" });
    producer.sendScripted(["m0"]);
    lab.run(5000);
    expect(lab.produces).toHaveLength(3);
    expect(outcomes(lab)).toEqual([["failed", "NOT_ENOUGH_REPLICAS"]]);
    expect(producer.idle).toBe(true);
  });

  it("ends as unknown when one attempt may have been appended", () => {
    const lab = new Lab();
    const producer = warm(lab, { retries: 1 });
    lab.onProduce = (_p, nth) =>
      nth === 0
        ? { error: "NOT_ENOUGH_REPLICAS_AFTER_APPEND", append: true }
        : { error: "NOT_ENOUGH_REPLICAS" };
    producer.sendScripted(["m0"]);
    lab.run(5000);
    expect(outcomes(lab)).toEqual([["unknown", "NOT_ENOUGH_REPLICAS"]]);
  });

  it("makes a duplicate when the first attempt was appended after all", () => {
    const lab = new Lab();
    const producer = warm(lab);
    lab.onProduce = (_p, nth) =>
      nth === 0 ? { error: "NOT_ENOUGH_REPLICAS_AFTER_APPEND", append: true } : { error: "NONE" };
    producer.sendScripted(["m0"]);
    lab.run(5000);
    const stored = lab.partitions[0]?.batches.filter((b) => b.firstNumber === 1);
    expect(stored).toHaveLength(2);
  });
});

describe("an error that no retry can cure", () => {
  it("fails the records at once", () => {
    const lab = new Lab();
    const producer = warm(lab);
    lab.onProduce = () => ({ error: "INVALID_TIMESTAMP" });
    producer.sendScripted(["m0"]);
    lab.run(1000);
    expect(outcomes(lab)).toEqual([["failed", "INVALID_TIMESTAMP"]]);
    expect(lab.produces).toHaveLength(1);
  });

  it("splits a batch that is too large, and fails a single record", () => {
    const lab = new Lab();
    const producer = warm(lab);
    lab.onProduce = (_p, nth) => ({ error: nth === 0 ? "MESSAGE_TOO_LARGE" : "NONE" });
    producer.sendScripted(["m0", "m1", "m2"]);
    lab.run(500);
    expect(outcomes(lab)).toEqual([["acked", 1]]);
    expect(lab.of("producer.retried")).toEqual([]);
    lab.onProduce = () => ({ error: "MESSAGE_TOO_LARGE" });
    producer.sendScripted(["m3"]);
    lab.run(1000);
    expect(outcomes(lab).at(-1)).toEqual(["failed", "MESSAGE_TOO_LARGE"]);
    expect(producer.idle).toBe(true);
  });
});

describe("requests in flight", () => {
  it("are as many as allowed on one connection, and the rest waits", () => {
    const lab = new Lab({ brokers: 1, partitions: 1 });
    const producer = warm(lab, { "max.in.flight.requests.per.connection": 3, "batch.size": 200 });
    lab.produceDelay = seconds(1);
    for (let i = 0; i < 8; i++) producer.sendScripted([`m${i}`]);
    lab.run(900);
    expect(lab.produces).toHaveLength(3);
    lab.run(1500);
    expect(lab.produces).toHaveLength(6);
    lab.run(9000);
    expect(outcomes(lab).map(([, offset]) => offset)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("reorder a partition when an earlier one is retried, but not with only one in flight", () => {
    const orderWith = (maxInFlight: number): number[] => {
      const lab = new Lab();
      const producer = warm(lab, {
        "max.in.flight.requests.per.connection": maxInFlight,
        "batch.size": 200,
      });
      lab.onProduce = (_p, nth) => ({ error: nth === 0 ? "NOT_ENOUGH_REPLICAS" : "NONE" });
      for (let i = 0; i < 3; i++) producer.sendScripted([`m${i}`]);
      lab.run(9000);
      return lab.partitions[0]?.batches.map((b) => b.firstNumber) ?? [];
    };
    expect(orderWith(5)).toEqual([0, 2, 3, 1]);
    expect(orderWith(1)).toEqual([0, 1, 2, 3]);
  });

  it("hold a partition back when only one is allowed, even if its leader is another broker by now", () => {
    const lab = new Lab({ brokers: 2, partitions: 1 });
    const producer = warm(lab, {
      "max.in.flight.requests.per.connection": 1,
      "metadata.max.age.ms": 200,
    });
    lab.produceDelay = seconds(1);
    producer.sendScripted(["m0"]);
    lab.run(110);
    Object.assign(lab.partitions[0] ?? {}, { leader: 2, leaderEpoch: 1 });
    lab.run(700);
    producer.sendScripted(["m1"]);
    lab.run(1000);
    expect(lab.produces.map(({ broker }) => broker)).toEqual([1]);
    lab.run(1500);
    expect(lab.produces.map(({ broker }) => broker)).toEqual([1, 2]);
  });

  it("carry one batch of each partition of a node", () => {
    const lab = new Lab({ brokers: 1, partitions: 3 });
    const producer = warm(lab, { "batch.size": 200, "linger.ms": 20 });
    for (const p of [0, 0, 1, 2]) producer.sendScripted([`m${p}`], undefined, p);
    lab.run(2000);
    const sent = lab.produces.map(({ request }) =>
      request.batches.map(({ partition }) => partition.partition).sort(),
    );
    expect(sent).toEqual([[0, 1, 2], [0]]);
  });
});

describe("a request without an answer", () => {
  it("closes the connection after request.timeout.ms and is sent again", () => {
    const lab = new Lab();
    const producer = warm(lab, { "request.timeout.ms": 1000, "delivery.timeout.ms": 20_000 });
    lab.onProduce = (_p, nth) => (nth === 0 ? undefined : { error: "NONE" });
    producer.sendScripted(["m0"]);
    lab.run(1050);
    expect(lab.of("connection.closed")).toEqual([]);
    lab.run(5000);
    expect(lab.of("connection.closed")).toMatchObject([{ why: "request timed out" }]);
    expect(lab.of("producer.retried")).toMatchObject([{ error: "REQUEST_TIMED_OUT", attempt: 1 }]);
    expect(outcomes(lab)).toEqual([["acked", 1]]);
  });

  it("is given up as unknown after delivery.timeout.ms, in flight as it is", () => {
    const lab = new Lab();
    const producer = warm(lab, { "request.timeout.ms": 2000, "delivery.timeout.ms": 2000 });
    lab.onProduce = (_p, nth) => (nth === 0 ? { error: "NOT_ENOUGH_REPLICAS" } : undefined);
    producer.sendScripted(["m0"]);
    lab.run(2099);
    expect(lab.produces).toHaveLength(2);
    expect(outcomes(lab)).toEqual([]);
    lab.run(2101);
    expect(outcomes(lab)).toEqual([["unknown", "DELIVERY_TIMEOUT"]]);
    expect(producer.idle).toBe(true);
  });

  it("may still be answered late: that changes nothing, except that the partition is free again", () => {
    const lab = new Lab();
    const producer = warm(lab, {
      "request.timeout.ms": 1500,
      "delivery.timeout.ms": 1500,
      "max.in.flight.requests.per.connection": 1,
    });
    lab.produceDelay = 1_499_200;
    producer.sendScripted(["m0"]);
    lab.run(1599);
    lab.produceDelay = 0;
    lab.run(1700);
    producer.sendScripted(["m1"]);
    lab.run(4000);
    expect(lab.partitions[0]?.batches.map((b) => b.firstNumber)).toEqual([0, 1, 2]);
    expect(outcomes(lab).length).toBe(2);
  });
});

describe("records that were never sent", () => {
  it("fail certainly when delivery.timeout.ms is over", () => {
    const lab = new Lab();
    const producer = warm(lab, { "request.timeout.ms": 1000, "delivery.timeout.ms": 3000 });
    lab.hasLeaders = false;
    lab.brokers[0]?.crash("kill");
    lab.run(200);
    producer.sendScripted(["m0"]);
    lab.run(3100);
    expect(outcomes(lab)).toEqual([]);
    lab.run(3201);
    expect(outcomes(lab)).toEqual([["failed", "DELIVERY_TIMEOUT"]]);
  });

  it("fail with BUFFER_EXHAUSTED when memory does not come within max.block.ms", () => {
    const lab = new Lab();
    const settings = { "buffer.memory": 500, "batch.size": 200, "max.block.ms": 700 };
    const producer = warm(lab, settings);
    lab.onProduce = () => undefined;
    for (const name of ["m0", "m1", "m2"]) producer.sendScripted([name]);
    lab.run(600);
    expect(lab.of("op.invoked").map((e) => e.names)).toEqual([["m0"], ["m1"]]);
    expect(lab.of("producer.blocked")).toMatchObject([{ count: 1 }]);
    lab.run(801);
    expect(lab.of("op.invoked").map((e) => e.names)).toEqual([["m0"], ["m1"], ["m2"]]);
    expect(outcomes(lab)).toEqual([["failed", "BUFFER_EXHAUSTED"]]);
  });

  it("have max.block.ms for metadata and memory together", () => {
    const lab = new Lab();
    lab.topicExists = false;
    lab.onProduce = () => undefined;
    const settings = { "buffer.memory": 200, "batch.size": 200, "max.block.ms": 3000 };
    const producer = produce(lab, { ...settings, "request.timeout.ms": 20_000 });
    for (const name of ["m0", "m1"]) producer.sendScripted([name]);
    lab.run(2000);
    lab.topicExists = true;
    lab.run(2999);
    // The first is in the buffer, the second waits for memory with what is left of its time.
    expect(lab.of("op.invoked").map((e) => e.names)).toEqual([["m0"]]);
    expect(lab.of("producer.blocked").map((e) => e.why)).toEqual([
      "waits for metadata",
      "waits for buffer memory",
    ]);
    const [metadata] = lab.of("producer.unblocked");
    expect(metadata?.waitedUs).toBeGreaterThan(ms(2000));
    lab.run(3001);
    expect(outcomes(lab)).toEqual([["failed", "BUFFER_EXHAUSTED"]]);
    const waited = lab.of("producer.unblocked").reduce((sum, e) => sum + e.waitedUs, 0);
    expect(waited).toBe(ms(3000));
  });

  it("go on when memory comes back in time", () => {
    const lab = new Lab();
    const settings = { "buffer.memory": 500, "batch.size": 200, "max.block.ms": 5000 };
    const producer = warm(lab, settings);
    lab.produceDelay = seconds(1);
    for (const name of ["m0", "m1", "m2", "m3", "m4"]) producer.sendScripted([name]);
    lab.run(9000);
    expect(outcomes(lab).map(([kind]) => kind)).toEqual(Array(5).fill("acked"));
    expect(producer.idle).toBe(true);
  });

  it("fail when the topic does not appear within max.block.ms", () => {
    const lab = new Lab();
    lab.topicExists = false;
    const producer = produce(lab, { "max.block.ms": 2000 });
    producer.sendScripted(["m0"]);
    lab.run(1999);
    expect(outcomes(lab)).toEqual([]);
    lab.run(2001);
    expect(outcomes(lab)).toEqual([["failed", "REQUEST_TIMED_OUT"]]);
  });
});

describe("acks=0", () => {
  it("is done once the bytes are written, without an offset", () => {
    const lab = new Lab();
    const producer = warm(lab, { acks: "0" });
    producer.sendScripted(["m0"]);
    lab.run(100.4);
    expect(outcomes(lab)).toEqual([["acked", -1]]);
    lab.run(200);
    expect(lab.partitions[0]?.batches).toHaveLength(2);
  });
});

describe("a new leader", () => {
  it("is found by asking for metadata after the old one refused", () => {
    const lab = new Lab({ brokers: 2, partitions: 1 });
    const producer = warm(lab);
    const partition = lab.partitions[0];
    if (partition !== undefined) Object.assign(partition, { leader: 2, leaderEpoch: 1 });
    producer.sendScripted(["m0"]);
    lab.run(3000);
    expect(lab.produces.map(({ broker }) => broker)).toEqual([1, 2]);
    expect(outcomes(lab)).toEqual([["acked", 1]]);
  });

  it("named in the refusal is used without a pause (KIP-951), where the release knows it", () => {
    const secondTry = (hints: "on" | "off"): number => {
      const rules = { "producer.leader-hints": hints, "producer.backoff": "constant" } as const;
      const lab = new Lab({ brokers: 2, partitions: 2, rules });
      const producer = warm(lab, { "retry.backoff.ms": 500, "retry.backoff.max.ms": 500 });
      lab.onProduce = (p, _nth, broker) => {
        if (broker === 2) return { error: "NONE" };
        Object.assign(p, { leader: 2, leaderEpoch: 1 });
        return { error: "NOT_LEADER_OR_FOLLOWER", currentLeader: 2, currentLeaderEpoch: 1 };
      };
      producer.sendScripted(["m0"], undefined, 0);
      lab.run(3000);
      expect(lab.produces.map(({ broker }) => broker)).toEqual([1, 2]);
      return (lab.produces[1]?.at ?? 0) - (lab.produces[0]?.at ?? 0);
    };
    expect(secondTry("on")).toBeLessThan(3000);
    expect(secondTry("off")).toBeGreaterThan(500_000);
  });
});

describe("keys", () => {
  it("decide the partition, leaderless ones included", () => {
    const lab = new Lab({ brokers: 1, partitions: 4 });
    const producer = warm(lab);
    producer.sendScripted(["a"], "abc");
    producer.sendScripted(["b"], "21");
    lab.run(500);
    expect(lab.of("op.acked").map((e) => e.partition.partition)).toEqual(
      expect.arrayContaining([3, 0]),
    );
  });

  it("of a load keep every record's partition, and the ranges of a partition are contiguous", () => {
    const lab = new Lab({ brokers: 2, partitions: 4 });
    const load = {
      stages: [{ durationUs: seconds(1), fromPerSecond: 5000, toPerSecond: 5000 }],
      total: undefined,
    };
    const records = { sizeBytes: 100, keys: { kind: "sequential", cardinality: 100 } } as const;
    const producer = produce(lab, {}, { load, records });
    lab.run(3000);
    expect(producer.idle).toBe(true);
    const perPartition = lab.partitions.map(({ batches }) => {
      let next = 0;
      for (const batch of batches) {
        expect(batch.firstNumber).toBe(next);
        next += batch.count;
      }
      return next;
    });
    expect(perPartition.reduce((a, b) => a + b, 0)).toBe(5000);
    expect(perPartition.every((n) => n % 50 === 0)).toBe(true);
  });
});
