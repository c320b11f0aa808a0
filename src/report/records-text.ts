// What became of the records, per topic, and how long acknowledgements took, worded as kafka-producer-perf-test words it.
import type { MetricSummary, RecordCounts, RunResult } from "../runner/result.ts";
import { count, decimal, shorten, wrap } from "./format.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

const MAX_TOPICS = 12;
const FIELDS = [
  "sent",
  "acked",
  "failed",
  "unknown",
  "delivered",
  "lost",
  "duplicated",
] as const satisfies readonly (keyof RecordCounts)[];

export function recordsText(result: RunResult, style: Style): string[] {
  const { topics, records } = result;
  const shown = topics.length > MAX_TOPICS ? topics.slice(0, MAX_TOPICS) : topics;
  const nameWidth = Math.min(30, Math.max(8, style.width - 66));
  const rows: (readonly [string, RecordCounts])[] = shown.map((t) => [
    shorten(t.topic, nameWidth, style.glyphs.ellipsis),
    t,
  ]);
  const hidden = topics.length - shown.length;
  if (hidden > 0)
    rows.push([`${style.glyphs.ellipsis} ${hidden} more`, rest(topics.slice(MAX_TOPICS))]);
  if (rows.length !== 1) rows.push(["all", records]);
  return style.width >= 72 ? wide(rows, style) : narrow(rows, style);
}

function rest(topics: readonly RecordCounts[]): RecordCounts {
  const sum = (field: keyof RecordCounts): number => topics.reduce((n, t) => n + t[field], 0);
  return {
    sent: sum("sent"),
    acked: sum("acked"),
    failed: sum("failed"),
    unknown: sum("unknown"),
    delivered: sum("delivered"),
    lost: sum("lost"),
    duplicated: sum("duplicated"),
  };
}

type Rows = readonly (readonly [string, RecordCounts])[];

const isBad = (field: keyof RecordCounts): boolean => field === "lost" || field === "duplicated";

function wide(rows: Rows, style: Style): string[] {
  const columns: Column[] = [
    { title: "topic", align: "left" },
    ...FIELDS.map((title): Column => ({ title, align: "right" })),
  ];
  const cells = rows.map(([name, counts]) => [name, ...FIELDS.map((f) => count(counts[f]))]);
  const lines = table(columns, cells, (padded, row, column) => {
    if (row < 0) return style.paint("dim", padded);
    const field = FIELDS[column - 1];
    if (field === undefined || !isBad(field)) return padded;
    return padded.trim() === "0" ? style.paint("dim", padded) : style.paint("strong", padded);
  });
  return lines.map((line) => `  ${line}`);
}

/** On a narrow page one paragraph a topic. */
function narrow(rows: Rows, style: Style): string[] {
  return rows.flatMap(([name, counts]) => {
    const parts = FIELDS.filter((f) => counts[f] > 0).map((f) => `${count(counts[f])} ${f}`);
    const text = `${name}: ${parts.length > 0 ? parts.join(", ") : "nothing sent"}`;
    return wrap(text, style.width - 2).map((line) => `  ${line}`);
  });
}

const isSummary = (metric: number | MetricSummary | undefined): metric is MetricSummary =>
  typeof metric === "object";

/** Without a rate: records a second over a run with faults and a settling phase would mislead. */
export function latencyText(result: RunResult, style: Style): string[] {
  const latency = result.metrics.produce_latency_ms;
  if (!isSummary(latency) || latency.count === 0) return [];
  const ms = (n: number): string => `${decimal(n)} ms`;
  const text = [
    `${count(latency.count)} records acked`,
    `${ms(latency.avg)} avg latency`,
    `${ms(latency.max)} max latency`,
    `${ms(latency.med)} 50th`,
    `${ms(latency.p95)} 95th`,
    `${ms(latency.p99)} 99th`,
    `${ms(latency.p999)} 99.9th`,
  ].join(", ");
  return wrap(`${text}.`, style.width - 2).map((line) => `  ${line}`);
}
