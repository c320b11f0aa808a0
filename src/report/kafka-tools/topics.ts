// kafka-topics.sh --describe (TopicCommand): one line a topic, then one line a partition, fields separated by tabs. Left out: topics
// marked for deletion in ZooKeeper.
import { JavaHashMap, stringHash } from "../../protocol/java-hash.ts";
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";

export interface TopicDescription {
  readonly topic: string;
  /** As Kafka writes an id: 22 characters of base64. */
  readonly topicId?: string | undefined;
  /** All entries that are not defaults of Kafka: the topic's own, and the broker's. */
  readonly configs: readonly (readonly [name: string, value: string | number | boolean])[];
  /** `min.insync.replicas` in force, for the filters that ask for it. */
  readonly minInsyncReplicas: number;
  readonly partitions: readonly PartitionDescription[];
}

export interface PartitionDescription {
  readonly partition: number;
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Undefined when the brokers do not report it. */
  readonly elr?: readonly number[] | undefined;
  readonly lastKnownElr?: readonly number[] | undefined;
  readonly reassignment?:
    | { readonly addingReplicas: readonly number[]; readonly removingReplicas: readonly number[] }
    | undefined;
}

/** The options that list only some partitions, and no topics. */
export type PartitionFilter =
  | "under-replicated-partitions"
  | "unavailable-partitions"
  | "under-min-isr-partitions"
  | "at-min-isr-partitions";

export interface DescribeTopicsOptions {
  readonly release?: Release;
  readonly filters?: readonly PartitionFilter[];
  /** Only needed for unavailable partitions. */
  readonly liveBrokers?: readonly number[];
  /** --topics-with-overrides: topics with configs, without their partitions. */
  readonly topicsWithOverrides?: boolean;
}

export function describeTopics(
  topics: readonly TopicDescription[],
  options: DescribeTopicsOptions = {},
): string {
  const release = options.release ?? LATEST_RELEASE;
  return inToolOrder(topics)
    .flatMap((topic) => {
      const partitions = [...topic.partitions].sort((a, b) => a.partition - b.partition);
      return [
        ...(showsTopic(topic, options) ? [topicLine(topic, partitions, release)] : []),
        ...partitions
          .filter((partition) => showsPartition(topic, partition, options))
          .map((partition) => partitionLine(topic.topic, partition, release)),
      ];
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** The admin client collects descriptions in a HashMap of as many entries. */
function inToolOrder(topics: readonly TopicDescription[]): TopicDescription[] {
  const byName = new JavaHashMap<string, TopicDescription>(stringHash, Object.is, topics.length);
  const sorted = [...topics].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : 0));
  for (const topic of sorted) byName.set(topic.topic, topic);
  return [...byName.values()];
}

function showsTopic(topic: TopicDescription, options: DescribeTopicsOptions): boolean {
  if ((options.filters ?? []).length > 0) return false;
  return options.topicsWithOverrides !== true || topic.configs.length > 0;
}

function showsPartition(
  topic: TopicDescription,
  partition: PartitionDescription,
  options: DescribeTopicsOptions,
): boolean {
  if (options.topicsWithOverrides === true) return false;
  const filters = options.filters ?? [];
  if (filters.length === 0) return true;
  const { leader, isr } = partition;
  const tests: Readonly<Record<PartitionFilter, () => boolean>> = {
    "under-replicated-partitions": () => replicationFactor(partition) > isr.length,
    "unavailable-partitions": () =>
      leader === undefined || options.liveBrokers?.includes(leader) === false,
    "under-min-isr-partitions": () => leader === undefined || isr.length < topic.minInsyncReplicas,
    "at-min-isr-partitions": () => isr.length === topic.minInsyncReplicas,
  };
  return filters.some((filter) => tests[filter]());
}

function topicLine(
  topic: TopicDescription,
  partitions: readonly PartitionDescription[],
  release: Release,
): string {
  const [first] = partitions;
  const configs = configsInOrder(topic.configs).map(([name, value]) => `${name}=${value}`);
  // Until 2.3 the line of the topic, and no other, had no space after the colons.
  const gap = atLeast(release, "2.4") ? " " : "";
  return [
    `Topic:${gap}${topic.topic}`,
    ...(topic.topicId !== undefined && atLeast(release, "2.8")
      ? [`TopicId: ${topic.topicId}`]
      : []),
    `PartitionCount:${gap}${partitions.length}`,
    `ReplicationFactor:${gap}${first === undefined ? 0 : replicationFactor(first)}`,
    `Configs:${gap}${configs.join(",")}`,
  ].join("\t");
}

/** The tool lists all configs of a topic, more than 24 and at most 48, in the order of a HashMap, and shows some. */
function configsInOrder(configs: TopicDescription["configs"]): TopicDescription["configs"] {
  const byName = new JavaHashMap<string, string | number | boolean>(stringHash, Object.is, 64);
  for (const [name, value] of configs) byName.set(name, value);
  return [...byName];
}

function partitionLine(topic: string, partition: PartitionDescription, release: Release): string {
  const { reassignment } = partition;
  const ids = (replicas: readonly number[] | undefined): string => replicas?.join(",") ?? "N/A";
  return [
    `\tTopic: ${topic}`,
    `Partition: ${partition.partition}`,
    `Leader: ${partition.leader ?? "none"}`,
    `Replicas: ${ids(partition.replicas)}`,
    `Isr: ${ids(partition.isr)}`,
    ...(reassignment !== undefined && atLeast(release, "2.6")
      ? [
          `Adding Replicas: ${ids(reassignment.addingReplicas)}`,
          `Removing Replicas: ${ids(reassignment.removingReplicas)}`,
        ]
      : []),
    ...(atLeast(release, "3.8")
      ? [`Elr: ${ids(partition.elr)}`, `LastKnownElr: ${ids(partition.lastKnownElr)}`]
      : []),
  ].join("\t");
}

/** While a reassignment goes on, the number of replicas there will be without those that are added. */
function replicationFactor({ replicas, reassignment }: PartitionDescription): number {
  if (reassignment === undefined) return replicas.length;
  const { addingReplicas, removingReplicas } = reassignment;
  const changes = replicas.some(
    (id) => addingReplicas.includes(id) || removingReplicas.includes(id),
  );
  return changes ? replicas.length - addingReplicas.length : replicas.length;
}
