// Two runs compared: where they part, and what differs in the end - checks, records, outcomes of single records, metrics.
import { IntervalSet } from "../check/interval-set.ts";
import { lossesOf } from "../check/losses.ts";
import type { StreamTruth } from "../check/stream-truth.ts";
import type {
  Comparison,
  Differing,
  OutcomeDifference,
  RunIdentity,
} from "../explain/comparison.ts";
import type { RunResult } from "../runner/result.ts";
import { ScenarioRun } from "../runner/run.ts";
import type { Scenario } from "../scenario/model.ts";
import { Lockstep } from "./lockstep.ts";
import type { Tasks } from "./task.ts";

const newRun = (scenario: Scenario): ScenarioRun => new ScenarioRun(scenario, { replay: () => "" });

export function* compareRuns(first: Scenario, second: Scenario): Tasks<Comparison> {
  const [a, b] = [newRun(first), newRun(second)];
  const both = new Lockstep(a, b);
  yield { label: "side by side", steps: both };
  const [ra, rb] = [a.finish().result, b.finish().result];
  return {
    apiVersion: "faultline.diff/v1",
    a: identity(ra),
    b: identity(rb),
    divergence: both.divergence ?? null,
    checks: checksOf(ra, rb),
    records: countsOf(ra, rb),
    outcomes: outcomesOf(a, b),
    metrics: metricsOf(ra, rb),
  };
}

const identity = (r: RunResult): RunIdentity => ({
  scenario: r.scenario,
  variant: r.variant,
  seed: r.seed,
  outcome: r.outcome,
  traceHash: r.traceHash,
  events: r.events,
  virtualTimeMs: r.virtualTimeMs,
});

function checksOf(a: RunResult, b: RunResult): Comparison["checks"] {
  const others = new Map(b.checks.map((check) => [check.name, check]));
  return a.checks.flatMap(({ name, status, count }) => {
    const other = others.get(name);
    if (other === undefined || (other.status === status && other.count === count)) return [];
    return [{ name, a: { status, count }, b: { status: other.status, count: other.count } }];
  });
}

function countsOf(a: RunResult, b: RunResult): Differing[] {
  const fields = Object.keys(a.records) as (keyof RunResult["records"])[];
  return fields
    .filter((field) => a.records[field] !== b.records[field])
    .map((name) => ({ name, a: a.records[name], b: b.records[name] }));
}

/** Distributions by their percentiles; what only one of the runs has counts as absent in the other. */
function metricsOf(a: RunResult, b: RunResult): Differing[] {
  const [fa, fb] = [flat(a.metrics), flat(b.metrics)];
  const names = [...new Set([...fa.keys(), ...fb.keys()])];
  return names
    .map((name) => ({ name, a: fa.get(name) ?? null, b: fb.get(name) ?? null }))
    .filter((metric) => metric.a !== metric.b);
}

function flat(metrics: RunResult["metrics"]): Map<string, number> {
  const values = new Map<string, number>();
  for (const [name, value] of Object.entries(metrics)) {
    if (typeof value === "number") values.set(name, value);
    else for (const [part, n] of Object.entries(value)) values.set(`${name} ${part}`, n);
  }
  return values;
}

type Outcome = OutcomeDifference["outcome"];

/** Streams have the same name in both runs when the same producer wrote to the same partition for the nth time. */
function outcomesOf(a: ScenarioRun, b: ScenarioRun): OutcomeDifference[] {
  const [sa, sb] = [streamsOf(a), streamsOf(b)];
  const differences: OutcomeDifference[] = [];
  for (const [name, one] of sa) {
    const other = sb.get(name);
    if (other === undefined) continue;
    for (const outcome of ["acked", "failed", "unknown", "delivered", "lost"] as const) {
      const onlyA = without(one[outcome], other[outcome]);
      const onlyB = without(other[outcome], one[outcome]);
      if (onlyA.size + onlyB.size === 0) continue;
      const label = (set: IntervalSet, stream: StreamTruth): string | null =>
        set.size === 0 ? null : stream.nameOf(set.at(0).from);
      differences.push({
        stream: name,
        outcome,
        onlyA: { count: onlyA.size, first: label(onlyA, one.stream) },
        onlyB: { count: onlyB.size, first: label(onlyB, other.stream) },
      });
    }
  }
  return differences;
}

type Outcomes = Readonly<Record<Outcome, IntervalSet>> & { readonly stream: StreamTruth };

function streamsOf(run: ScenarioRun): ReadonlyMap<string, Outcomes> {
  const { truth, view } = run.sources;
  const lost = new Map<number, IntervalSet>();
  for (const { stream, first, count } of lossesOf(view, truth)) {
    const set = lost.get(stream.stream) ?? new IntervalSet();
    lost.set(stream.stream, set);
    set.add(first, first + count);
  }
  const streams = new Map<string, Outcomes>();
  for (const stream of truth.streams()) {
    const producer = view.producers.get(stream.stream)?.producer ?? "";
    const base = `${producer} on ${stream.partition.name}`;
    let name = base;
    for (let n = 2; streams.has(name); n++) name = `${base} (${n})`;
    const { acked, failed, unknown, delivered } = stream;
    streams.set(name, {
      stream,
      acked,
      failed,
      unknown,
      delivered,
      lost: lost.get(stream.stream) ?? new IntervalSet(),
    });
  }
  return streams;
}

function without(set: IntervalSet, other: IntervalSet): IntervalSet {
  const rest = new IntervalSet();
  for (let i = 0; i < set.ranges; i++) {
    const { from, to } = set.at(i);
    for (const gap of other.missing(from, to)) rest.add(gap.from, gap.to);
  }
  return rest;
}
