// faultline docs: the reference in the terminal, a topic or a single name at a time; --write makes the Markdown pages.
import path from "node:path";
import { hanging, wrap } from "../report/format.ts";
import { referencePages } from "../report/reference.ts";
import { type Entry, GROUPS, type Group, referenceEntries } from "../report/reference-entries.ts";
import type { Style } from "../report/style.ts";
import { EVENT_FIELDS } from "../scenario/event-fields.ts";
import { scenarioJsonSchema } from "../scenario/json-schema.ts";
import { nearest } from "../scenario/suggest.ts";
import { UsageError } from "./failure.ts";
import { writeFile } from "./run-directory.ts";

const TOPICS: Readonly<Record<string, readonly Group[]>> = {
  config: ["broker", "topic", "producer", "consumer"],
  broker: ["broker"],
  topic: ["topic"],
  producer: ["producer"],
  consumer: ["consumer"],
  metrics: ["runMetrics", "metrics", "consumerMetrics", "connectionMetrics", "metricsLeftOut"],
  events: ["events"],
  apis: ["apis"],
  errors: ["errors"],
  rules: ["rules", "mutants"],
  mutants: ["mutants"],
  checks: ["checks"],
};

export function docsText(topic: string | undefined, style: Style): string {
  const entries = referenceEntries(EVENT_FIELDS);
  if (topic === undefined) return overview(entries, style);
  // event and events, check and checks
  const groups = TOPICS[topic] ?? TOPICS[`${topic}s`];
  if (groups !== undefined) return groups.map((group) => list(entries, group, style)).join("\n");
  const wanted = topic.toLowerCase();
  const found = entries.filter((entry) => entry.name.toLowerCase() === wanted);
  if (found.length === 0) throw new UsageError(unknown(topic, entries));
  return found.map((entry) => detail(entry, style)).join("\n");
}

function overview(entries: readonly Entry[], style: Style): string {
  const lines = Object.entries(TOPICS).map(([topic, groups]) => {
    const count = entries.filter((entry) => groups.includes(entry.group)).length;
    const what = groups.map((group) => GROUPS[group].title.toLowerCase()).join(", ");
    return `  ${style.paint("strong", topic.padEnd(10))} ${String(count).padStart(4)}  ${what}`;
  });
  const usage = [
    "faultline docs TOPIC   lists a topic",
    "faultline docs NAME    explains one name: faultline docs acks, docs NOT_ENOUGH_REPLICAS, docs isr.shrunk",
  ];
  return `${style.paint("heading", "Reference")}\n${lines.join("\n")}\n\n${usage.join("\n")}\n`;
}

function list(entries: readonly Entry[], group: Group, style: Style): string {
  const chosen = entries.filter((entry) => entry.group === group);
  const longest = chosen.reduce((w, entry) => Math.max(w, entry.name.length), 0);
  const width = Math.min(longest, 44);
  const lines = chosen.flatMap((entry) => {
    const text = `  ${style.paint("strong", entry.name.padEnd(width))}  `;
    return hanging({ text, width: Math.max(width, entry.name.length) + 4 }, entry.doc, style.width);
  });
  return `${style.paint("heading", GROUPS[group].title)}\n${lines.join("\n")}\n`;
}

function detail(entry: Entry, style: Style): string {
  const facts = entry.facts.filter(([, value]) => value !== "");
  const width = facts.reduce((w, [label]) => Math.max(w, label.length), 0);
  const head = `${style.paint("strong", entry.name)}  ${style.paint("dim", GROUPS[entry.group].one)}`;
  const lines = facts.flatMap(([label, value]) =>
    hanging(
      { text: `  ${style.paint("dim", label.padEnd(width))}  `, width: width + 4 },
      value,
      style.width,
    ),
  );
  const doc = wrap(entry.doc, style.width - 2).map((line) => `  ${line}`);
  return `${[head, ...doc, ...lines].join("\n")}\n`;
}

function unknown(topic: string, entries: readonly Entry[]): string {
  const names = [...Object.keys(TOPICS), ...entries.map((entry) => entry.name)];
  const near = nearest(topic, names);
  if (near !== undefined) return `docs: there is no "${topic}"; did you mean "${near}"?`;
  const lower = topic.toLowerCase();
  const containing = names.filter((name) => name.toLowerCase().includes(lower)).slice(0, 8);
  const hint =
    containing.length > 0
      ? `names like it: ${containing.join(", ")}`
      : "faultline docs lists the topics";
  return `docs: there is no "${topic}"; ${hint}`;
}

/** The pages, by file name. */
export const pages = (): ReadonlyMap<string, string> =>
  referencePages({ schema: scenarioJsonSchema(), eventFields: EVENT_FIELDS });

export function writePages(directory: string): string {
  const written = [...pages()].map(([name, text]) => {
    writeFile(directory, name, text);
    return path.join(directory, name);
  });
  return `${written.join("\n")}\n`;
}
