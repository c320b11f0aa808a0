// The assertions of a scenario, watched while the run goes on: at an instant, throughout an interval, or at the end.
import type { GroundTruth } from "../check/truth.ts";
import type { EventName, KafkaEvents, TraceEvent } from "../protocol/events.ts";
import type { AssertionSpec, AssertionSubject } from "../scenario/model.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import { holds } from "./compare.ts";
import type { AssertionEntry } from "./result.ts";
import { type Sample, slopePerSecond } from "./slope.ts";
import { matchesPattern, read } from "./subjects.ts";

/** Events after which what an interval assertion reads may have changed. */
const CHANGES: readonly EventName[] = [
  "partition.created",
  "leader.elected",
  "leader.lost",
  "isr.shrunk",
  "isr.expanded",
  "elr.changed",
  "replicas.changed",
  "replica.becameLeader",
  "replica.becameFollower",
  "isr.committed",
  "host.booted",
  "host.crashed",
  "host.stopped",
  "controller.activated",
  "controller.deactivated",
];
const OFFSET_CHANGES: readonly EventName[] = [
  "hw.advanced",
  "hw.lowered",
  "log.appended",
  "log.truncated",
  "log.startAdvanced",
  "consumer.polled",
];

const GROUP_CHANGES: readonly EventName[] = [
  "group.stateChanged",
  "group.assigned",
  "group.memberRemoved",
  "offset.committed",
  "offset.expired",
];
/** How often a value whose trend is asked for is read. */
const SAMPLE: Micros = 500_000;

interface Watch {
  readonly spec: AssertionSpec;
  /** slope: what was read so far. */
  readonly samples: Sample[];
  events: number;
  verdict: { ok: boolean; actual: unknown } | undefined;
}

const GROUP_SUBJECTS: readonly string[] = ["group", "groupLag", "committed"];

type Interval = Extract<AssertionSpec["when"], { kind: "during" }>;

function samplesOf({ fromUs, toUs }: Interval): Micros[] {
  const times: Micros[] = [];
  for (let at = fromUs; at < toUs; at += SAMPLE) times.push(at);
  return [...times, toUs];
}

export class Assertions {
  readonly #view: ClusterFold;
  readonly #truth: GroundTruth;
  readonly #watches: readonly Watch[];
  #nowUs: Micros = 0;

  constructor(specs: readonly AssertionSpec[], view: ClusterFold, truth: GroundTruth) {
    this.#view = view;
    this.#truth = truth;
    this.#watches = specs.map((spec) => ({ spec, samples: [], events: 0, verdict: undefined }));
  }

  /** Call after the view has subscribed: an assertion reads the view as the event left it. */
  subscribe(trace: Trace<KafkaEvents>): void {
    for (const watch of this.#watches) {
      if (watch.spec.subject.kind === "event") this.#countEvents(trace, watch);
      else if (watch.spec.when.kind === "during") this.#watchInterval(trace, watch);
    }
  }

  /** Instants at which the run must stop for `judgeAt`. */
  get instants(): Micros[] {
    const times = this.#watches.flatMap(({ spec: { when, subject } }) => {
      if (when.kind === "during" && subject.kind === "slope") return samplesOf(when);
      if (when.kind === "at") return [when.atUs];
      return when.kind === "during" ? [when.fromUs, when.toUs] : [];
    });
    return [...new Set(times)].sort((a, b) => a - b);
  }

  /** The run stands at an instant: judges what is due. */
  judgeAt(nowUs: Micros): void {
    this.#nowUs = nowUs;
    for (const watch of this.#watches) {
      const { when, subject } = watch.spec;
      if (when.kind === "at" && when.atUs === nowUs) this.#judge(watch);
      if (when.kind !== "during") continue;
      if (subject.kind === "slope") {
        this.#sample(watch, subject.of, when, nowUs);
        continue;
      }
      // An event count over an interval is known when the interval ends; everything else must hold at both ends, too.
      if (when.toUs === nowUs || (when.fromUs === nowUs && subject.kind !== "event"))
        this.#judge(watch);
    }
  }

  finish(nowUs: Micros): AssertionEntry[] {
    this.#nowUs = nowUs;
    return this.#watches.map((watch) => {
      if (watch.spec.when.kind === "end") this.#judge(watch);
      const verdict = watch.verdict ?? { ok: false, actual: "the run ended before" };
      return { text: watch.spec.text, ok: verdict.ok, actual: verdict.actual ?? null };
    });
  }

  /** The first failure of an interval stands. */
  #judge(watch: Watch): void {
    if (watch.verdict?.ok === false) return;
    const { view, truth } = { view: this.#view, truth: this.#truth };
    const actual = read(watch.spec.subject, {
      view,
      truth,
      nowUs: this.#nowUs,
      events: watch.events,
    });
    watch.verdict = { ok: holds(watch.spec.comparator, actual), actual };
  }

  /** Reads the value whose slope is asked for; at the end of the interval the slope is known. */
  #sample(
    watch: Watch,
    subject: AssertionSubject,
    { fromUs, toUs }: Interval,
    nowUs: Micros,
  ): void {
    if (nowUs < fromUs || nowUs > toUs) return;
    const value = read(subject, { view: this.#view, truth: this.#truth, nowUs, events: 0 });
    if (typeof value === "number") watch.samples.push({ atUs: nowUs, value });
    if (nowUs !== toUs) return;
    const actual = slopePerSecond(watch.samples);
    watch.verdict = { ok: holds(watch.spec.comparator, actual), actual };
  }

  #countEvents(trace: Trace<KafkaEvents>, watch: Watch): void {
    const { subject, when } = watch.spec;
    if (subject.kind !== "event") return;
    trace.on(subject.event as "host.booted", (event: TraceEvent) => {
      const [from, to] =
        when.kind === "during" ? [when.fromUs, when.toUs] : [0, Number.POSITIVE_INFINITY];
      if (event.at >= from && event.at <= to && matchesPattern(subject, event, this.#view))
        watch.events++;
    });
  }

  #watchInterval(trace: Trace<KafkaEvents>, watch: Watch): void {
    const { when, subject } = watch.spec;
    if (when.kind !== "during" || subject.kind === "slope") return;
    const types =
      subject.kind === "offset" || subject.kind === "lag"
        ? [...CHANGES, ...OFFSET_CHANGES]
        : GROUP_SUBJECTS.includes(subject.kind)
          ? [...OFFSET_CHANGES, ...GROUP_CHANGES]
          : CHANGES;
    for (const type of types) {
      trace.on(type as "host.booted", (event: TraceEvent) => {
        if (event.at < when.fromUs || event.at > when.toUs) return;
        this.#nowUs = event.at;
        this.#judge(watch);
      });
    }
  }
}
