// How long things took, measured on both sides from what caused them, and the range that the configuration gives for it.
import type { ConsumerSpec, FaultSpec, Scenario } from "../../src/scenario/model.ts";
import type { ComparableTrace, PartitionStep } from "./comparable.ts";

export interface Timed {
  readonly what: string;
  readonly tookMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** The settings that the range comes from. */
  readonly why: string;
}

/** What a busy machine may add to any of these; on the simulated side it is room for the last heartbeat's place. */
const SLACK_MS = 1_500;

export function timesOf(scenario: Scenario, trace: ComparableTrace): Timed[] {
  return [
    ...fencings(scenario, trace),
    ...elections(trace),
    ...shrinks(scenario, trace),
    ...deliveries(scenario, trace),
    ...generations(scenario, trace),
  ];
}

/** A setting of brokers in milliseconds; the scenarios of this folder write those that count. */
const setting = ({ cluster }: Scenario, name: string, otherwise: number): number =>
  Number(cluster.config[name] ?? otherwise);

const beginOf = ({ trigger }: FaultSpec): number =>
  trigger.kind === "at" ? trigger.atUs / 1000 : Number.NaN;

const lastOf = (faults: readonly FaultSpec[], atMs: number): FaultSpec | undefined =>
  faults
    .filter((fault) => beginOf(fault) <= atMs)
    .sort((a, b) => beginOf(a) - beginOf(b))
    .at(-1);

/** From a kill, a wipe or a pause of a broker to its fencing; a new controller gives everybody a new session. */
function* fencings(scenario: Scenario, trace: ComparableTrace): Iterable<Timed> {
  const session = setting(scenario, "broker.session.timeout.ms", 9_000);
  const heartbeat = setting(scenario, "broker.heartbeat.interval.ms", 2_000);
  const silent = scenario.faults.filter(
    ({ kind, action }) =>
      kind === "HostChaos" || (kind === "ProcessChaos" && ["kill", "pause"].includes(action)),
  );
  for (const [broker, steps] of Object.entries(trace.brokers)) {
    for (const { change, atMs } of steps) {
      const cause = lastOf(
        silent.filter((fault) => mayConcern(fault, broker)),
        atMs,
      );
      if (change !== "fenced" || cause === undefined) continue;
      if (isBackBefore(cause, atMs)) continue;
      const begin = beginOf(cause);
      const taken = trace.controllers.filter((c) => c.atMs > begin && c.atMs < atMs).at(-1);
      const since = taken?.atMs ?? begin;
      yield {
        what: `${broker} fenced after ${taken === undefined ? cause.id : "a controller took over"}`,
        tookMs: atMs - since,
        fromMs: session - (taken === undefined ? heartbeat : 500),
        toMs: session + SLACK_MS,
        why: "broker.session.timeout.ms, less broker.heartbeat.interval.ms",
      };
    }
  }
}

/** A fencing that came with the broker's own return says nothing about sessions. */
const isBackBefore = ({ durationUs, ...fault }: FaultSpec, atMs: number): boolean =>
  durationUs !== undefined && beginOf(fault as FaultSpec) + durationUs / 1000 <= atMs;

function mayConcern(fault: FaultSpec, broker: string): boolean {
  if (!("selector" in fault) || fault.selector === undefined) return false;
  if (fault.selector.kind === "names") return fault.selector.names.includes(broker);
  return fault.selector.kind !== "activeController";
}

/** A leader is replaced in the same decision that fences it. */
function* elections({ partitions, brokers }: ComparableTrace): Iterable<Timed> {
  for (const [name, steps] of Object.entries(partitions)) {
    for (const [before, step] of pairs(steps)) {
      const fenced = (brokers[`broker-${before.leader}`] ?? []).filter(
        // In a controlled shutdown leadership moves first.
        ({ change, atMs }) => change === "fenced" && within(step.atMs - atMs, 0, SLACK_MS),
      )[0];
      if (step.leader === before.leader || fenced === undefined) continue;
      yield {
        what: `${name} left broker-${before.leader} in epoch ${step.leaderEpoch}, after its fencing`,
        tookMs: step.atMs - fenced.atMs,
        fromMs: 0,
        toMs: 100,
        why: "one batch of the metadata log",
      };
    }
  }
}

const within = (value: number, from: number, to: number): boolean => from <= value && value <= to;

function* pairs<T>(list: readonly T[]): Iterable<[T, T]> {
  for (const [i, item] of list.entries()) if (i > 0) yield [list[i - 1] as T, item];
}

