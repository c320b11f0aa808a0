// One sample of one workload on our kernel, in a process of its own. Prints one JSON line.
// Usage: kernel-work.ts <workload> <table file> <argument ...>

import { readFileSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { Kernel } from "../../src/sim/kernel.ts";
import { QUEUES, type QueueName } from "../../src/sim/queue.ts";
import { cpuMs } from "./cpu.ts";

const [workload = "", path = "", ...args] = process.argv.slice(2);
const table = new Int32Array(new Uint8Array(readFileSync(path)).buffer);

let cursor = 0;
let lcg = 12345;
let checksum = 0;
const draw = (): number => table[cursor++ & 65535] as number;
const choose = (): number => {
  lcg = (Math.imul(lcg, 1664525) + 1013904223) | 0;
  return lcg >>> 16;
};
const check = (value: number): void => {
  checksum = (Math.imul(checksum, 31) + value) | 0;
};

/** 1,000 logical processes with 4 events each, 16 kinds of event, lookahead 0.1 ms + exp(1 ms), in nanoseconds. */
async function phold(events: number, checkAt: number, hash: boolean, queue: QueueName) {
  const kernel = new Kernel({ seed: "phold", hash, queue });
  for (let kind = 1; kind <= 16; kind++) {
    const own = kind - 1;
    kernel.define(`kind ${own}`, (lp, b) => {
      check(lp + own);
      const r = choose();
      kernel.schedule(kernel.now + 100_000 + draw(), 1 + (r & 15), r % 1000, b);
    });
  }
  for (let i = 0; i < 4000; i++) kernel.schedule(draw(), 1 + ((i >> 2) & 15), i >> 2, i & 3);
  while (kernel.events < checkAt) kernel.step();
  const checkedAt = kernel.now;
  const checked = checksum >>> 0;
  kernel.run(kernel.now + 100_000_000); // the compiler warms up
  let gcMs = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gcMs += entry.duration;
  });
  observer.observe({ entryTypes: ["gc"] });
  const from = kernel.events;
  const started = cpuMs();
  const wallStarted = performance.now();
  while (kernel.events < from + events) kernel.run(kernel.now + 10_000_000);
  const seconds = (cpuMs() - started) / 1000;
  const wallMs = performance.now() - wallStarted; // as the durations of collections are
  await new Promise((resolve) => setTimeout(resolve, 5));
  const gcShare = gcMs / wallMs;
  const ran = kernel.events - from;
  return { events: ran, seconds, checkedAt, checked, gcShare, hash: kernel.hash.digest() };
}

/** 1,000 requests in flight, answered after exp(1 ms), each with a timeout of 100 ms; 90 % of the timeouts are cancelled. */
function churn(requests: number, checkAt: number) {
  const kernel = new Kernel({ seed: "churn" });
  const timeouts: number[] = new Array<number>(1000).fill(0);
  let done = 0;
  let checkedAt = 0;
  let checked = 0;
  const response = kernel.define("response", (id) => {
    check(id);
    done++;
    if (choose() % 10 !== 0) kernel.cancel(timeouts[id] as number);
    start(id);
    if (done === checkAt) {
      checkedAt = kernel.now;
      checked = checksum >>> 0;
    }
  });
  const timeout = kernel.define("timeout", (id) => check(id + 1));
  const start = (id: number): void => {
    timeouts[id] = kernel.schedule(kernel.now + 100_000_000, timeout, id, 0);
    kernel.schedule(kernel.now + draw(), response, id, 0);
  };
  for (let id = 0; id < 1000; id++) start(id);
  while (done < 300_000) kernel.run(kernel.now + 1_000_000);
  const from = done;
  const started = cpuMs();
  while (done < from + requests) kernel.run(kernel.now + 1_000_000);
  const seconds = (cpuMs() - started) / 1000;
  return { events: done - from, seconds, checkedAt, checked, pending: kernel.pending };
}

/** Every event schedules itself again: the pending number stays. Whole kernel, hash on. */
function hold(pending: number, events: number) {
  const kernel = new Kernel({ seed: "hold" });
  const kind = kernel.define("hold", (id, b) => {
    kernel.schedule(kernel.now + 1 + draw(), kind, id, b);
  });
  for (let id = 0; id < pending; id++) kernel.schedule(draw(), kind, id, 0);
  while (kernel.events < 2 * pending + 200_000) kernel.run(kernel.now + 10_000);
  const from = kernel.events;
  const started = cpuMs();
  while (kernel.events < from + events) kernel.run(kernel.now + 100_000);
  return { events: kernel.events - from, seconds: (cpuMs() - started) / 1000 };
}

