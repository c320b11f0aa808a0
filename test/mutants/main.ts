// npm run mutants: which check catches which planted bug, and after how many events.
import { CHECK_NAMES } from "../../src/check/index.ts";
import { MUTANT_NAMES } from "../../src/protocol/releases.ts";
import { CASES, caughtBy, run } from "./cases.ts";

const caught = new Set<string>();
console.log("mutant | rule | scenario | caught by | also caught by | events to detection");
for (const c of CASES) {
  const result = run(c, c.mutant);
  const all = caughtBy(result);
  for (const name of all) caught.add(name);
  const events = result.checks.flatMap(({ first }) => (first === null ? [] : [first.event]));
  const own = all.includes(c.caughtBy) ? c.caughtBy : "NOTHING";
  const others = all.filter((name) => name !== c.caughtBy).join(", ");
  const when = events.length === 0 ? "-" : Math.min(...events);
  console.log([c.mutant, c.source, c.story, own, others, when].join(" | "));
}
const without = MUTANT_NAMES.filter((name) => !CASES.some(({ mutant }) => mutant === name));
console.log(`mutants without a case: ${without.join(", ") || "none"}`);
console.log(
  `checks that no mutant here is caught by: ${CHECK_NAMES.filter((name) => !caught.has(name)).join(", ")}`,
);
