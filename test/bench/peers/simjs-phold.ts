// PHOLD on simjs 2. Its main file is a browser bundle that hangs itself on `window`. Same work as kernel-work.ts.
// Usage: simjs-phold.ts <folder with node_modules> <table file> <events> <check at>

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { cpuMs } from "../cpu.ts";

interface Entity {
  time(): number;
  setTimer(delay: number): {
    done(callback: (slot: number) => void, context: unknown, argument: number): void;
  };
}
interface Simjs {
  Sim: new () => { addEntity(entity: unknown): Entity; simulate(until: number): void };
  Entity: new (...args: never[]) => Entity;
}

const [folder = ".", path = "", eventsText = "", checkText = ""] = process.argv.slice(2);
const host = globalThis as unknown as { window: { Sim?: Simjs } };
host.window = {};
const exported = createRequire(resolve(folder, "index.js"))("simjs");
const simjs = (host.window.Sim ?? exported) as Simjs;
const table = new Int32Array(new Uint8Array(readFileSync(path)).buffer);
const events = Number(eventsText);
const checkAt = Number(checkText);

let cursor = 0;
let lcg = 12345;
let checksum = 0;
let n = 0;
let now = 0;
let checkedAt = 0;
let checked = 0;
const STOP = "enough events";

class Phold extends simjs.Entity {
  readonly kinds = new Int32Array(4001);
  readonly targets = new Int32Array(4001);

  start(): void {
    for (let slot = 1; slot <= 4000; slot++) {
      this.targets[slot] = (slot - 1) >> 2;
      this.kinds[slot] = ((slot - 1) >> 2) & 15;
      this.setTimer(table[cursor++ & 65535] as number).done(this.fire, this, slot);
    }
  }

  fire(slot: number): void {
    checksum =
      (Math.imul(checksum, 31) + (this.targets[slot] as number) + (this.kinds[slot] as number)) >>>
      0;
    lcg = (Math.imul(lcg, 1664525) + 1013904223) >>> 0;
    const r = lcg >>> 16;
    this.kinds[slot] = r & 15;
    this.targets[slot] = r % 1000;
    this.setTimer(100_000 + (table[cursor++ & 65535] as number)).done(this.fire, this, slot);
    n++;
    if (n === checkAt) {
      checkedAt = this.time();
      checked = checksum;
    }
    if (n === events) {
      now = this.time();
      throw STOP;
    }
  }
}

const sim = new simjs.Sim();
sim.addEntity(Phold);
const started = cpuMs();
try {
  sim.simulate(Number.MAX_SAFE_INTEGER);
} catch (error) {
  if (error !== STOP) throw error;
}
const seconds = (cpuMs() - started) / 1000;
console.log(JSON.stringify({ events, seconds, now, checksum, checkedAt, checked, pending: 4000 }));
