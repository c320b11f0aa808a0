// What every explanation of a lost write must tell: the faulting event, the setting and the record, in at most ten sentences.
import { explainRun } from "../../src/explore/explain-run.ts";
import { complete } from "../../src/explore/task.ts";
import type { RunResult } from "../../src/runner/result.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const MOST = 10;
/** acks=1, min.insync.replicas=1, kafka-leader-election --election-type unclean */
const SETTING = /[a-z]+(\.[a-z]+)*=\S|--[a-z-]+ [a-z]+/;

/** What is missing from the explanations of a run's lost writes; empty when there are none. */
export function lossFlaws(scenario: Scenario, result: RunResult): string[] {
  const lost = result.checks.find(({ name }) => name === "lost-write");
  if (lost === undefined || lost.count === 0) return [];
  const { explanation } = complete(explainRun(scenario, { check: "lost-write", reruns: false }));
  if (explanation === undefined) return ["there is no explanation"];
  const texts = explanation.sentences.map(({ text }) => text);
  const full = flaws(texts, explanation.record, scenario).map((flaw) => `explain: ${flaw}`);
  return [
    ...full,
    ...flaws(lost.explanation, explanation.record, scenario).map((flaw) => `report: ${flaw}`),
  ];
}

export function flaws(
  texts: readonly string[],
  record: string | null,
  { faults, operations }: Pick<Scenario, "faults" | "operations">,
): string[] {
  const whole = texts.join(" ");
  const found: string[] = [];
  const sentences = whole.split(/[.!?](?=\s|$)/).filter((text) => text.trim() !== "").length;
  if (sentences === 0 || sentences > MOST) found.push(`${sentences} sentences`);
  if (record === null || !whole.includes(record)) found.push(`no record ${record}`);
  if (!SETTING.test(whole)) found.push("no setting");
  const named = faults.some(({ id }) => new RegExp(`fault ${id} \\(`).test(whole));
  const operated = operations.some(({ tool }) => whole.includes(tool));
  if (!named && !operated) found.push("no fault");
  if (!/#\d+/.test(whole)) found.push("no event");
  return found;
}
