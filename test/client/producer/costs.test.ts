import { describe, expect, it } from "vitest";
import {
  kafkaProducer,
  type ProducerProgram,
  type ProducerSpec,
} from "../../../src/client/producer/program.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab, producerConfig } from "../support.ts";

function produce(
  lab: Lab,
  costs: Partial<NonNullable<ProducerSpec["costs"]>>,
  spec: Partial<ProducerSpec> = {},
  settings: Settings = {},
): ProducerProgram {
  const producer = lab.start((host) =>
    kafkaProducer(host, lab.env, {
      name: "client",
      topic: "t",
      records: { sizeBytes: 100, keys: { kind: "none" } },
      load: undefined,
      startUs: 0,
      stopUs: undefined,
      config: producerConfig({ "linger.ms": 0, ...settings }),
      costs: { onSendUs: 0, serializersUs: 0, onAcknowledgementUs: 0, ...costs },
      ...spec,
    }),
  );
  lab.run(100);
  return producer;
}

const constant = (perSecond: number) => ({
  stages: [{ durationUs: undefined, fromPerSecond: perSecond, toPerSecond: perSecond }],
  total: undefined,
});
const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i}`);
const invoked = (lab: Lab): number => lab.of("op.invoked").reduce((sum, e) => sum + e.count, 0);

describe("Interceptors and serializers", () => {
  it("take their time before a record is in the accumulator, one record after the other", () => {
    const lab = new Lab();
    const producer = produce(lab, { onSendUs: 300, serializersUs: 700 });
    producer.sendScripted(names(3));
    expect(producer.idle).toBe(false);
    lab.run(200);
    const times = lab.of("op.invoked").map((e) => [e.at, e.count]);
    expect(times).toEqual([
      [ms(101), 1],
      [ms(102), 1],
      [ms(103), 1],
    ]);
    expect(producer.idle).toBe(true);
  });

  it("bound what an application can send", () => {
    const lab = new Lab();
    const producer = produce(
      lab,
      { onSendUs: 100, serializersUs: 100 },
      { load: constant(20_000) },
    );
    lab.run(1100);
    const before = invoked(lab);
    lab.run(2100);
    expect(invoked(lab) - before).toBeGreaterThan(4950);
    expect(invoked(lab) - before).toBeLessThanOrEqual(5000);
    // What the application never came to send does not count when it ends.
    producer.stopLoad();
    const sent = invoked(lab);
    lab.run(4000);
    expect(invoked(lab) - sent).toBeLessThanOrEqual(5);
    expect(producer.idle).toBe(true);
  });

  it("do nothing while send() blocks", () => {
    const lab = new Lab();
    produce(lab, { onSendUs: 100 }, { load: constant(1000) }, { "buffer.memory": 16_384 });
    lab.run(200);
    lab.onProduce = () => undefined;
    lab.run(1000);
    const blocked = lab.of("producer.blocked").length;
    const stuck = invoked(lab);
    lab.run(2000);
    expect(invoked(lab)).toBe(stuck);
    expect(lab.of("producer.blocked")).toHaveLength(blocked);
  });
});

describe("onAcknowledgement", () => {
  it("delays the outcome by its time for each record of the batch, and what the sender does next", () => {
    const lab = new Lab();
    const free = new Lab();
    for (const [each, us] of [
      [lab, 1000],
      [free, 0],
    ] as const) {
      const producer = produce(each, { onAcknowledgementUs: us });
      producer.sendScripted(names(20));
      each.run(105);
      producer.sendScripted(["late"]);
      each.run(1000);
    }
    const ackedAt = (of: Lab): number[] => of.of("op.acked").map((e) => e.at);
    const [first = 0, second = 0] = ackedAt(lab);
    const [freeFirst = 0, freeSecond = 0] = ackedAt(free);
    expect(first - freeFirst).toBe(ms(20));
    // Sent only when the callbacks of the first batch are through; its own takes another millisecond.
    expect(second - freeSecond).toBeGreaterThanOrEqual(ms(17));
  });

  it("keeps answers in their order", () => {
    const lab = new Lab();
    const producer = produce(lab, { onAcknowledgementUs: 500 });
    for (let i = 0; i < 40; i++) {
      producer.sendScripted(names((i % 7) + 1));
      lab.run(100 + i);
    }
    lab.run(3000);
    const numbers = lab.of("op.acked").map((e) => e.firstNumber);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(producer.idle).toBe(true);
  });
});
