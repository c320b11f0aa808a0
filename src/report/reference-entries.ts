// The reference as data: everything that has a name in scenarios, traces and results, with its facts and its meaning, from the tables
// of protocol/ and check/. The Markdown pages and `faultline docs` are two renderings of these entries.
import { CHECKS } from "../check/index.ts";
import { APIS } from "../protocol/apis.ts";
import { BROKER_CONFIG } from "../protocol/config/broker.ts";
import { CONSUMER_CONFIG } from "../protocol/config/consumer.ts";
import { PRODUCER_CONFIG } from "../protocol/config/producer.ts";
import {
  DAY,
  defaultOf,
  HOUR,
  MINUTE,
  type Row,
  SECOND,
  type Table,
} from "../protocol/config/row.ts";
import { TOPIC_CONFIG } from "../protocol/config/topic.ts";
import { CONNECTION_METRICS } from "../protocol/connection-metrics.ts";
import { CONSUMER_METRICS } from "../protocol/consumer-metrics.ts";
import { ERRORS, type ErrorRow } from "../protocol/errors.ts";
import { EVENTS } from "../protocol/events.ts";
import type { Metric } from "../protocol/metric.ts";
import { METRICS_LEFT_OUT } from "../protocol/metrics-left-out.ts";
import { PRODUCER_METRICS } from "../protocol/producer-metrics.ts";
import { LATEST_RELEASE, MUTANTS, RULES, type SinceRelease } from "../protocol/releases.ts";
import { RUN_METRICS } from "../protocol/run-metrics.ts";

export const GROUPS = {
  broker: { title: "Broker settings", one: "broker setting", page: "config" },
  topic: { title: "Topic settings", one: "topic setting", page: "config" },
  producer: { title: "Producer settings", one: "producer setting", page: "config" },
  consumer: { title: "Consumer settings", one: "consumer setting", page: "config" },
  runMetrics: { title: "Metrics of the run", one: "metric", page: "metrics" },
  metrics: { title: "Producer metrics", one: "producer metric", page: "metrics" },
  consumerMetrics: { title: "Consumer metrics", one: "consumer metric", page: "metrics" },
  connectionMetrics: {
    title: "Metrics of clients' connections",
    one: "metric of a client",
    page: "metrics",
  },
  metricsLeftOut: {
    title: "Kafka's metrics that a run does not have",
    one: "metric that is left out",
    page: "metrics",
  },
  events: { title: "Trace events", one: "trace event", page: "events" },
  apis: { title: "APIs", one: "API", page: "apis" },
  errors: { title: "Errors", one: "error", page: "errors" },
  rules: { title: "Protocol rules", one: "protocol rule", page: "rules" },
  mutants: { title: "Mutants", one: "mutant", page: "rules" },
  checks: { title: "Checks", one: "check", page: "checks" },
} as const;
export type Group = keyof typeof GROUPS;

