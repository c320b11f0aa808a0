// npm run conformance -- record | compare | vectors; see options.ts.
import { writeFileSync } from "node:fs";
import { type Comparison, compareAll, isUnexplained } from "./judge.ts";
import { laterOf } from "./later.ts";
import { optionsOf } from "./options.ts";
import { SetupError } from "./real/jars.ts";
import { record } from "./real/record.ts";
import { REPORT, reportOf } from "./report.ts";
import { scenarioNames } from "./scenarios.ts";
import { recordVectors } from "./vectors.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if ("help" in options) {
    console.log(options.help);
    return 0;
  }
  if ("wrong" in options) {
    console.error(options.wrong);
    return 2;
  }
  const say = (line: string): void => console.log(line);
  const { command, scenarios, release, controlPlane } = options;
  switch (command) {
    case "record": {
      const latest = controlPlane === "zookeeper" ? "3.9.1" : "4.1.1";
      const failures = await record({ ...options, release: release ?? latest, say });
      return failures > 0 ? 1 : 0;
    }
    case "compare":
      return compare(scenarios, release);
    case "vectors":
      recordVectors(new Date().toISOString().slice(0, 10), say);
      return 0;
  }
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
    writeFileSync(REPORT, reportOf(comparisons, laterOf(scenarioNames())));
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
