// One run and its verdict: steps a cluster through its scenario, lets the observers watch, and writes the result document.
import type { ContractSettings } from "../check/contract-settings.ts";
import { CHECK_NAMES, type CheckName } from "../check/index.ts";
import { type CheckResult, Judge } from "../check/judge.ts";
import { settled } from "../check/liveness.ts";
import { tally } from "../check/records.ts";
import { ClusterRun } from "../cluster/run.ts";
import type { Sources } from "../explain/case.ts";
import { Chronicle } from "../explain/chronicle.ts";
import { explain, SHORT } from "../explain/explain.ts";
import { type TraceEvent, textOf } from "../protocol/events.ts";
import type { Scenario } from "../scenario/model.ts";
import { SimulatorBug } from "../sim/assert.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import { VERSION } from "../version.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import { HostDirectory } from "../view/hosts.ts";
import { Dispatch, type Listeners } from "../view/listeners.ts";
import { Timeline } from "../view/timeline.ts";
import { Assertions } from "./assertions.ts";
import { describeCluster } from "./describe.ts";
import { judgeChecks } from "./expectations.ts";
import { GroupHistory } from "./group-history.ts";
import { LeaderHistory } from "./leader-history.ts";
import { ledgerOf } from "./ledger.ts";
import type { RecordCounts, RunReport, RunResult } from "./result.ts";
import { contractSettings } from "./settings.ts";
import { judgeThresholds } from "./thresholds.ts";
import { timelineEntries } from "./timeline.ts";

export interface RunOptions {
  /** Checks to run; all without it. */
  readonly only?: readonly string[];
  /** A fault that never fired or never touched anything makes the outcome unexpected. */
  readonly strict?: boolean;
  /** The command line that repeats the run, printed with the result. */
  readonly replay: (scenario: Scenario) => string;
  /** Stop here, without settling: what can only be judged at the end is not judged. */
  readonly untilUs?: Micros;
  /** `host`: the name of the event's node. */
  readonly onEvent?: (event: TraceEvent, text: string, host: string) => void;
  readonly queue?: "ladder" | "heap";
}

export interface RunProgress {
  readonly nowUs: Micros;
  /** Where the run ends at the latest. */
  readonly endUs: Micros;
  readonly phase: "run" | "settle" | "done";
  readonly events: number;
}

/** While settling, how often the runner looks whether there is anything left to wait for. */
const SETTLE_STEP = ms(100);
/** A cluster that looks settled must stay so for this long: an election may be about to begin. */
const SETTLE_CALM = ms(1000);

