import { expect, test } from "vitest";
import { leaderChart } from "../../src/report/leader-chart.ts";
import { PLAIN } from "../../src/report/style.ts";
import { partition, reportOf } from "./reports.ts";

const chart = (partitions: readonly ReturnType<typeof partition>[]): string =>
  leaderChart(reportOf({ partitions }), { ...PLAIN, width: 60 }).join("\n");

test("a band carries the leader's number where it begins to lead", () => {
  expect(
    chart([
      partition("t-0", [
        [0, 60, 1, 0],
        [60, 120, 2, 1],
      ]),
    ]),
  ).toMatchInlineSnapshot(`
    "          0s          30s          1m          1m30s
      t-0     1━━━━━━━━━━━━━━━━━━━━━━━━2━━━━━━━━━━━━━━━━━━━━━━━━
      digits: the leading broker"
  `);
});

test("an outage shorter than a column still shows", () => {
  const text = chart([
    partition("t-0", [
      [0, 60, 1, 0],
      [60, 60.001, -1, 1],
      [60.001, 120, 1, 2],
    ]),
  ]);
  expect(text).toMatch(/1━+·1━+/);
});

test("several changes within one column are marked", () => {
  const text = chart([
    partition("t-0", [
      [0, 60, 1, 0],
      [60, 60.001, 2, 1],
      [60.001, 60.002, 3, 2],
      [60.002, 120, 1, 3],
    ]),
  ]);
  expect(text).toContain("╳");
  expect(text).toContain("several changes");
});

test("before a partition exists its band is empty", () => {
  expect(chart([partition("t-0", [[60, 120, 1, 0]])])).toMatch(/t-0 {5,} {10,}1━/);
});

test("brokers with long ids are letters, with a legend", () => {
  const text = chart([
    partition("t-0", [
      [0, 60, 101, 0],
      [60, 120, 102, 1],
    ]),
  ]);
  expect(text).toMatch(/A━+B━+/);
  expect(text).toContain("A broker-101  B broker-102");
});

test("of many partitions those are shown whose leaders changed", () => {
  const calm = Array.from({ length: 30 }, (_, i) => partition(`t-${i}`, [[0, 120, 1, 0]]));
  const text = chart([
    ...calm,
    partition("busy-0", [
      [0, 60, 1, 0],
      [60, 120, 2, 1],
    ]),
  ]);
  expect(text).toContain("busy-0");
  expect(text).toContain("… and 19 more");
});

test("a run of no length has a chart all the same", () => {
  const report = reportOf({ partitions: [partition("t-0", [])] }, { virtualTimeMs: 0 });
  expect(leaderChart(report, PLAIN).length).toBeGreaterThan(0);
});

test("only the end of the load is marked as settling, not what an operator does", () => {
  const entry = (atS: number, kind: "run" | "settling") =>
    ({ atUs: atS * 1e6, event: atS + 1, who: "x", kind, text: "x", times: 1, records: 0 }) as const;
  const text = (kind: "run" | "settling"): string =>
    leaderChart(reportOf({ timeline: [entry(0, "run"), entry(60, kind)] }), PLAIN).join("\n");
  expect(text("run")).not.toContain("┊");
  expect(text("settling").match(/┊/g)).toHaveLength(2);
});
