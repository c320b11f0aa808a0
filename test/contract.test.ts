// The contract, tested both ways: whatever it permits is produced by some scenario, with a verdict that names exactly what permits it; and in a twin
// where that alone is turned to its safe value the same fault bites, and nothing comes of it. The list of what is permitted is the contract's own.
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { CheckName } from "../src/check/check-name.ts";
import { CONTRACT } from "../src/check/contract.ts";
import type { Exhibit } from "./contract/exhibit.ts";
import { EXHIBITS } from "./contract/exhibits.ts";
import { page } from "./contract/page.ts";
import { shown } from "./contract/runs.ts";

const key = (anomaly: string, by: string): string => `${anomaly} <= ${by}`;

/** Every anomaly with everything that permits it. */
function permitted(): string[] {
  const keys: string[] = [];
  for (const [check, permissions] of Object.entries(CONTRACT)) {
    for (const { forms, by } of permissions) {
      const anomalies = forms.length === 0 ? [check] : forms.map((form) => `${check}: ${form}`);
      for (const anomaly of anomalies) for (const name of by) keys.push(key(anomaly, name));
    }
  }
  return keys.sort();
}

function findingsOf(run: string, anomaly: string) {
  const [check, form] = anomaly.split(": ") as [CheckName, string | undefined];
  const result = shown(run).results.get(check);
  if (result === undefined) throw new Error(`no check is called ${check}`);
  const findings = result.findings.filter((f) => form === undefined || f.form === form);
  const count = form === undefined ? result.count : (result.forms[form] ?? 0);
  return { result, findings, count };
}

describe("the contract", () => {
  it("has an exhibit for everything it permits, and none for what it does not", () => {
    const exhibited = EXHIBITS.flatMap((e) => e.anomalies.map((anomaly) => key(anomaly, e.by)));
    expect([...new Set(exhibited)].sort()).toEqual(permitted());
  });

  it("is told to users as it is tested", async () => {
    await expect(page()).toMatchFileSnapshot(
      join(new URL("..", import.meta.url).pathname, "reports/contract.md"),
    );
  });
});

describe.each(EXHIBITS)("$by: $shows", (exhibit: Exhibit) => {
  it("permits what it says, and is named for it", () => {
    const run = shown(exhibit.shows);
    expect(run.bites).toContain(exhibit.bite);
    expect(run.warnings).toEqual([]);
    const found = exhibit.anomalies.map((anomaly) => {
      const { result, findings, count } = findingsOf(exhibit.shows, anomaly);
      const names = [...new Set(findings.map(({ permittedBy }) => permittedBy))];
      return { anomaly, occurred: count > 0, status: result.status, names };
    });
    expect(found).toEqual(
      exhibit.anomalies.map((anomaly) => ({
        anomaly,
        occurred: true,
        status: "permitted",
        names: [exhibit.says],
      })),
    );
    expect([...run.results.values()].filter((r) => r.status === "violated")).toEqual([]);
  });

  it(`nothing comes of it with ${exhibit.turned} (${exhibit.twin})`, () => {
    const run = shown(exhibit.twin);
    expect(run.bites).toContain(exhibit.bite);
    expect(run.warnings).toEqual([]);
    const found = exhibit.anomalies.map((anomaly) => {
      const { result, count } = findingsOf(exhibit.twin, anomaly);
      return { anomaly, count, status: result.status };
    });
    expect(found).toEqual(
      exhibit.anomalies.map((anomaly) => ({ anomaly, count: 0, status: "held" })),
    );
    expect([...run.results.values()].filter((r) => r.status === "violated")).toEqual([]);
  });
});
