// Biographies: of a record, of an event, of a partition. Each takes one run of the scenario, or two where what to look for is known only afterwards.
import { reasonOfAbsence } from "../explain/absence.ts";
import { CauseIndex, EventFacts } from "../explain/event-facts.ts";
import type { Biography, BiographyEntry } from "../explain/explanation.ts";
import { entryOf, partitionLife } from "../explain/partition-facts.ts";
import { RecordFacts, type RecordQuery } from "../explain/record-facts.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { ScenarioRun } from "../runner/run.ts";
import type { Scenario } from "../scenario/model.ts";
import type { Tasks } from "./task.ts";

const newRun = (scenario: Scenario): ScenarioRun =>
  new ScenarioRun(scenario, { replay: () => "", only: [] });

const headOf = (
  scenario: Scenario,
  of: string,
): Pick<Biography, "apiVersion" | "scenario" | "variant" | "seed" | "of"> => ({
  apiVersion: "faultline.biography/v1",
  scenario: scenario.name,
  variant: scenario.variant ?? null,
  seed: scenario.seed,
  of,
});

/** undefined: no such record was sent. */
export function* recordBiography(
  scenario: Scenario,
  query:
    | RecordQuery
    | { readonly kind: "place"; readonly partition: string; readonly offset: number },
): Tasks<Biography | undefined> {
  const known = query.kind === "place" ? yield* recordAt(scenario, query) : query;
  if (known === undefined) return undefined;
  const run = newRun(scenario);
  const facts = new RecordFacts(known);
  run.observe(facts.listeners);
  yield { label: "follow the record", steps: run };
  if (!facts.found) return undefined;
  run.finish();
  const { hosts, view } = run.sources;
  const id = `${facts.stream}/${facts.number}`;
  const alias = facts.name === id ? "" : ` (${id})`;
  const producer = view.producers.get(facts.stream)?.producer ?? "";
  const entries = facts.entries.map(
    ({ seq, at, node, type, text }): BiographyEntry => ({
      event: seq,
      atMs: at / 1000,
      who: hosts.name(node),
      type,
      text,
      role: "step",
    }),
  );
  return {
    ...headOf(scenario, `record ${facts.name}${alias} of ${producer}`),
    summary: [fate(facts, (node) => hosts.name(node))],
    entries,
    leftOut: facts.leftOut,
  };
}

function fate(facts: RecordFacts, name: (node: number) => string): string {
  const held = facts.copies.filter((copy) => copy.goneSeq === 0);
  const places = [...new Set(held.map(({ offset }) => offset))].sort((a, b) => a - b);
  const acked = facts.acked === undefined ? "was never acked" : `was acked (#${facts.acked.seq})`;
  if (held.length === 0) {
    const last = facts.copies.findLast(({ goneSeq }) => goneSeq > 0);
    const gone =
      last === undefined
        ? "never reached a log"
        : `is in no log in the end: ${name(last.node)} was the last to lose it (#${last.goneSeq})`;
    return `It ${acked} and ${gone}.`;
  }
  const nodes = [...new Set(held.map(({ node }) => name(node)))].join(", ");
  const twice = places.length > 1 ? `, ${places.length} times over` : "";
  return `It ${acked} and lies at offset ${places.join(" and ")} of ${nodes} in the end${twice}.`;
}

/** The last record to be appended at an offset. */
function* recordAt(
  scenario: Scenario,
  { partition, offset }: { readonly partition: string; readonly offset: number },
): Tasks<RecordQuery | undefined> {
  const run = newRun(scenario);
  let found: RecordQuery | undefined;
  run.observe({
    "log.appended": (e) => {
      if (e.partition.name !== partition || !e.leader) return;
      const at = offset - e.baseOffset;
      if (at >= 0 && at < e.count)
        found = { kind: "number", stream: e.stream, number: e.firstNumber + at };
    },
  });
  yield { label: `look for ${partition}@${offset}`, steps: run };
  return found;
}

/** undefined: the run has no such event; `last`: how many it has. */
export function* eventBiography(
  scenario: Scenario,
  seq: number,
): Tasks<{ readonly biography: Biography | undefined; readonly last: number }> {
  const first = newRun(scenario);
  const index = new CauseIndex();
  first.observeAny(index.add);
  yield { label: "index causes", steps: first };
  if (seq > index.length) return { biography: undefined, last: index.length };
  const facts = new EventFacts(seq, index.chain(seq));
  const second = newRun(scenario);
  second.observeAny(facts.hear);
  yield { label: `look around #${seq}`, steps: second };
  second.finish();
  const { subject } = facts;
  if (subject === undefined) return { biography: undefined, last: index.length };
  const { sources } = second;
  const entries = [
    ...facts.chain.map((e) => entryOf(sources, e, "cause")),
    entryOf(sources, subject, "subject"),
    ...facts.effects.map((e) => entryOf(sources, e, "effect")),
  ];
  const biography = {
    ...headOf(scenario, `event #${seq}`),
    summary: [rootOf(second, facts, subject), ...absent(second, subject)],
    entries,
    leftOut: facts.descendants - facts.effects.length,
  };
  return { biography, last: index.length };
}

/** What it all goes back to. */
function rootOf(run: ScenarioRun, { chain, descendants }: EventFacts, subject: TraceEvent): string {
  const root = chain[0] ?? subject;
  const effects =
    descendants === 0 ? "Nothing goes back to it" : `${descendants} events go back to it`;
  const who = run.sources.hosts.name(root.node);
  return `${origin(root, who)} ${effects}.`;
}

function origin(root: TraceEvent, who: string): string {
  switch (root.type) {
    case "fault.injected":
    case "fault.healed":
      return `It goes back to fault ${root.id} (#${root.seq}).`;
    case "op.invoked":
      return `It goes back to what ${who} sent (#${root.seq}).`;
    case "host.booted":
      return `It goes back to a timer of ${who}, which has run since it started (#${root.seq}).`;
    case "operation.run":
      return `It goes back to ${root.tool} (#${root.seq}).`;
    default:
      return `It goes back to #${root.seq} of ${who}, which nothing in the trace caused: a timer, or the scenario itself.`;
  }
}

/** A timeout has no cause in the trace: what had befallen the machine that was not heard of is said beside it. */
function absent(run: ScenarioRun, e: TraceEvent): string[] {
  const silent =
    e.type === "broker.fenced"
      ? [e.broker]
      : e.type === "isr.shrunk"
        ? e.removed
        : e.type === "leader.elected" || e.type === "leader.lost"
          ? [e.previous]
          : [];
  const { chronicle, hosts } = run.sources;
  return silent.flatMap((node) => {
    const reason = reasonOfAbsence(chronicle, hosts, node, e.seq, e.at);
    return reason === undefined ? [] : [`Behind it: ${reason.text}.`];
  });
}

/** undefined: there is no such partition; `known`: those there are. */
export function* partitionBiography(
  scenario: Scenario,
  name: string,
): Tasks<{ readonly biography: Biography | undefined; readonly known: readonly string[] }> {
  const run = newRun(scenario);
  yield { label: `follow ${name}`, steps: run };
  run.finish();
  const { view } = run.sources;
  const known = [...view.partitions.ever()].map(({ partition }) => partition.name);
  const partition = view.partitions.named(name)?.partition;
  if (partition === undefined) return { biography: undefined, known };
  const life = partitionLife(run.sources, partition);
  return { biography: { ...headOf(scenario, `partition ${name}`), ...life }, known };
}