const kafkaDelay = (): number => {
  const r = choose() % 100;
  if (r < 50) return 5000 + (draw() >> 3);
  if (r < 80) return 500_000 + (draw() >> 2);
  if (r < 90) return 500_000_000;
  return r < 95 ? 3_000_000_000 : 30_000_000_000;
};
const logUniform = Float64Array.from({ length: 1024 }, (_, i) => Math.floor(10 ** (i / 102.4)));
const SHAPES: Record<string, { pending: number; delay: () => number }> = {
  exponential: { pending: 4000, delay: () => 100_000 + draw() },
  "kafka mix 1k": { pending: 1000, delay: kafkaDelay },
  "kafka mix 100k": { pending: 100_000, delay: kafkaDelay },
  "half zero": { pending: 10_000, delay: () => (choose() & 1 ? 0 : draw()) },
  "all equal": { pending: 10_000, delay: () => 1_000_000 },
  "log-uniform": { pending: 10_000, delay: () => logUniform[choose() & 1023] as number },
  skew: { pending: 10_000, delay: () => (choose() % 10 === 0 ? 1_000_000_000 : 1) },
  "5 ms grid": { pending: 10_000, delay: () => 5_000_000 * (1 + (choose() % 20)) },
};

/** The bare queue under each shape of delay. */
function shapes(queueName: QueueName, events: number) {
  const ns: Record<string, number> = {};
  for (const [name, { pending, delay }] of Object.entries(SHAPES)) {
    const queue = QUEUES[queueName]();
    queue.reserve(131_072);
    const push = (slot: number, at: number): void => {
      queue.at[slot] = at;
      queue.push(slot);
    };
    for (let slot = 0; slot < pending; slot++) push(slot, delay());
    const turn = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const slot = queue.popUntil(Infinity);
        push(slot, (queue.at[slot] as number) + delay());
      }
    };
    turn(Math.max(100_000, 2 * pending));
    const started = cpuMs();
    turn(events);
    ns[name] = ((cpuMs() - started) * 1e6) / events;
  }
  return { ns };
}

/** Bytes per pending event, at rest and after the ladder has built rungs. */
function memory() {
  const collect = (globalThis as unknown as { gc: () => void }).gc;
  const used = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const warm = new Kernel({ seed: "warm" });
  warm.schedule(
    1,
    warm.define("warm", () => {}),
    0,
    0,
  );
  warm.run(2);
  const before = used();
  const kernel = new Kernel({ seed: "memory" });
  const kind = kernel.define("hold", (id, b) => {
    kernel.schedule(kernel.now + 1 + draw(), kind, id, b);
  });
  const pending = 262_144;
  for (let id = 0; id < pending; id++) kernel.schedule(draw(), kind, id, 0);
  const rest = (used() - before) / pending;
  while (kernel.events < 3 * pending) kernel.step();
  return { rest, rungs: (used() - before) / pending, pending: kernel.pending };
}

/** 1.5 million timers of 30 s, all cancelled: what is still pending, over what is alive. */
function cancelled() {
  const kernel = new Kernel({ seed: "cancelled" });
  const kind = kernel.define("timer", () => {});
  for (let id = 0; id < 1000; id++) kernel.schedule(60_000_000, kind, id, 0);
  for (let i = 0; i < 1_500_000; i++) {
    const handle = kernel.schedule(kernel.now + 30_000_000, kind, i, 0);
    if (i % 1000 === 0) kernel.run(kernel.now + 1);
    kernel.cancel(handle);
  }
  return { ratio: kernel.pending / 1000 };
}

const number = (i: number): number => Number(args[i]);
const WORKLOADS: Record<string, () => unknown> = {
  phold: () => phold(number(0), number(1), args[2] !== "off", (args[3] ?? "ladder") as QueueName),
  churn: () => churn(number(0), number(1)),
  hold: () => hold(number(0), number(1)),
  shapes: () => shapes(args[0] as QueueName, number(1)),
  memory,
  cancelled,
};
console.log(JSON.stringify(await WORKLOADS[workload]?.()));
