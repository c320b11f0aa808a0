// The kernel against its goals G1 to G10: whole-kernel PHOLD, timer churn, growth, memory. Every sample is a process of its
// own, rounds are interleaved (A B C A B C) and a ratio is the median of the ratios within a round.
// Options: --json, --rounds N, --simjs FOLDER (a folder with simjs 2.0.3 in node_modules).

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rngFor } from "../../src/sim/rng.ts";

interface Sample {
  readonly events: number;
  readonly seconds: number;
  readonly checkedAt?: number;
  readonly checked?: number;
  readonly gcShare?: number;
  readonly hash?: string;
}

interface Goal {
  readonly id: string;
  readonly what: string;
  readonly floor: number;
  readonly target: number;
  /** Whether more is better. */
  readonly atLeast: boolean;
}

const GOALS: readonly Goal[] = [
  {
    id: "G1",
    what: "PHOLD, whole kernel, x std::priority_queue",
    floor: 0.5,
    target: 1,
    atLeast: true,
  },
  { id: "G2", what: "PHOLD, x SimPy 4.1.2 callbacks", floor: 10, target: 20, atLeast: true },
  { id: "G3", what: "PHOLD, x simjs 2.0.3", floor: 3, target: 6, atLeast: true },
  { id: "G4", what: "timer churn, x std::set", floor: 0.9, target: 1.8, atLeast: true },
  {
    id: "G5",
    what: "growth exponent, 100 to 100,000 pending",
    floor: 0.16,
    target: 0.08,
    atLeast: false,
  },
  {
    id: "G6a",
    what: "10 times the pending events, 1k to 10k, cost x",
    floor: 1.6,
    target: 1.5,
    atLeast: false,
  },
  {
    id: "G6b",
    what: "10 times the pending events, 10k to 100k, cost x",
    floor: 1.6,
    target: 1.5,
    atLeast: false,
  },
  { id: "G6c", what: "worst shape of delays, x the heap", floor: 0.8, target: 0.95, atLeast: true },
  {
    id: "G7",
    what: "bytes per pending event, 262,144 pending",
    floor: 48,
    target: 40,
    atLeast: false,
  },
  {
    id: "G8",
    what: "pending after 1.5M cancelled timers, x the live ones",
    floor: 2,
    target: 1,
    atLeast: false,
  },
  {
    id: "G9",
    what: "share of garbage collection in PHOLD",
    floor: 0.05,
    target: 0.03,
    atLeast: false,
  },
  {
    id: "G10",
    what: "PHOLD with the trace hash, cost x without",
    floor: 1.3,
    target: 1.2,
    atLeast: false,
  },
];

const CHECK_AT = 100_000;
/** Of the compiled files. */
const here = import.meta.dirname;
const PEERS = "test/bench/peers";

