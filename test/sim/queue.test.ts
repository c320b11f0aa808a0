// Both queues against a sorted reference and against each other, over delays of every shape.

import seedrandom from "seedrandom";
import { describe, expect, it } from "vitest";
import { Kernel } from "../../src/sim/kernel.ts";
import { type EventQueue, QUEUES, type QueueName } from "../../src/sim/queue.ts";

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 2);
const names = Object.keys(QUEUES) as QueueName[];

type Random = () => number;
const exponential = (random: Random, mean: number): number =>
  Math.round(-mean * Math.log(1 - random()));

/** Delay by mode; every mode of the real model and every shape that has hurt some queue. */
const DELAYS: Record<string, (random: Random, now: number) => number> = {
  exponential: (random) => exponential(random, 1000),
  "kafka-like, 5 us to 30 s": (random) => {
    const x = random();
    if (x < 0.5) return 5 + Math.floor(random() * 200);
    if (x < 0.8) return 500 + Math.floor(random() * 100);
    if (x < 0.9) return 500_000;
    return x < 0.95 ? 3_000_000 : 30_000_000;
  },
  ties: () => 1000,
  "half zero": (random) => (random() < 0.5 ? 0 : exponential(random, 1000)),
  "all zero, with steps": (random) => (random() < 0.999 ? 0 : 1),
  bursts: (random, now) => (Math.floor(now / 10_000) + 1) * 10_000 - now + (random() < 0.1 ? 1 : 0),
  grid: (random) => 5000 * Math.floor(random() * 20),
  skew: (random) => (random() < 0.9 ? 1 : 1_000_000),
  "log-uniform": (random) => Math.floor(Math.exp(random() * 23)),
  "as far as time goes": (random) => Math.floor(random() * 2 ** Math.floor(random() * 38)),
  "near the end of a crowd": (random) =>
    random() < 0.5 ? 100_000 : Math.floor(random() * 100_000),
};

function push(queue: EventQueue, slot: number, at: number): void {
  queue.at[slot] = at;
  queue.push(slot);
}

/** A plain sorted list: obviously right and slow. */
class Reference {
  readonly entries: { at: number; slot: number }[] = [];

  push(slot: number, at: number): void {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.at as number) <= at) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, { at, slot });
  }

  remove(slot: number): void {
    this.entries.splice(
      this.entries.findIndex((entry) => entry.slot === slot),
      1,
    );
  }
}

/** Pushes, cancels and pops at random; throws at the first difference. Returns the number of pops. */
function fuzz(queue: EventQueue, seed: string, delay: (random: Random, now: number) => number) {
  const random = seedrandom.alea(seed);
  const reference = new Reference();
  const target = [0, 3, 60, 300, 3000][Math.floor(random() * 5)] as number;
  const cancels = random() < 0.5 ? 0 : random() * 0.5;
  const free: number[] = [];
  let capacity = 0;
  let now = 0;
  let pops = 0;
  const push = (): void => {
    if (free.length === 0) {
      const larger = Math.max(16, capacity * 2);
      queue.reserve(larger);
      for (let slot = larger - 1; slot >= capacity; slot--) free.push(slot);
      capacity = larger;
    }
    const slot = free.pop() as number;
    const at = now + delay(random, now);
    queue.at[slot] = at;
    queue.push(slot);
    reference.push(slot, at);
  };
  const popUntil = (until: number): boolean => {
    const first = reference.entries[0];
    const slot = queue.popUntil(until);
    if (first === undefined || first.at > until) {
      expect(slot).toBe(-1);
      return false;
    }
    if (slot !== first.slot || queue.at[slot] !== first.at) {
      expect({ pops, slot, at: queue.at[slot] }).toEqual({ pops, ...first });
    }
    reference.entries.shift();
    free.push(slot);
    now = first.at;
    pops++;
    return true;
  };
  for (let i = 0; i < target; i++) push();
  for (let i = 0; i < 3000; i++) {
    const inserts = reference.entries.length <= target ? 2 : 1;
    for (let k = 0; k < inserts; k++) push();
    if (random() < cancels && reference.entries.length > 0) {
      const victim = reference.entries[Math.floor(random() * reference.entries.length)];
      queue.remove(victim?.slot as number);
      reference.remove(victim?.slot as number);
      free.push(victim?.slot as number);
    }
    if (random() < 0.1) {
      // A run() that ends between two events: what is pushed next may come before what the queue looked at.
      const until = now + delay(random, now);
      while (popUntil(until));
      now = Math.max(now, until);
    } else if (random() < 0.9) {
      popUntil(Infinity);
    }
    expect(queue.size === reference.entries.length).toBe(true);
  }
  while (popUntil(Infinity));
  expect(queue.size).toBe(0);
  return pops;
}

describe.each(names)("the %s queue", (name) => {
  it.each(Object.keys(DELAYS))("pops in (time, insertion) order: %s", (mode) => {
    let pops = 0;
    for (let round = 0; round < ROUNDS; round++) {
      pops += fuzz(QUEUES[name](), `${mode}/${round}`, DELAYS[mode] as never);
    }
    expect(pops).toBeGreaterThan(2000 * ROUNDS);
  });

  it("keeps 200,000 events of one instant in order", () => {
    const queue = QUEUES[name]();
    queue.reserve(262_144);
    for (let slot = 0; slot < 200_000; slot++) push(queue, slot, 7);
    push(queue, 200_000, 6);
    expect(queue.popUntil(7)).toBe(200_000);
    for (let slot = 0; slot < 200_000; slot++) {
      if (queue.popUntil(7) !== slot) expect.fail(`slot ${slot}`);
    }
    expect(queue.popUntil(Infinity)).toBe(-1);
  });

  it("changes nothing when the earliest event is after the limit", () => {
    const queue = QUEUES[name]();
    queue.reserve(4);
    push(queue, 0, 100);
    expect(queue.popUntil(99)).toBe(-1);
    push(queue, 1, 50);
    expect(queue.size).toBe(2);
    expect([queue.popUntil(100), queue.popUntil(100)]).toEqual([1, 0]);
  });
});

/** A small world: jobs that beget jobs and timeouts that are mostly cancelled. */
function traceHash(queue: QueueName, mode: string): string {
  const kernel = new Kernel({ seed: mode, queue });
  const random = seedrandom.alea(mode);
  const delay = DELAYS[mode] as (random: Random, now: number) => number;
  const timeouts: number[] = [];
  const timeout = kernel.define("timeout", () => {});
  const job = kernel.define("job", (id, spawned) => {
    if (kernel.events > 20_000) return;
    kernel.schedule(kernel.now + delay(random, kernel.now), job, id, spawned + 1);
    timeouts.push(kernel.schedule(kernel.now + 30_000, timeout, id, 0));
    if (random() < 0.9) kernel.cancel(timeouts[Math.floor(random() * timeouts.length)] as number);
  });
  for (let id = 0; id < 200; id++) kernel.schedule(id % 7, job, id, 0);
  for (let until = 0; kernel.events < 20_000; until += 777) kernel.run(until);
  return kernel.hash.digest();
}

describe("the two queues", () => {
  it.each(
    Object.keys(DELAYS).filter((mode) => mode !== "as far as time goes" && mode !== "log-uniform"),
  )("give the same trace hash: %s", (mode) => {
    const hash = traceHash("ladder", mode);
    expect(traceHash("heap", mode)).toBe(hash);
    expect(traceHash("heap", "exponential") === hash).toBe(mode === "exponential");
  });
});