export interface Entry {
  readonly group: Group;
  readonly name: string;
  readonly doc: string;
  /** Label and value, in the order of the table's columns; every entry of a group has the same labels. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

/** Payload fields of an event, which types alone know: the caller brings them from the scenario layer's table. */
export type EventFields = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function referenceEntries(fields: EventFields): Entry[] {
  return [
    ...settings("broker", BROKER_CONFIG),
    ...settings("topic", TOPIC_CONFIG),
    ...settings("producer", PRODUCER_CONFIG),
    ...settings("consumer", CONSUMER_CONFIG),
    ...metrics("runMetrics", RUN_METRICS),
    ...metrics("metrics", PRODUCER_METRICS),
    ...metrics("consumerMetrics", CONSUMER_METRICS),
    ...metrics("connectionMetrics", CONNECTION_METRICS),
    ...METRICS_LEFT_OUT.map(
      ({ names, why }): Entry => ({ group: "metricsLeftOut", name: names, doc: why, facts: [] }),
    ),
    ...Object.entries(EVENTS).map(([name, { doc }]): Entry => {
      const payload = Object.entries(fields[name] ?? {});
      return { group: "events", name, doc, facts: [["fields", payload.map(field).join(", ")]] };
    }),
    ...Object.entries(APIS).map(([name, { key, server, doc }]): Entry => {
      const facts = [["key", String(key)] as const, ["served by", server] as const];
      return { group: "apis", name, doc, facts };
    }),
    ...Object.entries(ERRORS).map(([name, row]) => error(name, row)),
    ...Object.entries(RULES).map(([name, { values, since, source, doc }]): Entry => {
      const facts = [
        ["values", values.join(", ")] as const,
        ["by release", history(since)] as const,
        ["source", source] as const,
      ];
      return { group: "rules", name, doc, facts };
    }),
    ...Object.entries(MUTANTS).map(
      ([name, doc]): Entry => ({ group: "mutants", name, doc, facts: [] }),
    ),
    ...Object.values(CHECKS).map(
      ({ name, kind, doc }): Entry => ({
        group: "checks",
        name,
        doc,
        facts: [["judged", kind === "always" ? "at every event" : "after settling"]],
      }),
    ),
  ];
}

const field = ([name, kind]: readonly [string, string]): string => `${name} (${kind})`;

export const history = (since: SinceRelease<string | number | boolean>): string =>
  Object.entries(since)
    // Releases are not in order as object keys: 0.8 is the first of all tables, 0.10 comes after 0.9.
    .sort(([a], [b]) => releaseOrder(a) - releaseOrder(b))
    .map(([release, value]) => (release === "0.8" ? String(value) : `${value} since ${release}`))
    .join(", ");

const releaseOrder = (release: string): number => {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major * 1000 + minor;
};

function error(name: string, row: ErrorRow): Entry {
  const yes = (flag: boolean): string => (flag ? "yes" : "no");
  return {
    group: "errors",
    name,
    doc: row.doc,
    facts: [
      ["code", String(row.code)],
      ["retriable", yes(row.retriable)],
      ["nothing appended", yes(row.definite)],
      ["refreshes metadata", yes(row.invalidMetadata)],
    ],
  };
}

function metrics(group: Group, table: Readonly<Record<string, Metric>>): Entry[] {
  return Object.entries(table).map(([name, { unit, doc, labels }]): Entry => {
    const sets = labels.map((keys) => keys.join(" and ")).join(", or ");
    return {
      group,
      name,
      doc,
      facts: [
        ["unit", unit],
        ["labels", sets],
      ],
    };
  });
}

function settings(group: Group, table: Table): Entry[] {
  return Object.entries(table).map(
    ([name, row]): Entry => ({
      group,
      name,
      doc: row.doc,
      facts: [
        ["type", typeText(row)],
        [`default (${LATEST_RELEASE})`, valueText(defaultOf(row, LATEST_RELEASE), row)],
        ["by release", defaultHistory(row)],
        ["source", row.kip ?? ""],
      ],
    }),
  );
}

function typeText(row: Row): string {
  const named = row.values?.map((value) => `${value || '""'}${lifeText(row, value)}`);
  const values = named === undefined ? "" : `: ${named.join(", ")}`;
  const unit = row.unit === undefined ? "" : `, ${row.unit}`;
  const broker = row.brokerDefault === undefined ? "" : `; the broker's ${row.brokerDefault}`;
  const later = row.notYet === undefined ? "" : `; not supported yet: ${row.notYet.join(", ")}`;
  return `${row.type}${unit}${values}${later}${broker}`;
}

/** " (2.4 to 3.9)": the releases that have a value. */
function lifeText(row: Row, value: string): string {
  const { from, to } = row.valuesIn?.[value] ?? {};
  const words = [from === undefined ? "" : `since ${from}`, to === undefined ? "" : `before ${to}`];
  const text = words.filter((word) => word !== "").join(", ");
  return text === "" ? "" : ` (${text})`;
}

function defaultHistory(row: Row): string {
  const added = row.added === undefined ? "" : `since ${row.added}`;
  const { default: given } = row;
  if (typeof given !== "object") return added;
  const parts = Object.fromEntries(
    Object.entries(given.since).map(([release, value]) => [release, valueText(value, row)]),
  );
  return [added, history(parts)].filter((part) => part !== "").join("; ");
}

const DURATIONS = [
  [DAY, "d"],
  [HOUR, "h"],
  [MINUTE, "m"],
  [SECOND, "s"],
] as const;
const SIZES = [
  [1024 * 1024 * 1024, "GiB"],
  [1024 * 1024, "MiB"],
  [1024, "KiB"],
] as const;

/** As a scenario would write it. */
function valueText(value: string | number | boolean, row: Row): string {
  if (value === "") return '""';
  if (typeof value !== "number") return String(value);
  if (value === Number.MAX_SAFE_INTEGER) return "never (Long.MAX_VALUE)";
  const units = row.unit === "ms" ? DURATIONS : row.unit === "bytes" ? SIZES : [];
  const unit = units.find(([size]) => value >= size && value % size === 0);
  if (unit !== undefined) return `${value / unit[0]}${unit[1]}`;
  if (row.unit === "ms" && value > 0) return `${value}ms`;
  return row.unit === "bytes" && value > 0 ? `${value}B` : String(value);
}
