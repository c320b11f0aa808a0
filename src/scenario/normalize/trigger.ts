// Triggers, event patterns and selectors: shorthands spelled out, every name and field checked.
import { EVENTS, type EventName } from "../../protocol/events.ts";
import type { Path } from "../diagnostics.ts";
import { EVENT_FIELDS, EVENT_NAMES, type FieldKind } from "../event-fields.ts";
import type { Selector, Trigger } from "../model.ts";
import type { SelectorInput } from "../schema/trigger.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";

interface Timed {
  readonly at?: number | undefined;
  readonly when?:
    | {
        readonly [field: string]: unknown;
        readonly event: string;
        readonly nth?: number | undefined;
        readonly after?: number | undefined;
        readonly delay?: number | undefined;
      }
    | undefined;
}

export function triggerOf({ at, when }: Timed, path: Path, around: Surroundings): Trigger {
  const { problems, durationUs } = around;
  if (at !== undefined && when !== undefined) {
    problems.error([...path, "when"], "at and when exclude each other", undefined, "key");
  }
  if (when !== undefined) {
    const { event, nth = 1, after = 0, delay = 0, ...fields } = when;
    const match = patternOf(event, fields, [...path, "when"], around);
    return { kind: "when", event, match, nth, afterUs: after, delayUs: delay };
  }
  if (at === undefined) problems.error(path, "needs at or when", undefined, "key");
  else if (at > durationUs) {
    problems.warning([...path, "at"], "comes after the scenario's duration, so it never happens");
  }
  return { kind: "at", atUs: at ?? 0 };
}

const NOUNS: Readonly<Record<FieldKind, string>> = {
  number: "a number or a node's name",
  text: "a text",
  flag: "true or false",
  partition: "a partition like orders-0",
  list: "a list",
};

/** The fields an event must have, checked against its payload. */
export function patternOf(
  event: string,
  fields: Readonly<Record<string, unknown>>,
  path: Path,
  around: Surroundings,
): Readonly<Record<string, unknown>> {
  const { problems, names } = around;
  if (!Object.hasOwn(EVENTS, event)) {
    problems.error([...path, "event"], `unknown event "${event}"`, didYouMean(event, EVENT_NAMES));
    return {};
  }
  const kinds: Readonly<Record<string, FieldKind>> = EVENT_FIELDS[event as EventName];
  const match: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const here = [...path, field];
    match[field] = value;
    if (field === "node") {
      if (typeof value === "string") names.checkNode(value, here);
      continue;
    }
    const kind = Object.hasOwn(kinds, field) ? kinds[field] : undefined;
    if (kind === undefined) {
      const hint = didYouMean(field, ["node", ...Object.keys(kinds)]);
      problems.error(here, `event ${event} has no field "${field}"`, hint, "key");
    } else if (kind === "partition") {
      names.checkPartition(value, here);
    } else if (!fits(kind, value)) {
      problems.error(here, `${field} of ${event} must be ${NOUNS[kind]}`);
    } else if (kind === "number" && typeof value === "string") {
      names.checkNode(value, here);
    }
  }
  return match;
}

function fits(kind: FieldKind, value: unknown): boolean {
  if (kind === "number") return typeof value === "number" || typeof value === "string";
  if (kind === "text") return typeof value === "string";
  if (kind === "flag") return typeof value === "boolean";
  return Array.isArray(value);
}

const FORMS = [
  "rack",
  "role",
  "leaderOf",
  "followersOf",
  "activeController",
  "coordinatorOf",
  "mode",
] as const;

export function selectorOf(input: SelectorInput, path: Path, around: Surroundings): Selector {
  const { names, problems } = around;
  if (typeof input === "string") {
    names.checkNode(input, path);
    return { kind: "names", names: [input] };
  }
  if (isList(input)) {
    input.forEach((name, i) => {
      names.checkNode(name, [...path, i]);
    });
    return { kind: "names", names: input };
  }
  const given = FORMS.filter((form) => input[form] !== undefined);
  const [form] = given;
  if (form === undefined || given.length > 1) {
    problems.error(path, `a selector is one of ${FORMS.join(", ")}`, undefined, "key");
    return { kind: "names", names: [] };
  }
  return formOf(form, input, path, around);
}

const isList = (input: SelectorInput): input is readonly string[] => Array.isArray(input);

type FormInput = Exclude<SelectorInput, string | readonly string[]>;

function formOf(
  form: (typeof FORMS)[number],
  input: FormInput,
  path: Path,
  around: Surroundings,
): Selector {
  switch (form) {
    case "rack":
      around.names.checkRack(input.rack ?? "", [...path, form]);
      return { kind: form, rack: input.rack ?? "" };
    case "role":
      return { kind: form, role: input.role ?? "broker" };
    case "leaderOf":
    case "followersOf":
      return { kind: form, partition: around.names.checkPartition(input[form], [...path, form]) };
    case "activeController":
      return { kind: form };
    case "coordinatorOf":
      around.names.checkGroup(input.coordinatorOf ?? "", [...path, form]);
      return { kind: form, group: input.coordinatorOf ?? "" };
    case "mode":
      return drawOf(input, path, around);
  }
}

function drawOf(input: FormInput, path: Path, around: Surroundings): Selector {
  const { mode = "one", value, of } = input;
  if (of === undefined) around.problems.error(path, 'missing key "of"', undefined, "key");
  if (mode === "fixed" && value === undefined) {
    around.problems.error(path, 'missing key "value"', undefined, "key");
  }
  const from = selectorOf(of ?? [], [...path, "of"], around);
  return { kind: "mode", mode, value: value ?? 1, of: from };
}
