// Metrics as thresholds and assertions name them: one that there is not, or that has no such label, is a mistake of meaning.
import { CONNECTION_METRICS } from "../protocol/connection-metrics.ts";
import { CONSUMER_METRICS } from "../protocol/consumer-metrics.ts";
import { type Metric, metricKey } from "../protocol/metric.ts";
import { PRODUCER_METRICS } from "../protocol/producer-metrics.ts";
import { RUN_METRICS } from "../protocol/run-metrics.ts";
import type { Path } from "./diagnostics.ts";
import type { Names } from "./names.ts";
import type { Problems } from "./problems.ts";
import { didYouMean } from "./suggest.ts";

export const METRICS: Readonly<Record<string, Metric>> = {
  ...RUN_METRICS,
  ...PRODUCER_METRICS,
  ...CONSUMER_METRICS,
  ...CONNECTION_METRICS,
};

type Labels = Readonly<Record<string, string | number | boolean>>;

interface Context {
  readonly names: Names;
  readonly problems: Problems;
  /** Where the name stands, and where its labels do. */
  readonly path: Path;
  readonly labelsPath: Path;
  /** A threshold's metric is a key of the file, an assertion's is a value. */
  readonly on: "key" | "value";
}

/** The labels in the metric's own order. */
export function checkMetric(name: string, labels: Labels, context: Context): Labels {
  const { problems, path, labelsPath, on } = context;
  if (!Object.hasOwn(METRICS, name)) {
    const hint = didYouMean(name, Object.keys(METRICS)) ?? "reports/reference/metrics.md has all";
    problems.error(path, `unknown metric "${name}"`, hint, on);
    return labels;
  }
  const known = METRICS[name] as Metric;
  const given = Object.keys(labels);
  const set = known.labels.find(
    (keys) => keys.length === given.length && keys.every((key) => given.includes(key)),
  );
  if (set === undefined && (given.length > 0 || known.onlyLabelled === true)) {
    const sets = known.labels.map((keys) => keys.join(" and "));
    const has = sets.length === 0 ? "it has none" : `it has ${sets.join(", or ")}`;
    const message =
      given.length === 0
        ? `metric "${name}" needs a label`
        : `metric "${name}" has no label ${given.map((key) => `"${key}"`).join(", ")}`;
    problems.error(labelsPath, message, has, on);
    return labels;
  }
  for (const key of given) checkValue(key, String(labels[key]), context);
  return Object.fromEntries((set ?? []).map((key) => [key, labels[key] as string]));
}

function checkValue(label: string, value: string, { names, problems, labelsPath }: Context): void {
  if (label === "group") names.checkGroup(value, labelsPath);
  else if (label === "topic") names.checkTopic(value, labelsPath);
  else if (label === "partition") names.checkPartition(value, labelsPath);
  else if (label === "client-id" || label === "client") {
    const clients = [...names.clients.values()].flat();
    if (clients.includes(value)) return;
    problems.error(labelsPath, `there is no client "${value}"`, didYouMean(value, clients));
  }
}

/** `name{a=b}` of a threshold. */
function parseMetric(text: string): { readonly name: string; readonly labels: Labels } {
  const [, name = text, inner] = /^([^{}]+)\{([^{}]*)\}$/.exec(text) ?? [];
  const pairs = (inner ?? "").split(",").filter((pair) => pair !== "");
  const labels = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at < 0 ? undefined : at).trim(), pair.slice(at + 1).trim()];
    }),
  );
  return { name, labels };
}

export const checkedMetricKey = (text: string, context: Context): string => {
  const { name, labels } = parseMetric(text);
  return metricKey(name, checkMetric(name, labels, context));
};
