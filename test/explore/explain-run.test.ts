// Whole runs explained: a lost write is led back to the fault, the setting and the record in at most ten sentences, and what is said to
// prevent it does prevent it.
import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { changesFor } from "../../src/explore/change.ts";
import { explainRun } from "../../src/explore/explain-run.ts";
import { complete } from "../../src/explore/task.ts";
import { runScenario } from "../../src/runner/run.ts";
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const root = new URL("../..", import.meta.url).pathname;

function scenario(file: string, variant?: string): Scenario {
  const text = readFileSync(`${root}scenarios/${file}.yaml`, "utf8");
  const options = variant === undefined ? {} : { variant };
  return loadScenario(text, `${file}.yaml`, options).scenarios[0] as Scenario;
}

const CASES = [
  {
    file: "demos/unclean-election",
    variant: "unclean",
    fault: "leader-dies",
    setting: "unclean.leader.election.enable=true",
    prevents: "unclean.leader.election.enable=false",
  },
  {
    file: "demos/acks-one-loss",
    variant: "one",
    fault: "leader-dies",
    setting: "acks=1",
    prevents: "acks=all",
  },
  {
    file: "demos/power-loss",
    variant: "power-loss",
    fault: "crash",
    setting: "flush.messages=1",
    prevents: "replicationFactor: 3",
  },
  {
    file: "cap/minority-leader",
    variant: "acks-one",
    fault: "cut",
    setting: "acks=1",
    prevents: "acks=all",
  },
] as const;

describe.each(CASES)("$file", ({ file, variant, fault, setting, prevents }) => {
  const story = scenario(file, variant);
  const { explanation } = complete(explainRun(story, { check: "lost-write", reruns: true }));

  it("names the faulting event, the setting and the record in at most ten sentences", () => {
    expect(explanation).toBeDefined();
    if (explanation === undefined) return;
    const { sentences, record } = explanation;
    expect(sentences.length).toBeLessThanOrEqual(10);
    const text = sentences.map((sentence) => sentence.text).join(" ");
    expect(text).toContain(`fault ${fault}`);
    expect(text).toContain(setting);
    expect(record).not.toBeNull();
    expect(text).toContain(`${record} `);
    // Every number in the text is that of an event the sentence rests on.
    for (const sentence of sentences) {
      const numbers = [...sentence.text.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));
      expect(sentence.events).toEqual(expect.arrayContaining(numbers));
    }
  });

  it("finds a single setting that prevents it, and it does", () => {
    const trial = explanation?.trials.find(({ change }) => change === prevents);
    expect(trial).toMatchObject({ prevents: true, count: 0 });
    for (const { change, prevents: said } of explanation?.trials ?? []) {
      const changed = changesFor(story, "lost-write").find(({ label }) => label === change);
      expect(changed).toBeDefined();
      const { result } = runScenario((changed as { scenario: Scenario }).scenario, {
        replay: () => "",
      });
      const status = result.checks.find(({ name }) => name === "lost-write")?.status;
      expect(status === "held" || status === "not-exercised").toBe(said);
    }
  });

  it("takes for nearest the passing run that parts last", () => {
    const passing = explanation?.trials.filter((trial) => trial.prevents) ?? [];
    const longest = Math.max(...passing.map(({ same }) => same));
    expect(explanation?.nearest?.divergence?.same).toBe(longest);
    expect(passing.find(({ same }) => same === longest)?.change).toBe(explanation?.nearest?.change);
  });
});

test("a run without anomalies has nothing to explain", () => {
  const story = scenario("demos/acks-one-loss", "all");
  const { explanation, others } = complete(explainRun(story, { reruns: true }));
  expect(explanation).toBeUndefined();
  expect(others).toEqual([]);
});
