// npm run mutants: which check catches which known bug. `-- --only NAME` runs the cases of one bug or check and tells what happens in them.
// `-- --checkers [FILE ...]`: the checkers themselves, mutated.
import { parseArgs } from "node:util";
import type { RunResult } from "../../src/runner/result.ts";
import { type Case, caught, nameOf, run } from "./case.ts";
import { CASES } from "./cases.ts";
import { type Row, rowOf, summaryOf, tableOf } from "./table.ts";

const { values, positionals } = parseArgs({
  options: { only: { type: "string" }, checkers: { type: "boolean" } },
  allowPositionals: true,
});
const { only, checkers } = values;
const chosen = CASES.filter((c) => only === undefined || nameOf(c) === only || c.caughtBy === only);

function story(c: Case, broken: RunResult): string {
  const lines = caught(broken).map(
    ({ name, count, first }) => `  ${name}, ${count} in all, first: ${first?.message ?? ""}`,
  );
  return `\n${nameOf(c)}: ${c.story}\n${lines.join("\n")}`;
}

if (checkers === true) {
  const { mutateCheckers } = await import("./checkers/main.ts");
  mutateCheckers(positionals);
} else if (chosen.length === 0) {
  const names = new Set(CASES.flatMap((c) => [nameOf(c), c.caughtBy]));
  console.error(`no bug or check "${only}"; there are: ${[...names].sort().join(", ")}`);
  process.exitCode = 2;
} else {
  const rows: Row[] = [];
  const stories: string[] = [];
  for (const c of chosen) {
    const broken = run(c, true);
    rows.push(rowOf(c, broken));
    stories.push(story(c, broken));
  }
  console.log(tableOf(rows));
  if (only === undefined) console.log(`\n${summaryOf(CASES, rows)}`);
  else console.log(stories.join("\n"));
  if (rows.some(({ count }) => count === 0)) process.exitCode = 1;
}