export async function bench(args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "faultline-bench-"));
  try {
    const run = new Run(folder, Number(option(args, "--rounds") ?? 5), option(args, "--simjs"));
    const measured = run.measure();
    if (args.includes("--json")) console.log(JSON.stringify(report(measured, run), null, 2));
    else print(measured, run);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Run {
  readonly missing: string[] = [];
  /** Nanoseconds per event by implementation, medians. */
  readonly ns: Record<string, number> = {};
  /** G6b of std::priority_queue in the same run. */
  nativeGrowth: number | undefined;
  /** By shape of delays, how many times faster than the heap. */
  readonly shapes: Record<string, number> = {};
  readonly #rounds: number;
  readonly #table: string;
  readonly #native: string | undefined;
  readonly #python: boolean;
  readonly #simjs: string | undefined;

  constructor(folder: string, rounds: number, simjs: string | undefined) {
    this.#rounds = rounds;
    this.#table = join(folder, "table.bin");
    writeTable(this.#table);
    this.#native = compileNative(folder);
    this.#python = succeeds("python3", ["-c", "import simpy"]);
    this.#simjs = findSimjs(simjs);
    if (this.#native === undefined) this.missing.push("g++");
    if (!this.#python) this.missing.push("simpy");
    if (this.#simjs === undefined) this.missing.push("simjs");
  }

  measure(): Map<string, number> {
    const measured = new Map<string, number>();
    this.#phold(measured);
    this.#churn(measured);
    this.#growth(measured);
    this.#shapes(measured);
    const memory = this.#kernel<{ rest: number; rungs: number }>("memory");
    measured.set("G7", memory.rungs);
    measured.set("G8", this.#kernel<{ ratio: number }>("cancelled").ratio);
    return measured;
  }

  #phold(measured: Map<string, number>): void {
    const peers: Record<string, () => Sample> = {};
    if (this.#native !== undefined) {
      peers.native = () => this.#sample(this.#native as string, ["phold", this.#table, "3000000"]);
    }
    peers.kernel = () => this.#kernel<Sample>("phold", "3000000", CHECK_AT, "on");
    peers.unhashed = () => this.#kernel<Sample>("phold", "3000000", CHECK_AT, "off");
    peers.heap = () => this.#kernel<Sample>("phold", "1500000", CHECK_AT, "on", "heap");
    if (this.#python) {
      const script = join(PEERS, "simpy_phold.py");
      peers.simpy = () => this.#sample("python3", [script, this.#table, "150000"]);
    }
    if (this.#simjs !== undefined) {
      const script = join(here, "peers/simjs-phold.js");
      const node = [script, this.#simjs, this.#table, "300000"];
      peers.simjs = () => this.#sample(process.execPath, node);
    }
    const samples = this.#interleave("phold", peers);
    const against = (peer: string): number =>
      samples[peer] === undefined ? NaN : median(ratios(samples[peer], samples.kernel ?? []));
    measured.set("G1", against("native"));
    measured.set("G2", against("simpy"));
    measured.set("G3", against("simjs"));
    measured.set("G9", median((samples.kernel ?? []).map((sample) => sample.gcShare ?? NaN)));
    measured.set("G10", median(ratios(samples.kernel ?? [], samples.unhashed ?? [])));
  }

  #churn(measured: Map<string, number>): void {
    const peers: Record<string, () => Sample> = {
      kernel: () => this.#kernel<Sample>("churn", "1500000", CHECK_AT),
    };
    if (this.#native !== undefined) {
      peers.native = () => this.#sample(this.#native as string, ["churn", this.#table, "1000000"]);
    }
    const { native, kernel } = this.#interleave("churn", peers);
    measured.set("G4", native === undefined ? NaN : median(ratios(native, kernel ?? [])));
  }

  #growth(measured: Map<string, number>): void {
    const sizes = ["100", "1000", "10000", "100000"];
    const peers: Record<string, () => Sample> = {};
    for (const size of sizes) peers[size] = () => this.#kernel<Sample>("hold", size, "1000000");
    const samples = this.#interleave("hold", peers);
    const [at100 = [], at1k = [], at10k = [], at100k = []] = sizes.map(
      (size) => samples[size] ?? [],
    );
    measured.set("G5", Math.log10(median(ratios(at100k, at100))) / 3);
    measured.set("G6a", median(ratios(at10k, at1k)));
    measured.set("G6b", median(ratios(at100k, at10k)));
    this.#nativeGrowth();
  }

  /** What ten times the memory costs differs between machines: the growth of std::priority_queue tells how much is the machine's. */
  #nativeGrowth(): void {
    if (this.#native === undefined) return;
    const native = this.#native;
    const hold = (pending: string) => () =>
      this.#sample(native, ["hold", this.#table, pending], "1000000");
    const { few = [], many = [] } = this.#interleave("native hold", {
      few: hold("10000"),
      many: hold("100000"),
    });
    this.nativeGrowth = median(ratios(many, few));
  }

  #shapes(measured: Map<string, number>): void {
    const rounds: Record<string, number[]> = {};
    for (let round = 0; round < Math.min(3, this.#rounds); round++) {
      const ladder = this.#kernel<{ ns: Record<string, number> }>("shapes", "ladder", 400_000).ns;
      const heap = this.#kernel<{ ns: Record<string, number> }>("shapes", "heap", 400_000).ns;
      for (const [shape, ns] of Object.entries(ladder)) {
        rounds[shape] ??= [];
        rounds[shape].push((heap[shape] ?? NaN) / ns);
      }
    }
    for (const [shape, values] of Object.entries(rounds)) this.shapes[shape] = median(values);
    measured.set("G6c", Math.min(...Object.values(this.shapes)));
  }

  /** Samples by peer; all must have come to the same time and checksum after the same number of events. */
  #interleave(what: string, peers: Record<string, () => Sample>): Record<string, Sample[]> {
    const samples: Record<string, Sample[]> = {};
    for (let round = 0; round < this.#rounds; round++) {
      for (const [peer, take] of Object.entries(peers)) {
        samples[peer] ??= [];
        samples[peer].push(take());
      }
    }
    const checks = new Set<string>();
    const hashes = new Set<string>();
    for (const [peer, taken] of Object.entries(samples)) {
      this.ns[`${what} ${peer}`] = median(taken.map(nsPerEvent));
      for (const { checkedAt, checked } of taken) checks.add(`${checkedAt} ${checked}`);
      if (peer === "kernel") for (const { hash } of taken) hashes.add(`${hash}`);
    }
    if (checks.size > 1) throw new Error(`${what}: not the same work: ${[...checks].join(", ")}`);
    if (hashes.size > 1) throw new Error(`${what}: not one trace hash: ${[...hashes].join(", ")}`);
    return samples;
  }

  #sample(command: string, args: readonly string[], last = String(CHECK_AT)): Sample {
    return JSON.parse(execFileSync(command, [...args, last], { encoding: "utf8" }));
  }

  #kernel<T>(workload: string, ...args: (string | number)[]): T {
    const script = ["--expose-gc", join(here, "kernel-work.js")];
    const all = [...script, workload, this.#table, ...args.map(String)];
    return JSON.parse(execFileSync(process.execPath, all, { encoding: "utf8" })) as T;
  }
}

