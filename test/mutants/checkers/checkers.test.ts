// The checkers themselves, mutated: what the judge makes of every story is a committed file, so whatever changes a verdict shows; and no statement that
// reports can be lost without a story that tells. All mutations: npm run mutants -- --checkers.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digest, judged, record } from "./corpus.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { isEquivalent } from "./main.ts";
import { mutationsOf } from "./operators.ts";
import { checkFiles, killer, prepare, textOf } from "./trial.ts";
import { ROOT, Universe } from "./universe.ts";

const corpus = record();
const trial = prepare(corpus);

it("the verdict on every story is the one that was reviewed", async () => {
  const universe = new Universe();
  const told = corpus.recordings.map((recording) => {
    const results = judged(universe, corpus, recording);
    const findings = results.flatMap(({ name, findings: all }) =>
      all.map(({ message, form, count }) => {
        const how = form === undefined ? "" : ` (${form})`;
        return `  ${name}${how} x${count}: ${message}`;
      }),
    );
    return [`${recording.title} [${digest(results)}]`, ...findings].join("\n");
  });
  await expect(`${told.join("\n")}\n`).toMatchFileSnapshot(
    join(ROOT, "test/mutants/checkers/verdicts.txt"),
  );
});

describe("without one of its reports", () => {
  it.each(checkFiles())("%s is told from the code as it is", (file) => {
    const text = textOf(file);
    const survivors = mutationsOf(file, text)
      .filter((m) => m.operator === "report dropped" && !isEquivalent(file, m))
      .filter((m) => killer(trial, file, text, m) === undefined);
    expect(survivors.map(({ line, was }) => `${file}:${line} ${was}`)).toEqual([]);
  });
});

it("what is called equivalent is there, and nothing tells it from the code as it is", () => {
  for (const { file, operator, was, why } of EQUIVALENT) {
    const path = `src/check/${file}`;
    const text = textOf(path);
    const all = mutationsOf(path, text).filter((m) => m.operator === operator && m.was === was);
    expect({ file, was, why, count: all.length > 0 }).toMatchObject({ count: true });
    for (const m of all) expect(killer(trial, path, text, m)).toBeUndefined();
  }
});
