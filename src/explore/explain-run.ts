// The whole explanation of an anomaly: run once to find it, once more to watch the record it is about, then once for every setting that could be
// flipped and every fault that could be left out, all with the same seed; last, side by side with the passing run that is nearest.
import type { CheckName } from "../check/check-name.ts";
import type { Finding } from "../check/checker.ts";
import { explain, FULL, type Told } from "../explain/explain.ts";
import type { Explanation, Trial } from "../explain/explanation.ts";
import { RecordFacts } from "../explain/record-facts.ts";
import type { RunResult } from "../runner/result.ts";
import { ScenarioRun } from "../runner/run.ts";
import type { Scenario } from "../scenario/model.ts";
import { type Change, changesFor } from "./change.ts";
import { Lockstep } from "./lockstep.ts";
import { Prefix, Recording } from "./prefix.ts";
import type { Tasks } from "./task.ts";

export interface ExplainOptions {
  /** The anomaly to explain; without it the first that occurred. */
  readonly check?: CheckName | undefined;
  /** Without re-runs nothing is said about what would have prevented it. */
  readonly reruns: boolean;
}

export interface Explained {
  readonly result: RunResult;
  /** undefined: nothing to explain. */
  readonly explanation: Explanation | undefined;
  /** Other checks that could be explained. */
  readonly others: readonly string[];
}

const newRun = (scenario: Scenario, only?: readonly string[]): ScenarioRun =>
  new ScenarioRun(scenario, { replay: () => "", ...(only === undefined ? {} : { only }) });

export function* explainRun(scenario: Scenario, options: ExplainOptions): Tasks<Explained> {
  const run = newRun(scenario);
  const recording = new Recording();
  if (options.reruns) run.observeAny(recording.add);
  yield { label: "find", steps: run };
  const { result } = run.finish();
  const occurred = run.results.filter(
    ({ findings, first }) => findings.length > 0 && first !== null,
  );
  const chosen =
    options.check === undefined
      ? (occurred.find(({ permittedBy }) => permittedBy === null) ?? occurred[0])
      : occurred.find(({ name }) => name === options.check);
  const finding = chosen?.findings[0];
  if (chosen === undefined || finding === undefined)
    return { result, explanation: undefined, others: occurred.map(({ name }) => name) };
  const told = { check: chosen.name, finding, permittedBy: chosen.permittedBy };
  const sentences = yield* fullStory(scenario, run, told);
  const { trials, nearest } = options.reruns
    ? yield* trialsOf(scenario, chosen.name, recording)
    : { trials: [], nearest: null };
  const explanation: Explanation = {
    apiVersion: "faultline.explanation/v1",
    scenario: scenario.name,
    variant: scenario.variant ?? null,
    seed: scenario.seed,
    check: chosen.name,
    status: chosen.permittedBy === null ? "violated" : "permitted",
    permittedBy: chosen.permittedBy,
    count: chosen.count,
    message: finding.message,
    record: nameOf(run, finding),
    sentences: sentences.map(({ text, events }) => ({ text, events })),
    trials,
    nearest,
  };
  const others = occurred.map(({ name }) => name).filter((name) => name !== chosen.name);
  return { result, explanation, others };
}

function nameOf(run: ScenarioRun, { about }: Finding): string | null {
  if (about?.record === undefined) return null;
  return run.sources.truth.stream(about.record.stream)?.nameOf(about.record.number) ?? null;
}

/** With the record's own life, if the finding is about one: known only now, so the run is repeated. */
function* fullStory(
  scenario: Scenario,
  run: ScenarioRun,
  told: Told,
): Tasks<ReturnType<typeof explain>> {
  const record = told.finding.about?.record;
  if (record === undefined) return explain(run.sources, told, FULL);
  const again = newRun(scenario, [told.check]);
  const facts = new RecordFacts({ kind: "number", ...record });
  again.observe(facts.listeners);
  yield { label: `watch ${nameOf(run, told.finding) ?? "the record"}`, steps: again };
  again.finish();
  // The same finding, told in the second run's own terms.
  const finding = again.results.find(({ name }) => name === told.check)?.findings[0];
  return explain(again.sources, { ...told, finding: finding ?? told.finding }, FULL, facts);
}

function* trialsOf(
  scenario: Scenario,
  check: CheckName,
  recording: Recording,
): Tasks<{ trials: readonly Trial[]; nearest: Explanation["nearest"] }> {
  const changes = changesFor(scenario, check);
  const trials: Trial[] = [];
  for (const [i, change] of changes.entries()) {
    const run = newRun(change.scenario, [check]);
    const prefix = new Prefix(recording);
    run.observeAny(prefix.compare);
    yield { label: `${change.label} (${i + 1} of ${changes.length})`, steps: run };
    trials.push(trialOf(change, run, prefix));
  }
  const nearest = nearestPassing(changes, trials);
  if (nearest === undefined) return { trials, nearest: null };
  const both = new Lockstep(newRun(scenario, []), newRun(nearest.scenario, []), { brief: true });
  yield { label: `compare with ${nearest.label}`, steps: both };
  return { trials, nearest: { change: nearest.label, divergence: both.divergence ?? null } };
}

function trialOf(change: Change, run: ScenarioRun, prefix: Prefix): Trial {
  const { records, checks } = run.finish().result;
  const [entry] = checks;
  const { acked, failed, unknown, lost } = records;
  const prevents = entry?.status === "held" || entry?.status === "not-exercised";
  return {
    kind: change.kind,
    change: change.label,
    prevents,
    count: entry?.count ?? 0,
    records: { acked, failed, unknown, lost },
    same: prefix.same,
  };
}

/** The passing run that stays with this one longest. */
function nearestPassing(changes: readonly Change[], trials: readonly Trial[]): Change | undefined {
  let best = -1;
  for (const [i, { prevents, same }] of trials.entries()) {
    if (prevents && (best < 0 || same > (trials[best] as Trial).same)) best = i;
  }
  return changes[best];
}
