// A configuration table: one row a setting, keyed by Kafka's own name, as Kafka's ConfigDef has it.
// Types, defaults by release, JSON Schema and reference pages are derived from the rows. Values keep Kafka's unit (ms, bytes).
import { assert } from "../../sim/assert.ts";
import { atLeast, type Release, type SinceRelease, valueSince } from "../releases.ts";

export type ConfigType = "int" | "long" | "double" | "boolean" | "string" | "enum";

type ValueOf<K extends ConfigType, V extends string> = K extends "boolean"
  ? boolean
  : K extends "enum"
    ? V
    : K extends "string"
      ? string
      : number;

/** A default or bound that changed between releases. */
export interface Since<T> {
  readonly since: SinceRelease<T>;
}

/** `{ "0.8": true, "0.11": false }`: the value of the newest entry not newer than the release. */
export const since = <T>(table: SinceRelease<T>): Since<T> => ({ since: table });

export interface Row<K extends ConfigType = ConfigType, V extends string = string> {
  readonly type: K;
  readonly default: ValueOf<K, V> | Since<ValueOf<K, V>>;
  readonly doc: string;
  /** What a bare number counts. A scenario may then also write "10s" or "16KiB". */
  readonly unit?: "ms" | "bytes";
  readonly kip?: string;
  /** The first release that has the setting, where it is later than the table's other rows. */
  readonly added?: Release;
  readonly min?: number | Since<number>;
  readonly max?: number;
  /** Numbers within the bounds that are not allowed. */
  readonly except?: readonly number[];
  readonly values?: readonly V[];
  /** Values that came, and that went, with a release: there from the first one on, gone from the other on. */
  readonly valuesIn?: Readonly<Record<string, { readonly from?: Release; readonly to?: Release }>>;
  /** Values that Kafka accepts and this product does not model yet. */
  readonly notYet?: readonly (string | boolean)[];
  /** Other spellings of a value. */
  readonly aliases?: Readonly<Record<string, V>>;
  /** Topic rows: the broker setting that is the default. */
  readonly brokerDefault?: string;
}

export type Table = Readonly<Record<string, Row>>;

/** The typed settings of a table. */
export type Config<T> = {
  readonly [N in keyof T]: T[N] extends Row<infer K, infer V> ? ValueOf<K, V> : never;
};

/** Settings by name, as a scenario gives them after loading. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export const row = <const K extends ConfigType, const V extends string = string>(
  definition: Row<K, V>,
): Row<K, V> => definition;

/** Kafka's Long.MAX_VALUE, "never": the largest integer that is exact here. Compare before adding to it. */
export const LONG_MAX = Number.MAX_SAFE_INTEGER;
export const INT_MAX = 2_147_483_647;

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

function at<T>(value: T | Since<T>, release: Release): T {
  if (typeof value !== "object" || value === null || !("since" in value)) return value as T;
  const found = valueSince(value.since, release);
  assert(found !== undefined, () => `no value at release ${release}`);
  return found as T;
}

/** The default of a setting at a release. */
export const defaultOf = (definition: Row, release: Release): string | number | boolean =>
  at<string | number | boolean>(definition.default, release);

export const minOf = (definition: Row, release: Release): number | undefined =>
  definition.min === undefined ? undefined : at(definition.min, release);

/** What is wrong with a value that has the row's type, or undefined. The text continues "<name> ". */
export function problemWith(
  definition: Row,
  value: string | number | boolean,
  release: Release,
): string | undefined {
  if (definition.notYet?.includes(value as string | boolean)) {
    return `${JSON.stringify(value)} is not supported yet`;
  }
  if (definition.type === "boolean") {
    return typeof value === "boolean" ? undefined : "must be true or false";
  }
  if (definition.type === "string" || definition.type === "enum") {
    if (typeof value !== "string") return "must be a string";
    if (definition.values === undefined || definition.values.includes(value)) return undefined;
    return `must be ${oneOf(definition.values.map((v) => (v === "" ? '""' : v)))}`;
  }
  return problemWithNumber(definition, value, release);
}

/** Why a value that is valid in some release is not in this one; undefined: it is. The text continues "<name> ". */
export function absentValue(
  definition: Row,
  value: string | number | boolean,
  release: Release,
): string | undefined {
  const lives = definition.valuesIn?.[String(value)];
  if (lives?.from !== undefined && !atLeast(release, lives.from)) {
    return `${String(value)} exists since Kafka ${lives.from}`;
  }
  if (lives?.to === undefined || !atLeast(release, lives.to)) return undefined;
  return `${String(value)} was removed in Kafka ${lives.to}`;
}

function problemWithNumber(definition: Row, value: unknown, release: Release): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return "must be a number";
  if (definition.type !== "double" && !Number.isSafeInteger(value)) return "must be a whole number";
  const min = minOf(definition, release);
  if (min !== undefined && value < min) return `must be at least ${min}`;
  const max = definition.max ?? (definition.type === "int" ? INT_MAX : undefined);
  if (max !== undefined && value > max) return `must be at most ${max}`;
  if (definition.except?.includes(value)) return `must not be ${value}`;
  return undefined;
}

const oneOf = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** Defaults of the release, then each of `settings` over them. Names and values must be valid: a scenario's are, once loaded. */
export function resolveConfig<T extends Table>(
  table: T,
  release: Release,
  ...settings: readonly Settings[]
): Config<T> {
  const config: Record<string, string | number | boolean> = {};
  for (const [name, definition] of Object.entries(table)) {
    config[name] = defaultOf(definition, release);
  }
  for (const layer of settings) {
    for (const [name, value] of Object.entries(layer)) {
      const definition = table[name];
      assert(definition !== undefined, () => `${name} is not in this configuration table`);
      // What a scenario may not ask for yet, an internal topic may have.
      const isInternal = definition.notYet?.includes(value as string | boolean) === true;
      const problem = isInternal ? undefined : problemWith(definition, value, release);
      assert(problem === undefined, () => `${name} = ${String(value)}: ${problem}`);
      config[name] = value;
    }
  }
  // A copy in one go: an object that grew key by key is a hash table to V8, and settings are read all over the hot paths.
  return { ...config } as Config<T>;
}
