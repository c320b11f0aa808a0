// unseen (jepsen.tests.kafka): after the cluster has settled, an acknowledged record that no consumer has got to yet.
import type { PartitionView } from "../view/partitions.ts";
import type { CheckerContext, End, Property } from "./checker.ts";
import type { ConsumerSettings } from "./contract-settings.ts";
import { placeless } from "./coordinator-liveness.ts";
import { eventually } from "./eventually.ts";
import { hindrance } from "./group-liveness.ts";
import { notServed } from "./liveness.ts";
import type { Notes } from "./notes.ts";
import { plural } from "./text.ts";

export const unseen: Property = eventually({
  name: "unseen",
  doc: "After settling, some running consumer of the topic has got to every acknowledged record.",
  judge: (context, notes, end) => {
    for (const p of context.view.partitions.all()) judge(context, notes, p, end);
  },
});

function judge(context: CheckerContext, notes: Notes, p: PartitionView, end: End): void {
  const { view, truth, settings, hosts } = context;
  const { topic, name } = p.partition;
  const readers = settings.consumers.filter(
    (consumer) =>
      consumer.topics?.includes(topic) === true &&
      view.hosts.isAlive(hosts.named(consumer.name)?.id ?? -1),
  );
  const known = truth.partition(p.partition.index);
  if (readers.length === 0 || known === undefined || known.acks.isEmpty) return;
  notes.looked = true;
  let position = -1;
  for (const at of view.consumers.on(p.partition)) {
    if (at.position > position) position = at.position;
    if (at.failure !== undefined)
      return notes.add(`${name}: ${hosts.name(at.node)} gave up: ${at.failure}`);
  }
  for (const { committed } of view.groups.all())
    position = Math.max(position, committed.get(p.partition.index)?.offset ?? -1);
  const highWatermark = view.highWatermark(p.partition) ?? 0;
  if (position >= highWatermark) return;
  const excuse = notServed(view, p, settings) ?? keptFromAll(context, p, readers);
  if (excuse !== undefined) return notes.add(`${name} rightly waits: ${excuse}`);
  const from = Math.max(0, position);
  for (const run of known.log.trunk.slice(from, highWatermark)) {
    const stream = truth.stream(run.stream);
    const [first] = stream?.acked.held(run.first, run.first + run.count) ?? [];
    if (stream === undefined || first === undefined) continue;
    const count = stream.acked.overlap(run.first, run.first + run.count);
    const offset = run.base + first.from - run.first;
    context.report({
      message: `${stream.nameOf(first.from)} was acked at ${name}@${offset}, and no consumer has got to it (${plural(count, "record")})`,
      evidence: [known.acks.find(run.stream, first.from)?.seq ?? end.seq],
      atUs: end.atUs,
      node: 0,
      count,
      about: {
        partition: p.partition,
        record: { stream: run.stream, number: first.from },
        offset,
      },
    });
  }
}

/** Why no reader gets at the partition; undefined: one of them can. A group needs all of its readers to get at all it owns. */
function keptFromAll(
  context: CheckerContext,
  p: PartitionView,
  readers: readonly ConsumerSettings[],
): string | undefined {
  const { view, hosts } = context;
  const reasons = readers.map(({ name, application }) => {
    const node = hosts.named(name)?.id ?? -1;
    const member = view.groups.membership(node);
    const group = member?.group ?? application?.group;
    return (
      view.core.between(node, p.leader) ??
      (member === undefined ? undefined : hindrance(view, member)) ??
      (group === undefined ? undefined : placeless(context, group, node, p))
    );
  });
  return reasons.includes(undefined) ? undefined : reasons[0];
}
