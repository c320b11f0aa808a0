// One mutation on trial: is any verdict on the stories another one with it?
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CheckName } from "../../../src/check/index.ts";
import { answers, type Corpus, digest, judged, type Recording } from "./corpus.ts";
import { type Mutation, mutated } from "./operators.ts";
import { failing } from "./units.ts";
import { CHECKS, ROOT, Universe } from "./universe.ts";

export interface Trial {
  readonly corpus: Corpus;
  /** Verdicts of the code as it is: by recording, of all checks and of each. */
  readonly right: readonly ReadonlyMap<CheckName | "all", string>[];
  /** What the contract says to the questions of its tests. */
  readonly answers: string;
  /** Stories that told a mutation, the latest last: likely to tell the next one, too. */
  readonly lately: Set<number>;
}

export const checkFiles = (): string[] =>
  readdirSync(join(ROOT, CHECKS))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${CHECKS}${file}`);

export const textOf = (file: string): string => readFileSync(join(ROOT, file), "utf8");

export function prepare(corpus: Corpus): Trial {
  const universe = new Universe();
  const right = corpus.recordings.map((recording) => {
    const results = judged(universe, corpus, recording);
    const digests = new Map<CheckName | "all", string>([["all", digest(results)]]);
    for (const result of results) digests.set(result.name, digest([result]));
    return digests;
  });
  return { corpus, right, answers: answers(universe, corpus), lately: new Set() };
}

/** The story that tells the mutation from the code as it is; undefined: none does. */
export function killer(
  trial: Trial,
  file: string,
  text: string,
  mutation: Mutation,
): string | undefined {
  const { corpus, right, lately } = trial;
  const name = file.slice(CHECKS.length, -".ts".length) as CheckName;
  const isOne = right[0]?.has(name) ?? false;
  try {
    const universe = new Universe({ file, text: mutated(text, mutation) });
    for (const i of new Set([...[...lately].reverse(), ...corpus.recordings.keys()])) {
      const recording = corpus.recordings[i] as Recording;
      const found = digest(judged(universe, corpus, recording, isOne ? [name] : undefined));
      if (found === right[i]?.get(isOne ? name : "all")) continue;
      lately.delete(i);
      lately.add(i);
      return recording.title;
    }
    const isContract = file.startsWith(`${CHECKS}contract`) || file.endsWith("/lossy-faults.ts");
    const isSame = !isContract || answers(universe, corpus) === trial.answers;
    if (!isSame) return "the questions of test/check/contract.test.ts";
    return failing(file, mutated(text, mutation));
  } catch (error) {
    return `an exception: ${String(error).split("\n")[0]}`;
  }
}
