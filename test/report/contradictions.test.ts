// The figures that every scenario's report is held to: each of them is looked at.
import { expect, test } from "vitest";
import type { RunReport, RunResult } from "../../src/runner/result.ts";
import { contradictions } from "./contradictions.ts";
import { check, reportOf } from "./reports.ts";

const COUNTS = {
  sent: 10,
  acked: 7,
  failed: 2,
  unknown: 1,
  delivered: 7,
  lost: 1,
  duplicated: 0,
};
const TIMES = { produceOutageMs: 5, consumeOutageMs: 0, stalenessMs: 0 };
const ROW = { ...COUNTS, refused: 2, servedPercent: 70, ...TIMES };

const sound = (over: Partial<RunResult> = {}, around: Partial<RunReport> = {}): RunReport =>
  reportOf(around, {
    records: COUNTS,
    topics: [{ topic: "orders", ...COUNTS }],
    ledger: {
      partitions: [{ name: "orders-0", ...ROW, recoveryMs: null }],
      clients: [{ name: "checkout", ...ROW }],
      cutMs: 0,
      sides: [],
    },
    metrics: { records_sent: 10, records_acked: 7, records_failed: 2, records_unknown: 1 },
    checks: [check("lost-write"), check("sends-resolved")],
    ...over,
  });

test("a sound report has none", () => {
  expect(contradictions(sound())).toEqual([]);
});

const { ledger } = sound().result;
const entry = (atUs: number, event: number): RunReport["timeline"][number] => ({
  atUs,
  event,
  who: "x",
  kind: "host",
  text: "x",
  times: 1,
  records: 0,
});

test.each([
  ["outcomes", sound({ records: { ...COUNTS, failed: 1 } }), "failed + unknown is not sent"],
  ["totals", sound({ topics: [] }), "sent: topics sum to 0"],
  ["metrics", sound({ metrics: {} }), "records_sent is undefined"],
  ["ledger sums", sound({ ledger: { ...ledger, clients: [] } }), "ledger by clients: sent is 0"],
  [
    "shares",
    sound({ ledger: { ...ledger, clients: [{ name: "checkout", ...ROW, servedPercent: 71 }] } }),
    "checkout: 71% served",
  ],
  ["times", sound({ ledger: { ...ledger, cutMs: 120_001 } }), "cut for longer than the run"],
  ["status", sound({ checks: [check("duplicate", { count: 2 })] }), "held with 2 findings"],
  [
    "outcome",
    sound({ checks: [check("duplicate", { expected: false })] }),
    "as expected, though something was not",
  ],
  ["order", sound({}, { timeline: [entry(2, 2), entry(1, 3)] }), "#3 comes before #2"],
  ["end", sound({}, { timeline: [entry(120_000_001, 2)] }), "#2 comes after the end"],
])("%s that do not add up are noticed", (_, report, complaint) => {
  expect(contradictions(report).join("\n")).toContain(complaint);
});
