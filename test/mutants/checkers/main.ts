// npm run mutants -- --checkers [name ...]: every mutation of src/check, and whether the stories of test/check tell it from the code as it is.
import { record } from "./corpus.ts";
import { EQUIVALENT } from "./equivalent.ts";
import { type Mutation, mutationsOf } from "./operators.ts";
import { checkFiles, killer, prepare, type Trial, textOf } from "./trial.ts";

export function mutateCheckers(names: readonly string[]): void {
  const trial = prepare(record());
  console.log(`${trial.corpus.recordings.length} stories`);
  let [killed, all] = [0, 0];
  for (const file of checkFiles()) {
    if (names.length > 0 && !names.some((name) => file.endsWith(`/${name}.ts`))) continue;
    const score = scoreOf(trial, file);
    killed += score.killed;
    all += score.total;
  }
  console.log(`all: ${percent(killed, all)}`);
}

function scoreOf(trial: Trial, file: string): { killed: number; total: number } {
  const text = textOf(file);
  const mutations = mutationsOf(file, text).filter((mutation) => !isEquivalent(file, mutation));
  const survivors = mutations.filter((m) => killer(trial, file, text, m) === undefined);
  const killed = mutations.length - survivors.length;
  console.log(`${file}: ${percent(killed, mutations.length)}`);
  for (const { line, operator, was, put } of survivors)
    console.log(`  ${file}:${line} ${operator}: ${short(was)} => ${short(put)}`);
  return { killed, total: mutations.length };
}

export const isEquivalent = (file: string, { operator, was }: Mutation): boolean =>
  EQUIVALENT.some((e) => file.endsWith(`/${e.file}`) && e.operator === operator && e.was === was);

const percent = (some: number, all: number): string =>
  all === 0 ? "nothing to mutate" : `${some}/${all} killed (${((100 * some) / all).toFixed(1)} %)`;

const short = (text: string): string => {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 90)}...` : line;
};
