// npm run conformance -- record | compare | vectors [SCENARIO...] [--release 4.1.1] [--times 3] [--add] [--missing]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Comparison, compareAll, isUnexplained } from "./judge.ts";
import { SetupError } from "./real/jars.ts";
import { record } from "./real/record.ts";
import { REPORT, reportOf } from "./report.ts";
import { scenarioNames } from "./scenarios.ts";
import { recordVectors } from "./vectors.ts";

const USAGE = `npm run conformance -- record [SCENARIO...]   play on real Kafka (Java 17 and Maven) and store what happened
npm run conformance -- compare [SCENARIO...]  hold the simulator against what is stored; writes reports/conformance.md
npm run conformance -- vectors                what Kafka's released classes answer, without a cluster (Java 17 and Maven)
  --release VERSION   of Apache Kafka, like 4.1.1 or 3.9.1 (record: default 4.1.1; compare: default all)
  --times N           record each scenario so often (default 1)
  --add               keep the runs recorded before
  --missing           record only what was not recorded, or has changed since`;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      release: { type: "string" },
      times: { type: "string", default: "1" },
      add: { type: "boolean", default: false },
      missing: { type: "boolean", default: false },
    },
  });
  const [command, ...wanted] = positionals;
  const known = scenarioNames();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`no scenario ${unknown.join(", ")}; there are ${known.join(", ")}`);
    return 2;
  }
  const scenarios = wanted.length > 0 ? wanted : known;
  if (command === "record") {
    const failures = await record({
      release: values.release ?? "4.1.1",
      scenarios,
      times: Number(values.times),
      add: values.add,
      missing: values.missing,
      say: (line) => console.log(line),
    });
    return failures > 0 ? 1 : 0;
  }
  if (command === "compare") return compare(scenarios, values.release);
  if (command === "vectors") {
    recordVectors(new Date().toISOString().slice(0, 10), (line) => console.log(line));
    return 0;
  }
  console.error(USAGE);
  return 2;
}

/** Prints the verdicts; when everything was compared, the report is written. */
function compare(scenarios: readonly string[], release: string | undefined): number {
  const comparisons = compareAll(scenarios, release === undefined ? undefined : [release]);
  for (const c of comparisons) {
    console.log(`${c.verdict.padEnd(18)}  ${c.scenario}, Kafka ${c.release}${whyNot(c)}`);
    for (const d of c.different)
      console.log(
        `  ${d.known === undefined ? "NOT LISTED" : "known"}: ${d.unit}\n    Kafka     ${d.real.map((value) => JSON.stringify(value)).join("\n              ")}\n    simulator ${JSON.stringify(d.simulated)}`,
      );
    for (const t of c.times.filter(({ ok }) => !ok))
      console.log(
        `  outside its range: ${t.what}, Kafka ${t.realMs.join(", ")} ms, simulator ${t.simulatedMs} ms, range ${t.fromMs} to ${t.toMs} ms`,
      );
  }
  if (scenarios.length === scenarioNames().length && release === undefined) {
    writeFileSync(REPORT, reportOf(comparisons));
    console.log("reports/conformance.md is written");
  }
  return comparisons.some(isUnexplained) ? 1 : 0;
}

const whyNot = ({ obstacle }: Comparison): string =>
  obstacle === undefined ? "" : `: ${obstacle}`;

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error) => {
    console.error(error instanceof SetupError ? error.message : error);
    process.exit(error instanceof SetupError ? 2 : 70);
  },
);
