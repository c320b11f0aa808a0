// What a report says of groups, and of members in its timeline.
import { describe, expect, it } from "vitest";
import { groupsText } from "../../src/report/groups-text.ts";
import { ASCII, PLAIN } from "../../src/report/style.ts";
import { textReport } from "../../src/report/text.ts";
import type { GroupSummary } from "../../src/runner/result.ts";
import { reportOf } from "./reports.ts";

const group = (name: string, over: Partial<GroupSummary> = {}): GroupSummary => ({
  name,
  state: "Stable",
  members: 4,
  idle: 1,
  rebalances: 2,
  rebalancingUs: 9_900_000,
  lag: 0,
  mostLag: 4966,
  mostLagAtUs: 46_386_000,
  ...over,
});

describe("groups", () => {
  it("are a table, the one that was furthest behind first", () => {
    const groups = [
      group("audit", { mostLag: 0, mostLagAtUs: 0, members: 1, idle: 0 }),
      group("billing"),
    ];
    expect(groupsText(reportOf({ groups }), PLAIN)).toEqual([
      "  group    state   members  idle  rebalances  rebalancing  most lag       at  lag",
      "  billing  Stable        4     1           2         9.9s     4,966  46.386s    0",
      "  audit    Stable        1     0           2         9.9s         0             0",
    ]);
  });

  it("are sentences on a narrow page, and the first ten of many", () => {
    const groups = Array.from({ length: 12 }, (_, i) => group(`g${i}`));
    const lines = groupsText(reportOf({ groups }), { ...PLAIN, width: 60, glyphs: ASCII });
    expect(lines.slice(0, 2)).toEqual([
      "  g0: Stable, 4 members (1 idle), 2 rebalances in 9.9s, most",
      "  lag 4,966 at 46.386s, lag 0",
    ]);
    expect(lines.at(-1)).toBe("  ... and 2 groups more");
  });
});

describe("an assertion that held", () => {
  it("tells what was measured, where it could have been something else", () => {
    const texts = [
      "lag(g) at 1s is at least 3",
      "slope of x equals 400 +- 2%",
      "members(g) equals 3",
    ];
    const assertions = texts.map((text) => ({ text, ok: true, actual: 401.25 }));
    const text = textReport(reportOf({}, { assertions }), PLAIN);
    expect(text).toContain("lag(g) at 1s is at least 3 (401.3)");
    expect(text).toContain("slope of x equals 400 +- 2% (401.3)");
    expect(text).toMatch(/members\(g\) equals 3$/m);
  });
});

describe("the timeline", () => {
  const line = (text: string, times = 1, records = 0): string =>
    textReport(
      reportOf({
        timeline: [{ atUs: 1e6, event: 1, who: "broker-1", kind: "client", text, times, records }],
      }),
      PLAIN,
    );

  it("has members' ids in short", () => {
    const id = "billing-1-ddbaa663-2c46-4942-a911-1ce935379793";
    expect(line(`adding ${id}: need to re-join with ${id}`)).toContain(
      "adding billing-1-ddba…: need to re-join with billing-1-ddba…",
    );
  });

  it("sums up the records of what is one happening", () => {
    expect(line("5 failed on orders-0: BUFFER_EXHAUSTED", 1711, 25_655)).toContain(
      "5 failed on orders-0: BUFFER_EXHAUSTED ×1,711, 25,655 records in all",
    );
    expect(line("5 failed", 1, 5)).not.toContain("in all");
  });
});