function report(measured: Map<string, number>, run: Run): unknown {
  const goals = GOALS.map((goal) => ({
    ...goal,
    measured: measured.get(goal.id) ?? null,
    verdict: verdict(goal, measured.get(goal.id) ?? NaN),
  }));
  return {
    goals,
    nativeGrowth: run.nativeGrowth ?? null,
    nsPerEvent: run.ns,
    shapesAgainstHeap: run.shapes,
    missingPeers: run.missing,
  };
}

function print(measured: Map<string, number>, run: Run): void {
  for (const goal of GOALS) {
    const value = measured.get(goal.id) ?? NaN;
    const sign = goal.atLeast ? ">=" : "<=";
    console.log(
      `${goal.id.padEnd(4)} ${goal.what.padEnd(54)} ${value.toFixed(3).padStart(8)}  ` +
        `floor ${sign} ${goal.floor}, target ${sign} ${goal.target}: ${verdict(goal, value)}`,
    );
  }
  for (const [name, ns] of Object.entries(run.ns))
    console.log(`${name.padEnd(20)} ${ns.toFixed(0)} ns`);
  for (const [shape, x] of Object.entries(run.shapes))
    console.log(`${shape.padEnd(20)} ${x.toFixed(2)} x heap`);
  if (run.nativeGrowth !== undefined)
    console.log(`G6b of std::priority_queue in this run: ${run.nativeGrowth.toFixed(2)}`);
  if (run.missing.length > 0) console.log(`peers not here: ${run.missing.join(", ")}`);
}

function verdict(goal: Goal, value: number): string {
  if (Number.isNaN(value)) return "not measured";
  const reaches = (limit: number): boolean => (goal.atLeast ? value >= limit : value <= limit);
  if (reaches(goal.target)) return "target";
  return reaches(goal.floor) ? "floor" : "missed";
}

const nsPerEvent = (sample: Sample): number => (sample.seconds * 1e9) / sample.events;

/** Round by round, the cost of one over the cost of the other. */
function ratios(over: readonly Sample[], under: readonly Sample[]): number[] {
  return over.map((sample, round) => nsPerEvent(sample) / nsPerEvent(under[round] as Sample));
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[values.length >> 1] ?? NaN;
}

/** 65,536 exponential delays with a mean of 1 ms in nanoseconds: the same increments for every implementation. */
function writeTable(path: string): void {
  const rng = rngFor("bench/table");
  const delay = (): number => Math.round(rng.sample({ kind: "exponential", mean: 1_000_000 }));
  writeFileSync(path, new Uint8Array(Int32Array.from({ length: 65_536 }, delay).buffer));
}

function compileNative(folder: string): string | undefined {
  const binary = join(folder, "native");
  const compiled = succeeds("g++", ["-O2", "-o", binary, join(PEERS, "native.cpp")]);
  return compiled ? binary : undefined;
}

function findSimjs(folder: string | undefined): string | undefined {
  const from = resolve(folder ?? process.env.SIMJS ?? PEERS);
  try {
    createRequire(join(from, "index.js")).resolve("simjs");
    return from;
  } catch {
    return undefined;
  }
}

function succeeds(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function option(args: readonly string[], name: string): string | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
}
