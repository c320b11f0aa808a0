// What a metric is called, what it means, and by what it is told apart: the vocabulary of thresholds and `metric:` assertions.

export interface Metric {
  readonly unit: string;
  readonly doc: string;
  /** Sets of labels it has besides its plain name, each in the order in which a name{a=...,b=...} writes them. */
  readonly labels: readonly (readonly string[])[];
  /** It has no plain name: only one of the sets. */
  readonly onlyLabelled?: true;
  /** min, avg, med, max, count and percentiles; absent: a number. */
  readonly isDistribution?: true;
}

export const metric = (
  unit: string,
  doc: string,
  ...labels: readonly (readonly string[])[]
): Metric => ({ unit, doc, labels });

/** The name under which a run keeps it: name{key=value}. */
export function metricKey(
  name: string,
  labels: Readonly<Record<string, string | number | boolean>>,
): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}
