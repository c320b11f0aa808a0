// The life of one partition: who led it and why, its ISR, its truncations, and the faults and machines that touched its replicas.
import { type TraceEvent, textOf } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import { mentions } from "./absence.ts";
import type { Sources } from "./case.ts";
import type { BiographyEntry } from "./explanation.ts";

const MAX_ENTRIES = 400;

export interface PartitionLife {
  readonly summary: readonly string[];
  readonly entries: readonly BiographyEntry[];
  readonly leftOut: number;
}

export function partitionLife(sources: Sources, partition: TopicPartition): PartitionLife {
  const { chronicle, hosts, view } = sources;
  const p = view.partitions.get(partition.index);
  const replicas = p?.replicas ?? [];
  const entries: BiographyEntry[] = [];
  let leftOut = chronicle.leftOut;
  for (const e of chronicle.after(0)) {
    if (!concerns(e, partition, replicas, (id) => hosts.name(id))) continue;
    if (entries.length >= MAX_ENTRIES) leftOut++;
    else entries.push(entryOf(sources, e, "step"));
  }
  const ends = replicas.map((id) => {
    const replica = view.replicas.get(partition, id);
    return replica === undefined
      ? `${hosts.name(id)} has no log`
      : `${hosts.name(id)} ${replica.logStartOffset}..${replica.logEndOffset} (high watermark ${replica.highWatermark})`;
  });
  const leader = p === undefined || p.leader < 0 ? "no leader" : `leader ${hosts.name(p.leader)}`;
  const summary = [
    `In the end: ${leader}, epoch ${p?.leaderEpoch ?? -1}, ISR [${p?.isr.join(", ") ?? ""}]; logs ${ends.join(", ")}.`,
  ];
  return { summary, entries, leftOut };
}

export const entryOf = (
  { hosts }: Pick<Sources, "hosts">,
  e: TraceEvent,
  role: BiographyEntry["role"],
): BiographyEntry => ({
  event: e.seq,
  atMs: e.at / 1000,
  who: hosts.name(e.node),
  type: e.type,
  text: textOf(e),
  role,
});

function concerns(
  e: TraceEvent,
  partition: TopicPartition,
  replicas: readonly number[],
  name: (id: number) => string,
): boolean {
  if ("partition" in e) return e.partition === partition;
  if ("partitions" in e && Array.isArray(e.partitions)) return e.partitions.includes(partition);
  switch (e.type) {
    case "fault.injected":
    case "fault.healed":
      return e.targets.some((target) => replicas.some((id) => mentions(target, name(id))));
    case "broker.fenced":
    case "broker.unfenced":
    case "broker.shuttingDown":
      return replicas.includes(e.broker) && e.at >= 0;
    case "host.crashed":
    case "host.stopped":
    case "host.paused":
    case "host.resumed":
    case "host.wiped":
    case "disk.failed":
      return replicas.includes(e.node);
    case "host.booted":
      return replicas.includes(e.node) && e.incarnation > 1;
    case "run.settling":
      return true;
    default:
      return false;
  }
}
