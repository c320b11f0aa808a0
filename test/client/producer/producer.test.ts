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

const constant = (perSecond: number) => ({
  stages: [{ durationUs: undefined, fromPerSecond: perSecond, toPerSecond: perSecond }],
  total: undefined,
});

describe("a producer", () => {
  it("sends a scripted record and learns its offset", () => {
    const lab = new Lab();
    const producer = produce(lab);
    producer.sendScripted(["m0", "m1"]);
    expect(producer.idle).toBe(false);
    lab.run(1000);
    expect(producer.idle).toBe(true);
    expect(lab.of("op.invoked").map((e) => e.names)).toEqual([["m0", "m1"]]);
    expect(lab.of("op.acked")).toMatchObject([{ firstNumber: 0, count: 2, baseOffset: 0 }]);
  });

  it("turns a load into exactly as many acknowledged records", () => {
    const lab = new Lab({ brokers: 3, partitions: 6 });
    const producer = produce(lab, {}, { load: constant(10_000) });
    lab.run(2000);
    producer.stopLoad();
    lab.run(3000);
    const acked = lab.of("op.acked").reduce((sum, e) => sum + e.count, 0);
    expect(acked).toBe(20_000);
    expect(producer.idle).toBe(true);
    const stored = lab.partitions.flatMap((p) => p.batches).reduce((sum, b) => sum + b.count, 0);
    expect(stored).toBe(20_000);
  });

  it("survives a crash with its numbering intact", () => {
    const lab = new Lab();
    produce(lab, {}, { load: constant(1000) });
    lab.run(500);
    lab.client.crash("kill");
    lab.run(1000);
    lab.client.boot();
    lab.run(2000);
    const numbers = lab.of("op.invoked").map((e) => [e.firstNumber, e.count] as const);
    let next = 0;
    for (const [first, count] of numbers) {
      expect(first).toBe(next);
      next = first + count;
    }
    expect(next).toBe(1500);
  });
});
void ms;
void seconds;
