// ClientChaos, StressChaos and ErrorChaos as written, to the model. A client may be meant by its declared name: all of its instances.
import { REFUSABLE_APIS } from "../../protocol/error-responses.ts";
import { ERRORS } from "../../protocol/errors.ts";
import type { Path } from "../diagnostics.ts";
import { formatSize } from "../duration.ts";
import type { ConsumerSpec, MemoryStress, Selector } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { SelectorInput } from "../schema/trigger.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";
import { selectorOf } from "./trigger.ts";

type FaultInput = NonNullable<ScenarioInput["faults"]>[number];
type Kind<K extends FaultInput["kind"]> = Extract<FaultInput, { kind: K }>;
type ClientChaosInput = Kind<"ClientChaos">;

/** How many instances joins will start, by the name of the consumer as declared. */
export function newcomersOf(inputs: readonly FaultInput[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const input of inputs) {
    if (input.kind !== "ClientChaos" || input.action !== "join") continue;
    if (typeof input.selector !== "string") continue;
    counts.set(input.selector, (counts.get(input.selector) ?? 0) + (input.instances ?? 1));
  }
  return counts;
}

interface Declared {
  readonly consumers: readonly ConsumerSpec[];
  /** Newcomers that earlier joins have taken, by declared name. */
  readonly joining: Map<string, number>;
}

export function clientChaosOf(
  input: ClientChaosInput,
  path: Path,
  declared: Declared,
  around: Surroundings,
): object {
  const { kind, action } = input;
  const rest = { kind, action, perSecond: input.target ?? 0, timeUs: input.time ?? 0 };
  checkFields(input, path, around);
  if (action === "join") {
    const newcomers = joinersOf(input, path, declared, around);
    return { ...rest, selector: { kind: "names", names: newcomers }, newcomers };
  }
  const selector = clientsOf(input.selector, [...path, "selector"], around);
  return { ...rest, selector, newcomers: [] };
}

const OWN_FIELDS: Readonly<Record<string, ClientChaosInput["action"]>> = {
  target: "rate",
  time: "processingTime",
  instances: "join",
};

function checkFields(input: ClientChaosInput, path: Path, { problems }: Surroundings): void {
  for (const [field, action] of Object.entries(OWN_FIELDS)) {
    const given = input[field as "target" | "time" | "instances"] !== undefined;
    if (given && input.action !== action) {
      problems.error([...path, field], `${field} belongs to action: ${action}`, undefined, "key");
    }
    if (!given && input.action === action && field !== "instances") {
      problems.error(path, `missing key "${field}"`, undefined, "key");
    }
  }
}

function joinersOf(
  input: ClientChaosInput,
  path: Path,
  { consumers, joining }: Declared,
  { names, problems }: Surroundings,
): string[] {
  const name = typeof input.selector === "string" ? input.selector : "";
  const declared = names.clients.get(name);
  const late = consumers.filter(
    (c) => c.waits && c.name.slice(0, c.name.lastIndexOf("-")) === name,
  );
  if (declared === undefined || late.length === 0) {
    const hint = didYouMean(name, [...names.clients.keys()]);
    problems.error([...path, "selector"], "join needs the name of a consumer", hint);
    return [];
  }
  const from = joining.get(name) ?? 0;
  const to = from + (input.instances ?? 1);
  joining.set(name, to);
  return late.slice(from, to).map((c) => c.name);
}

/** A selector in which the name of a client with several instances stands for all of them. */
function clientsOf(input: SelectorInput, path: Path, around: Surroundings): Selector {
  const { clients, nodes } = around.names;
  const expand = (name: string): readonly string[] =>
    nodes.has(name) ? [name] : (clients.get(name) ?? [name]);
  if (typeof input === "string") return selectorOf([...expand(input)], path, around);
  if (Array.isArray(input)) {
    return selectorOf((input as readonly string[]).flatMap(expand), path, around);
  }
  return selectorOf(input, path, around);
}

export function stressChaosOf(
  input: Kind<"StressChaos">,
  path: Path,
  around: Surroundings,
): object {
  const { cpu, memory } = input.stressors;
  const { problems } = around;
  const at = [...path, "stressors"];
  const used = [cpu && "cpu", memory && "memory"].filter((name) => name !== undefined);
  if (used.length === 0)
    problems.error(at, "needs a stressor", "cpu: { load: 80% } or memory: { size: 2GiB }", "key");
  if (cpu !== undefined && cpu.load >= 1) {
    const hint = "ProcessChaos pause stops it";
    problems.error([...at, "cpu", "load"], "load must be less than 100%", hint);
  }
  if (input.action !== undefined && used.length > 0 && !used.includes(input.action))
    problems.error([...path, "action"], `stressors has no ${input.action}`);
  return {
    kind: input.kind,
    action: used.join(", "),
    selector: selectorOf(input.selector, [...path, "selector"], around),
    load: cpu?.load ?? 0,
    memory: memory && memoryStressOf(memory, [...at, "memory"], around),
  };
}

function memoryStressOf(
  { size, workers = 1, oomScoreAdj = 0 }: NonNullable<Kind<"StressChaos">["stressors"]["memory"]>,
  path: Path,
  { memory, problems }: Surroundings,
): MemoryStress {
  const total = memory?.sizeBytes ?? 0;
  const bytes = "share" in size ? Math.floor(size.share * total) : size.bytes;
  if (bytes > total) {
    const message = `a machine has ${formatSize(total)} of memory`;
    problems.error([...path, "size"], message, "cluster: { memory: { size: ... } }");
  }
  return { bytes, workers, oomScoreAdj };
}

export function errorChaosOf(input: Kind<"ErrorChaos">, path: Path, around: Surroundings): object {
  const { kind, rpc, error, count } = input;
  const { problems } = around;
  if (!(REFUSABLE_APIS as readonly string[]).includes(rpc)) {
    const hint = didYouMean(rpc, REFUSABLE_APIS) ?? `one of ${REFUSABLE_APIS.join(", ")}`;
    problems.error([...path, "rpc"], `ErrorChaos cannot answer "${rpc}"`, hint);
  }
  if (!Object.hasOwn(ERRORS, error) || error === "NONE") {
    const hint = didYouMean(error, Object.keys(ERRORS));
    problems.error([...path, "error"], `unknown error "${error}"`, hint);
  }
  const selector = selectorOf(input.selector, [...path, "selector"], around);
  return { kind, action: "answer", selector, rpc, error, count };
}
