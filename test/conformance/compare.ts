// The simulator's trace against what real brokers did in several runs. A trace is cut into units with a name: where all recorded runs
// agree on a unit the simulator must agree too; where they do not, it must be one of what real Kafka did, numbers within their range.
import type { BrokerStep, ComparableTrace, PartitionPoint, QuietPoint } from "./comparable.ts";

/** Units by name; values are JSON without times. */
export type Units = ReadonlyMap<string, unknown>;

export interface UnitResult {
  readonly unit: string;
  readonly verdict: "equal" | "within" | "different";
  /** One a recorded run; undefined where a run has no such unit. */
  readonly real: readonly unknown[];
  readonly simulated: unknown;
}

export function compareTraces(
  recorded: readonly ComparableTrace[],
  simulated: ComparableTrace,
  loosen: (unit: string, value: unknown) => unknown = (_, value) => value,
): UnitResult[] {
  const prepared = (trace: ComparableTrace): Units =>
    new Map([...unitsOf(trace)].map(([unit, value]) => [unit, loosen(unit, value)]));
  const real = recorded.map(prepared);
  const ours = prepared(simulated);
  const names = new Set([...real, ours].flatMap((units) => [...units.keys()]));
  return [...names].map((unit) => {
    const values = real.map((units) => units.get(unit));
    const value = ours.get(unit);
    return { unit, verdict: verdictOn(values, value), real: values, simulated: value };
  });
}

function verdictOn(real: readonly unknown[], simulated: unknown): UnitResult["verdict"] {
  const texts = new Set(real.map(textOf));
  if (texts.has(textOf(simulated))) return texts.size === 1 ? "equal" : "within";
  return texts.size > 1 && isWithin(real, simulated) ? "within" : "different";
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? "absent";

/** Same shape, and each number between the least and the greatest that real Kafka had in its place. */
function isWithin(real: readonly unknown[], simulated: unknown): boolean {
  if (typeof simulated === "number") {
    if (!real.every((value) => typeof value === "number")) return false;
    return Math.min(...real) <= simulated && simulated <= Math.max(...real);
  }
  if (Array.isArray(simulated)) {
    if (!real.every((value) => Array.isArray(value) && value.length === simulated.length))
      return false;
    const rows = real as readonly (readonly unknown[])[];
    return simulated.every((item, i) =>
      isWithin(
        rows.map((row) => row[i]),
        item,
      ),
    );
  }
  return real.some((value) => textOf(value) === textOf(simulated));
}

export function unitsOf(trace: ComparableTrace): Units {
  const units = new Map<string, unknown>();
  for (const [name, steps] of entries(trace.partitions))
    units.set(`partition ${name}`, steps.map(withoutTime));
  for (const [name, steps] of entries(trace.brokers)) units.set(`broker ${name}`, changesOf(steps));
  units.set(
    "controller epochs",
    trace.controllers.map((step) => step.epoch),
  );
  for (const [name, results] of entries(trace.producers)) {
    for (const { id, partition, offset, error } of results)
      units.set(`producer ${name} ${id}`, [partition, offset, error]);
  }
  for (const [name, consumer] of entries(trace.consumers)) {
    units.set(
      `consumer ${name} callbacks`,
      consumer.callbacks.map(({ callback, partitions }) => [callback, partitions]),
    );
    units.set(`consumer ${name} errors`, withoutRepetition(consumer.errors));
    for (const [partition, runs] of entries(consumer.polled))
      units.set(
        `consumer ${name} polled ${partition}`,
        runs.map(({ from, to, records }) => [from, to, records]),
      );
  }
  for (const [name, generations] of entries(trace.groups)) {
    // Generation 0 is no generation: the coordinator of 4.x stores a group when it hears of it first, before anybody has joined.
    const real = generations.filter(({ generation }) => generation > 0);
    units.set(`group ${name}`, real.map(withoutTime));
  }
  for (const [name, steps] of entries(trace.transactions))
    units.set(`transaction ${name}`, steps.map(withoutTime));
  for (const point of trace.points) addPoint(units, point);
  return units;
}

function addPoint(units: Map<string, unknown>, point: QuietPoint): void {
  const at = point.at === "end" ? "at the end" : `at ${point.at / 1000} s`;
  for (const [name, partition] of entries(point.partitions))
    addPartitionPoint(units, `${at} ${name}`, partition);
  for (const [name, group] of entries(point.groups)) {
    units.set(`${at} group ${name} state`, group.state);
    units.set(`${at} group ${name} members`, sorted(group.members));
    units.set(`${at} group ${name} committed`, sorted(group.committed));
  }
  for (const [name, positions] of entries(point.positions)) {
    // A consumer that has no partition or no position yet and one that does not run yet look the same.
    const known = sorted(positions).filter(([, position]) => Number(position) >= 0);
    if (known.length > 0) units.set(`${at} positions ${name}`, known);
  }
}

function addPartitionPoint(
  units: Map<string, unknown>,
  prefix: string,
  point: PartitionPoint,
): void {
  const { replicas, highWatermark, ...registration } = point;
  units.set(`${prefix} registration`, sorted(registration));
  units.set(`${prefix} high watermark`, highWatermark);
  for (const [broker, replica] of entries(replicas)) {
    units.set(`${prefix} ${broker} log`, [
      replica.logStartOffset,
      replica.logEndOffset,
      replica.epochs,
    ]);
    units.set(`${prefix} ${broker} records`, replica.records);
    units.set(`${prefix} ${broker} high watermark`, replica.highWatermark);
  }
}

/** Since 4.0 the controller writes a fencing again when the session of a broker that it has fenced ends: nothing changes by that. */
const changesOf = (steps: readonly BrokerStep[]): string[] =>
  withoutRepetition(steps.map(({ change }) => change));

/** A poll loop that goes on is told again and again. */
const withoutRepetition = (list: readonly string[]): string[] =>
  list.filter((item, i) => item !== list[i - 1]);

/** In the order of the names: which side wrote a map must not matter. */
function entries<T>(map: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

const sorted = (map: Readonly<Record<string, unknown>>): [string, unknown][] => entries(map);

function withoutTime(step: { readonly atMs: number }): [string, unknown][] {
  const { atMs: _, ...rest } = step;
  return sorted(
    Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [
        key,
        isMap(value) ? sorted(value as Record<string, unknown>) : value,
      ]),
    ),
  );
}

const isMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);