/** A follower that stands still and is not fenced leaves the ISR by its leader's proposal. */
function* shrinks(scenario: Scenario, trace: ComparableTrace): Iterable<Timed> {
  const lag = setting(scenario, "replica.lag.time.max.ms", 30_000);
  const pauses = scenario.faults.filter(
    ({ kind, action }) => kind === "ProcessChaos" && action === "pause",
  );
  for (const [name, steps] of Object.entries(trace.partitions)) {
    for (const [before, step] of pairs(steps)) {
      for (const id of before.isr) {
        const broker = `broker-${id}`;
        const cause = lastOf(
          pauses.filter((fault) => mayConcern(fault, broker)),
          step.atMs,
        );
        if (step.isr.includes(id) || cause === undefined) continue;
        if (isGone(trace, broker, step)) continue;
        yield {
          what: `${name} lost broker-${id} after ${cause.id}`,
          tookMs: step.atMs - beginOf(cause),
          fromMs: lag - 500,
          toMs: 1.5 * lag + SLACK_MS,
          why: "replica.lag.time.max.ms, looked at twice in that time; less replica.fetch.wait.max.ms",
        };
      }
    }
  }
}

const isGone = ({ brokers }: ComparableTrace, broker: string, step: PartitionStep): boolean =>
  (brokers[broker] ?? []).some(
    ({ change, atMs }) => change !== "unfenced" && Math.abs(atMs - step.atMs) < 100,
  );

/** A record that its producer gave up on: its batch's time, which counts from the first record in it. */
function* deliveries({ producers }: Scenario, trace: ComparableTrace): Iterable<Timed> {
  for (const { name, config, sends } of producers) {
    const timeout = Number(config["delivery.timeout.ms"] ?? 120_000);
    const results = trace.producers[name] ?? [];
    const lost = (id: string): number | undefined =>
      results.find((result) => result.id === id && result.error === "TIMEOUT")?.atMs;
    const times = sends.flatMap(({ trigger, records }) =>
      trigger.kind === "at" ? records.map((id) => ({ id, sentMs: trigger.atUs / 1000 })) : [],
    );
    for (const { id, sentMs } of times) {
      const atMs = lost(id);
      if (atMs === undefined) continue;
      const first = times.find((t) => lost(t.id) !== undefined && sentMs - t.sentMs < timeout);
      yield {
        what: `${name} gave up on ${id}`,
        tookMs: atMs - sentMs,
        fromMs: timeout - (sentMs - (first?.sentMs ?? sentMs)),
        toMs: timeout + Number(config["request.timeout.ms"] ?? 30_000) + SLACK_MS,
        why: "delivery.timeout.ms since the first record of its batch, or request.timeout.ms more where a request is in flight",
      };
    }
  }
}

/** Generations after the first that follow a crash or a hanging member. */
function* generations(scenario: Scenario, trace: ComparableTrace): Iterable<Timed> {
  for (const fault of scenario.faults) {
    if (fault.kind !== "ClientChaos") continue;
    const member = scenario.consumers.find(
      ({ name }) => fault.selector.kind === "names" && fault.selector.names.includes(name),
    );
    const group = member?.config["group.id"];
    if (member === undefined || group === undefined) continue;
    const begin = beginOf(fault);
    const next = (trace.groups[String(group)] ?? []).find(({ atMs }) => atMs > begin);
    if (next === undefined) continue;
    const window = windowAfter(fault, member);
    if (window === undefined) continue;
    const what = `group ${group} stored generation ${next.generation} after ${fault.id}`;
    yield { what, tookMs: next.atMs - begin, ...window };
  }
}

function windowAfter(
  { action, durationUs }: FaultSpec,
  { config }: ConsumerSpec,
): Omit<Timed, "what" | "tookMs"> | undefined {
  const session = Number(config["session.timeout.ms"] ?? 45_000);
  const heartbeat = Number(config["heartbeat.interval.ms"] ?? 3_000);
  const poll = Number(config["max.poll.interval.ms"] ?? 300_000);
  if (action === "crash" && (durationUs === undefined || durationUs / 1000 > session))
    return {
      fromMs: session - heartbeat,
      // The members that are left hear of it with their next heartbeat.
      toMs: session + heartbeat + SLACK_MS,
      why: "session.timeout.ms, give or take heartbeat.interval.ms",
    };
  if (action === "leave")
    return { fromMs: 0, toMs: heartbeat + SLACK_MS, why: "heartbeat.interval.ms of the others" };
  if (action === "stopPolling" && durationUs !== undefined && durationUs / 1000 > poll)
    return {
      fromMs: poll - SLACK_MS,
      toMs: poll + heartbeat + SLACK_MS,
      why: "max.poll.interval.ms since the last poll, then heartbeat.interval.ms of the others",
    };
  return undefined;
}
