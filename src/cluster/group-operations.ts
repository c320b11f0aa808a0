// kafka-consumer-groups (ConsumerGroupCommand): --delete, and --reset-offsets, which is a dry run unless --execute is given and is refused while
// the group has members. New offsets are kept within the log.
import type { GroupAdmin } from "../client/group-admin.ts";
import type { Process } from "../protocol/kafka-host.ts";
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { OperationSpec } from "../scenario/model.ts";
import type { Cluster } from "./cluster.ts";

type Args = OperationSpec["args"];
type Offsets = ReadonlyMap<TopicPartition, Offset>;

export interface Outcome {
  readonly ok: boolean;
  readonly message: string;
}

export const NO_ANSWER: Outcome = { ok: false, message: "no answer before the timeout" };

export function* consumerGroups(cluster: Cluster, admin: GroupAdmin, args: Args): Process<Outcome> {
  const group = String(args.group);
  if (args.delete === true) {
    const error = yield* admin.delete(group);
    if (error === undefined) return NO_ANSWER;
    return { ok: error === "NONE", message: error === "NONE" ? "done" : error };
  }
  const described = yield* admin.describe(group);
  if (described === undefined) return NO_ANSWER;
  const { state } = described;
  if (state !== "Empty" && state !== "Dead") {
    const message = `offsets can only be reset while group ${group} is inactive, it is ${state}`;
    return { ok: false, message };
  }
  return yield* resetOffsets(cluster, admin, group, args);
}

function* resetOffsets(
  cluster: Cluster,
  admin: GroupAdmin,
  group: string,
  args: Args,
): Process<Outcome> {
  const committed = yield* admin.committed(group);
  if (committed === undefined) return NO_ANSWER;
  const partitions = partitionsMeant(cluster, committed, args);
  const planned = new Map<TopicPartition, Offset>();
  for (const partition of partitions) {
    const offset = yield* newOffset(cluster, admin, committed.get(partition), partition, args);
    if (offset === undefined) return NO_ANSWER;
    planned.set(partition, offset);
  }
  const plan = [...planned].map(([{ name }, offset]) => `${name} to ${offset}`).join(", ");
  if (args.execute !== true) return { ok: true, message: `dry run: ${plan}` };
  const error = yield* admin.commit(group, planned);
  if (error === undefined) return NO_ANSWER;
  return { ok: error === "NONE", message: error === "NONE" ? plan : error };
}

/** topic, topic:0,1 or, with all-topics, everything the group has committed. */
function partitionsMeant(cluster: Cluster, committed: Offsets, args: Args): TopicPartition[] {
  const byPlace = (a: TopicPartition, b: TopicPartition): number => a.index - b.index;
  if (args["all-topics"] === true) return [...committed.keys()].sort(byPlace);
  const [topic = "", numbers] = String(args.topic).split(":");
  const count = cluster.metadata()?.topics.get(topic)?.partitions.length ?? 0;
  const wanted =
    numbers === undefined
      ? Array.from({ length: count }, (_, p) => p)
      : numbers.split(",").map(Number);
  return wanted.map((p) => cluster.env.partitions.of(topic, p));
}

function* newOffset(
  cluster: Cluster,
  admin: GroupAdmin,
  committed: Offset | undefined,
  partition: TopicPartition,
  args: Args,
): Process<Offset | undefined> {
  const leaderOf = (p: TopicPartition): number => cluster.metadata()?.partition(p)?.leader ?? -1;
  const earliest = yield* admin.logEnd(partition, "earliest", leaderOf);
  const latest = yield* admin.logEnd(partition, "latest", leaderOf);
  if (earliest === undefined || latest === undefined) return undefined;
  const wanted = wantedOffset(args, { earliest, latest, current: committed ?? latest });
  return Math.max(earliest, Math.min(latest, wanted));
}

function wantedOffset(
  args: Args,
  { earliest, latest, current }: { earliest: Offset; latest: Offset; current: Offset },
): Offset {
  if (args["to-earliest"] === true) return earliest;
  if (args["to-latest"] === true) return latest;
  if (args["to-offset"] !== undefined) return Number(args["to-offset"]);
  return current + Number(args["shift-by"] ?? 0);
}
