// What an assertion asks about, read from the view. undefined: there is no such thing at that moment.

import { tally } from "../check/records.ts";
import type { GroundTruth } from "../check/truth.ts";
import { matchesFields } from "../cluster/match.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { metricKey } from "../protocol/metric.ts";
import type { AssertionSubject } from "../scenario/model.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import type { PartitionView } from "../view/partitions.ts";

type Subject = AssertionSubject;
type SubjectOf<K extends Subject["kind"]> = Extract<Subject, { kind: K }>;

/** Where readings come from. `events`: how many trace events of this assertion's pattern were seen. */
export interface Readings {
  readonly view: ClusterFold;
  readonly truth: GroundTruth;
  readonly nowUs: Micros;
  readonly events: number;
}

export function read(subject: Subject, from: Readings): unknown {
  switch (subject.kind) {
    case "partition":
      return partitionField(subject, from.view);
    case "offset":
      return offset(subject, from.view);
    case "activeController": {
      const id = from.view.quorum.activeController;
      return id < 0 ? undefined : from.view.directory.name(id);
    }
    case "available": {
      const known = from.view.partitions.named(subject.partition);
      return known === undefined ? false : from.view.isAvailable(known.partition, subject.op);
    }
    case "records":
      return records(subject, from);
    case "metric":
      return from.view.metrics(from.nowUs)[metricKey(subject.metric, subject.labels)];
    case "lag":
      return lag(subject, from.view);
    case "groupLag":
    case "committed":
      return groupOffset(subject, from.view);
    case "group":
      return groupField(subject, from.view);
    case "slope":
      return undefined;
    case "event":
      return from.events;
  }
}

function partitionField(subject: SubjectOf<"partition">, view: ClusterFold): unknown {
  const controllers = view.partitions.named(subject.partition);
  if (controllers === undefined) return undefined;
  if (subject.on === undefined || subject.field === "replicas" || subject.field === "elr") {
    return controllers[subject.field as keyof PartitionView];
  }
  const node = view.directory.named(subject.on)?.id ?? -1;
  const replica = view.replicas.get(controllers.partition, node);
  return replica === undefined ? undefined : replica[subject.field];
}

function offset(subject: SubjectOf<"offset">, view: ClusterFold): unknown {
  const known = view.partitions.named(subject.partition);
  if (known === undefined) return undefined;
  const node =
    subject.on === undefined ? known.leader : (view.directory.named(subject.on)?.id ?? -1);
  const replica = view.replicas.get(known.partition, node);
  if (replica === undefined) return undefined;
  // Without transactions the last stable offset is the high watermark.
  return subject.field === "lastStableOffset" ? replica.highWatermark : replica[subject.field];
}

function lag(subject: SubjectOf<"lag">, view: ClusterFold): unknown {
  const node = view.directory.named(subject.consumer)?.id ?? -1;
  if (subject.partition === undefined) return view.totalLag(node);
  const known = view.partitions.named(subject.partition);
  return known === undefined ? undefined : view.lag(node, known.partition);
}

function groupOffset(subject: SubjectOf<"groupLag" | "committed">, view: ClusterFold): unknown {
  const { kind, group } = subject;
  if (subject.partition === undefined) return view.totalGroupLag(group);
  const partition = view.partitions.named(subject.partition)?.partition;
  if (partition === undefined) return undefined;
  if (kind === "groupLag") return view.groupLag(group, partition);
  return view.groups.get(group)?.committed.get(partition.index)?.offset;
}

/** A group nobody has heard of is Dead, as Kafka describes it. */
function groupField({ field, group: name }: SubjectOf<"group">, view: ClusterFold): unknown {
  const group = view.groups.get(name);
  switch (field) {
    case "groupState":
      return group?.state ?? "Dead";
    case "generation":
      return group?.generation;
    case "members":
      return group?.memberCount ?? 0;
    case "assignment":
      return assignment(view, name);
  }
}

/** Names of partitions in order, by client. */
function assignment(view: ClusterFold, group: string): Readonly<Record<string, readonly string[]>> {
  const clients: [string, readonly string[]][] = [];
  for (const { client, partitions } of view.groups.get(group)?.members.values() ?? []) {
    const ordered = [...partitions].sort((a, b) => a.index - b.index);
    clients.push([view.directory.name(client), ordered.map((p) => p.name)]);
  }
  clients.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(clients);
}

/** With names: how many of the named records. */
function records(subject: SubjectOf<"records">, { view, truth }: Readings): number {
  const { count, names } = tally(view, truth, subject.outcome, subject);
  return subject.names === undefined
    ? count
    : subject.names.filter((name) => names.includes(name)).length;
}

/** Does an event belong to an assertion's pattern? */
export function matchesPattern(
  subject: SubjectOf<"event">,
  event: TraceEvent,
  view: ClusterFold,
): boolean {
  const { node, ...fields } = subject.match;
  if (node !== undefined && node !== event.node && view.directory.name(event.node) !== node)
    return false;
  return matchesFields(event, fields);
}