export class ScenarioRun {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #cluster: ClusterRun;
  readonly #judge: Judge;
  readonly #settings: ContractSettings;
  readonly #assertions: Assertions;
  readonly #timeline: Timeline;
  readonly #leaders = new LeaderHistory();
  readonly #groups = new GroupHistory();
  readonly #chronicle = new Chronicle();
  readonly #stops: Micros[];
  readonly #warnings: string[] = [];
  #phase: RunProgress["phase"] = "run";
  #results: readonly CheckResult[] = [];
  #calmSince = -1;
  /** Ended by `untilUs`, ahead of its own end. */
  #isCutShort = false;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#cluster = new ClusterRun(
      scenario,
      options.queue === undefined ? {} : { queue: options.queue },
    );
    const hosts = new HostDirectory(
      this.#cluster.machines.map(({ id, name, kind, rack }) => ({
        id,
        name,
        kind: hostKind(kind),
        rack,
      })),
    );
    this.#settings = contractSettings(scenario);
    const names = options.only as readonly CheckName[] | undefined;
    this.#judge = new Judge({
      hosts,
      settings: this.#settings,
      names: names ?? CHECK_NAMES,
    });
    const { view, truth } = this.#judge;
    this.#timeline = new Timeline(view);
    this.#assertions = new Assertions(scenario.expect.assertions, view, truth);
    this.#stops = this.#assertions.instants;
    const { trace } = this.#cluster;
    this.#judge.subscribe(trace);
    this.#timeline.subscribe(trace);
    this.observe(this.#leaders.listeners);
    this.observe(this.#groups.listeners);
    this.observe(this.#chronicle.listeners);
    this.#assertions.subscribe(trace);
    const { onEvent } = options;
    if (onEvent !== undefined) {
      trace.onAny((event) => onEvent(event, textOf(event), hosts.name(event.node)));
    }
  }

  get progress(): RunProgress {
    const { durationUs, settleUs } = this.#scenario;
    const endUs = this.#options.untilUs ?? durationUs + settleUs;
    return { nowUs: this.#cluster.now, endUs, phase: this.#phase, events: this.#cluster.trace.seq };
  }

  /** The cluster as the trace has told of it so far. */
  get view(): ClusterFold {
    return this.#judge.view;
  }

  /** What an explanation draws on, once the case is closed. */
  get sources(): Sources {
    const { view, truth } = this.#judge;
    return {
      settings: this.#settings,
      hosts: view.directory,
      view,
      truth,
      chronicle: this.#chronicle,
    };
  }

  /** Of every check in full; empty until the case is closed. */
  get results(): readonly CheckResult[] {
    return this.#results;
  }

  /** Hears every event; call it before the first step. */
  observeAny(listener: (event: TraceEvent) => void): void {
    this.#cluster.trace.onAny(listener);
  }

  /** One more observer; call it before the first step. */
  observe(listeners: Listeners): void {
    const dispatch = new Dispatch();
    dispatch.add(listeners);
    dispatch.subscribe(this.#cluster.trace);
  }

  /** Goes on for at most `sliceUs` of virtual time. False when the run is over. */
  advance(sliceUs: Micros): boolean {
    const until = this.#cluster.now + sliceUs;
    try {
      while (this.#running() && this.#cluster.now < until) this.#step(until);
    } catch (error) {
      throw this.#withPlace(error);
    }
    return this.#running();
  }

  #running(): boolean {
    return this.#phase !== "done";
  }

  #step(until: Micros): void {
    const last = this.#options.untilUs ?? Number.POSITIVE_INFINITY;
    const phaseEnd = this.#phaseEnd();
    const stop = this.#stops[0] ?? Number.POSITIVE_INFINITY;
    const next = Math.min(until, phaseEnd, stop, last);
    this.#advanceTo(next);
    if (next === stop) {
      this.#stops.shift();
      this.#assertions.judgeAt(next);
    }
    if (next >= last) {
      this.#phase = "done";
      this.#isCutShort = true;
    } else if (next < phaseEnd) return;
    else if (this.#phase === "settle") this.#lookWhetherSettled(next);
    else {
      this.#cluster.settle();
      this.#phase = "settle";
    }
  }

  /** The duration; then instants a fixed step apart, wherever a caller's slices end: when a run is over must not depend on them. */
  #phaseEnd(): Micros {
    const { durationUs, settleUs } = this.#scenario;
    if (this.#phase === "run") return durationUs;
    const looks = Math.floor((this.#cluster.now - durationUs) / SETTLE_STEP) + 1;
    return durationUs + Math.min(settleUs, looks * SETTLE_STEP);
  }

  #advanceTo(time: Micros): void {
    if (this.#cluster.now < 0 && time >= 0) {
      this.#cluster.runUntil(0);
      this.#checkStart();
    }
    this.#cluster.runUntil(time);
  }

  /** Scenarios count on a cluster in operation at time zero. */
  #checkStart(): void {
    const { view } = this.#judge;
    for (const topic of this.#scenario.topics) {
      for (let p = 0; p < topic.partitions; p++) {
        const known = view.partitions.named(`${topic.name}-${p}`);
        if (known !== undefined && known.leader >= 0 && known.isr.length === known.replicas.length)
          continue;
        this.#warnings.push(`${topic.name}-${p} was not fully replicated when the scenario began`);
      }
    }
  }

  #lookWhetherSettled(now: Micros): void {
    const { durationUs, settleUs } = this.#scenario;
    const calm = this.#cluster.producersIdle && settled(this.#judge.view, this.#settings);
    if (!calm) this.#calmSince = -1;
    else if (this.#calmSince < 0) this.#calmSince = now;
    const calmLongEnough = this.#calmSince >= 0 && now - this.#calmSince >= SETTLE_CALM;
    if (calmLongEnough || now >= durationUs + settleUs) this.#phase = "done";
  }

  /** Closes the case. A run that was not carried to its end is judged by what it showed. */
  finish(): RunReport {
    const complete = this.#phase === "done" && !this.#isCutShort;
    const now = this.#cluster.now;
    const { view } = this.#judge;
    const results = this.#judge.finish({ seq: this.#cluster.trace.seq, atUs: now });
    this.#results = complete ? results : results.map(unfinished);
    const result = this.#result(this.#results, now);
    return {
      result,
      title: this.#scenario.title,
      story: this.#scenario.story,
      source: this.#scenario.source,
      timeline: timelineEntries(this.#timeline, view.directory),
      timelineOmitted: this.#timeline.leftOut,
      partitions: this.#leaders.summaries(view, now),
      groups: this.#groups.summaries(view, now),
      clusterText: describeCluster(this.#scenario),
    };
  }

  #result(results: readonly CheckResult[], now: Micros): RunResult {
    const { view } = this.#judge;
    const scenario = this.#scenario;
    const metrics = view.metrics(now);
    const checks = judgeChecks(results, scenario.expect, (result) => this.#explained(result));
    const assertions = this.#assertions.finish(now);
    const thresholds = judgeThresholds(scenario.thresholds, metrics, (metric, p) =>
      view.percentile(metric, p),
    );
    if (view.core.isEmpty)
      this.#warnings.push("the core was nobody when the run settled: its selectors met no machine");
    const warnings = [...this.#warnings, ...this.#faultWarnings()];
    const asExpected =
      checks.every((check) => check.expected) &&
      [...assertions, ...thresholds].every((entry) => entry.ok) &&
      (this.#options.strict !== true || warnings.length === 0);
    return {
      apiVersion: "faultline.result/v1",
      scenario: scenario.name,
      variant: scenario.variant ?? null,
      seed: scenario.seed,
      version: VERSION,
      outcome: asExpected ? "as-expected" : "unexpected",
      traceHash: this.#cluster.traceHash,
      events: this.#cluster.trace.seq,
      virtualTimeMs: now / 1000,
      checks,
      assertions,
      thresholds,
      records: this.#counts(undefined),
      topics: scenario.topics.map(({ name }) => ({ topic: name, ...this.#counts(name) })),
      ledger: ledgerOf(view, this.#judge.truth, now),
      metrics,
      warnings,
      replay: this.#options.replay(scenario),
    };
  }

  #explained({ name, findings, permittedBy, first }: CheckResult): readonly string[] {
    const [finding] = findings;
    if (finding === undefined || first === null) return [];
    const told = explain(this.sources, { check: name, finding, permittedBy }, SHORT);
    return told.map(({ text }) => text);
  }

  #counts(topic: string | undefined): RecordCounts {
    const { view, truth } = this.#judge;
    const count = (outcome: keyof RecordCounts): number =>
      tally(view, truth, outcome, { topic }).count;
    return {
      sent: count("sent"),
      acked: count("acked"),
      failed: count("failed"),
      unknown: count("unknown"),
      delivered: count("delivered"),
      lost: count("lost"),
      duplicated: count("duplicated"),
    };
  }

  #faultWarnings(): string[] {
    return this.#cluster.faultReports().flatMap(({ id, kind, action, fired, bit }) => {
      if (!fired) return [`fault ${id} (${kind} ${action}) never fired`];
      return bit ? [] : [`fault ${id} (${kind} ${action}) touched nothing`];
    });
  }

  #withPlace(error: unknown): unknown {
    if (!(error instanceof SimulatorBug)) return error;
    const at = (this.#cluster.now / 1_000_000).toFixed(6);
    const place = `${this.#scenario.name}, seed ${this.#scenario.seed}, at ${at} s, event #${this.#cluster.trace.seq}`;
    return new SimulatorBug(`${error.message} (${place})`, { cause: error });
  }
}

/** What can only be judged at the end was not reached. */
function unfinished(result: CheckResult): CheckResult {
  if (result.kind === "always") return result;
  return {
    ...result,
    status: "not-exercised",
    count: 0,
    permittedBy: null,
    forms: {},
    first: null,
    note: "the run was stopped before its end",
  };
}

function hostKind(kind: string): "broker" | "controller" | "client" {
  return kind === "broker" || kind === "controller" ? kind : "client";
}

export const startRun = (scenario: Scenario, options: RunOptions): ScenarioRun =>
  new ScenarioRun(scenario, options);

/** Runs a scenario to its end. Synchronous and pure: the same scenario gives the same report. */
export function runScenario(scenario: Scenario, options: RunOptions): RunReport {
  const run = startRun(scenario, options);
  while (run.advance(scenario.durationUs + scenario.settleUs + ms(60_000)));
  return run.finish();
}
