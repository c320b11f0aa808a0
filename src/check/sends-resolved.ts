// Liveness: every send() of a producer that still runs has been told its outcome.
import type { PartitionView } from "../view/partitions.ts";
import { type StreamView, unresolved } from "../view/producers.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import { eventually } from "./eventually.ts";
import { notServed, rightlyUnacked } from "./liveness.ts";
import type { Notes } from "./notes.ts";
import { plural } from "./text.ts";

export const sendsResolved: Property = eventually({
  name: "sends-resolved",
  doc: "After settling, every record sent by a running producer is acked, failed or unknown.",
  judge,
});

function judge(context: CheckerContext, notes: Notes, end: End): void {
  const { view, report } = context;
  for (const stream of view.producers.all()) {
    if (stream.sent > 0) notes.looked = true;
    const open = unresolved(stream);
    if (open === 0) continue;
    const what = `${plural(open, "record")} of ${stream.producer} to ${stream.partition.name}`;
    const p = view.partitions.get(stream.partition.index);
    const excuse = p === undefined ? undefined : rightlyWaits(context, stream, p);
    if (stream.over || !view.hosts.isAlive(stream.node)) notes.add(`${what}: the producer is gone`);
    else if (p?.deleted === true) notes.add(`${what}: the topic is deleted`);
    else if (excuse !== undefined)
      notes.add(`${what} rightly ${open === 1 ? "waits" : "wait"}: ${excuse}`);
    else {
      report({
        message: `${what} ${open === 1 ? "has" : "have"} no outcome`,
        evidence: [end.seq],
        atUs: end.atUs,
        node: stream.node,
        count: open,
      });
    }
  }
}

function rightlyWaits(
  { view, settings }: CheckerContext,
  { producer, node }: StreamView,
  p: PartitionView,
): string | undefined {
  const stuck = notServed(view, p, settings) ?? view.core.between(node, p.leader);
  if (stuck !== undefined) return stuck;
  const acks = settings.producers.find(({ name }) => name === producer)?.acks ?? "all";
  return acks === "all" ? rightlyUnacked(view, p) : undefined;
}
