// k6 thresholds over the metrics of a run: p(99)<250, max<30000.
import type { ThresholdSpec } from "../scenario/model.ts";
import type { MetricValue } from "../view/metrics.ts";
import type { AssertionEntry } from "./result.ts";

const OPERATORS: Readonly<Record<ThresholdSpec["op"], (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

export function judgeThresholds(
  thresholds: readonly ThresholdSpec[],
  metrics: Readonly<Record<string, MetricValue>>,
  percentile: (metric: string, p: number) => number | undefined,
): AssertionEntry[] {
  return thresholds.map((threshold) => {
    const actual = measured(threshold, metrics[threshold.metric], percentile);
    const ok = actual !== undefined && OPERATORS[threshold.op](actual, threshold.value);
    return { text: `${threshold.metric} ${threshold.text}`, ok, actual: actual ?? null };
  });
}

function measured(
  { aggregate, metric }: ThresholdSpec,
  value: MetricValue | undefined,
  percentile: (metric: string, p: number) => number | undefined,
): number | undefined {
  if (typeof value === "number" || value === undefined) return value;
  if (typeof aggregate === "object") return percentile(metric, aggregate.percentile);
  return aggregate === "rate" ? undefined : value[aggregate];
}
