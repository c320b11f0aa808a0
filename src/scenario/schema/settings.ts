// Kafka settings in a scenario: the configuration tables as a schema, with durations and sizes in words, and unmodelled settings refused by name.
import { z } from "zod";
import { BROKER_CONFIG } from "../../protocol/config/broker.ts";
import { CONSUMER_CONFIG } from "../../protocol/config/consumer.ts";
import { PRODUCER_CONFIG } from "../../protocol/config/producer.ts";
import { problemWith, type Row, type Table } from "../../protocol/config/row.ts";
import { TOPIC_CONFIG } from "../../protocol/config/topic.ts";
import {
  UNMODELLED_BROKER,
  UNMODELLED_CONSUMER,
  UNMODELLED_PRODUCER,
  UNMODELLED_TOPIC,
  type UnmodelledSettings,
} from "../../protocol/config/unmodelled.ts";
import { LATEST_RELEASE } from "../../protocol/releases.ts";
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from "../duration.ts";
import { didYouMean } from "../suggest.ts";
import { strict, withHint } from "./fields.ts";

type Value = string | number | boolean;
type Read = { readonly value: Value } | { readonly problem: string };

/** The settings of one table, each optional, in Kafka's own unit after parsing. */
function settings(table: Table, unmodelled: UnmodelledSettings, where: string) {
  const shape: Record<string, z.ZodType<Value | undefined>> = {};
  for (const [name, row] of Object.entries(table)) shape[name] = setting(name, row).optional();
  return strict(shape, (key, known) => {
    if (unmodelled.has(key)) return withHint(`${key} is not supported yet`, unmodelled.get(key));
    return withHint(`unknown ${where} setting "${key}"`, didYouMean(key, known));
  });
}

function setting(name: string, row: Row): z.ZodType<Value> {
  return inputOf(name, row)
    .transform((raw, context): Value => {
      const read = readSetting(row, raw as Value);
      if ("value" in read) return read.value;
      context.issues.push({ code: "custom", message: `${name} ${read.problem}`, input: raw });
      return z.NEVER;
    })
    .describe(docOf(row)) as unknown as z.ZodType<Value>;
}

const docOf = (row: Row): string => (row.kip === undefined ? row.doc : `${row.doc} (${row.kip})`);

/** What an editor shows and accepts. */
function inputOf(name: string, row: Row): z.ZodType {
  const { values } = row;
  if (row.type === "boolean") return z.boolean({ error: () => `${name} must be true or false` });
  if (row.type === "enum" && values !== undefined) {
    return z
      .union([z.string(), z.number()], { error: () => `${name} must be one of ${words(values)}` })
      .meta({ examples: [...values] });
  }
  if (row.type === "string") return z.string({ error: () => `${name} must be a text` });
  if (row.unit !== undefined) {
    const pattern = row.unit === "ms" ? DURATION_PATTERN : SIZE_PATTERN;
    const like = row.unit === "ms" ? "a duration like 10s" : "a size like 16KiB";
    const text = z.string().meta({ pattern: pattern.source });
    return z.union([z.number(), text], { error: () => `${name} must be ${like}` });
  }
  return z.number({ error: () => `${name} must be a number` });
}

const words = (values: readonly string[]): string =>
  values.map((value) => (value === "" ? '""' : value)).join(", ");

export function readSetting(row: Row, raw: Value): Read {
  const value = inUnit(row, raw);
  if (typeof value === "object") return value;
  // A bound that depends on the release is checked when the release is known.
  const checked = typeof row.min === "object" ? { ...row, min: -1 } : row;
  const problem = problemWith(checked, value, LATEST_RELEASE);
  return problem === undefined ? { value } : { problem };
}

function inUnit(row: Row, raw: Value): Value | { readonly problem: string } {
  if (row.type === "enum") return row.aliases?.[String(raw)] ?? String(raw);
  if (row.unit === undefined || typeof raw !== "string") return raw;
  const parsed = row.unit === "ms" ? parseDuration(raw) : parseSize(raw);
  if (!parsed.ok) return { problem: `is ${JSON.stringify(raw)}: ${parsed.error}` };
  if (row.unit === "bytes") return parsed.value;
  if (parsed.value % 1000 !== 0) return { problem: `is ${raw}, but counts whole milliseconds` };
  return parsed.value / 1000;
}

export const brokerSettings = settings(BROKER_CONFIG, UNMODELLED_BROKER, "broker");
export const topicSettings = settings(TOPIC_CONFIG, UNMODELLED_TOPIC, "topic");
export const producerSettings = settings(PRODUCER_CONFIG, UNMODELLED_PRODUCER, "producer");
export const consumerSettings = settings(CONSUMER_CONFIG, UNMODELLED_CONSUMER, "consumer");
