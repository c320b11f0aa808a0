// kafka-consumer-groups.sh --describe --members [--verbose] (ConsumerGroupCommand.printMembers). The assignment was printed with topics
// until 3.7, without them in 3.8 and 3.9, and in columns with epochs since 4.0 (KIP-1099).
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";
import { MISSING, orMissing, type Partition, padded, type ToolOutput, widthOf } from "./columns.ts";
import { aboutState, forEachGroup, type GroupDescription } from "./group-descriptions.ts";

export function describeGroupMembers(
  groups: readonly GroupDescription[],
  options: { readonly verbose?: boolean; readonly release?: Release } = {},
): ToolOutput {
  const release = options.release ?? LATEST_RELEASE;
  return forEachGroup(groups, (group) => {
    const about = aboutState(group.groupId, group.state, group.members.length);
    // Since 3.8 the heading comes even when there is nothing to print below it.
    const shown = about.tableFollows || atLeast(release, "3.8");
    const table = shown
      ? membersTable(group, about.tableFollows, options.verbose === true, release)
      : "";
    return { stdout: about.stdout + table, stderr: about.stderr };
  });
}

function membersTable(
  group: GroupDescription,
  sized: boolean,
  verbose: boolean,
  release: Release,
): string {
  const { groupId, members } = group;
  const width = (least: number, values: readonly string[]): number =>
    sized ? widthOf(least, values) : least;
  const instances = members.map((member) => member.groupInstanceId ?? "");
  const isStatic = sized && instances.some((instance) => instance !== "");
  const instance = <T>(cell: T): T[] => (isStatic ? [cell] : []);
  const widths = [
    width(15, members.length === 0 ? [] : [groupId]),
    width(
      15,
      members.map((member) => member.consumerId),
    ),
    ...instance(width(17, instances)),
    width(
      15,
      members.map((member) => member.host),
    ),
    width(
      15,
      members.map((member) => member.clientId),
    ),
    15,
  ];
  const heading = ["GROUP", "CONSUMER-ID", ...instance("GROUP-INSTANCE-ID"), "HOST", "CLIENT-ID"];
  const lines = [
    [...heading, "#PARTITIONS"],
    ...members.map((member, i) => [
      ...[groupId, member.consumerId, ...instance(instances[i] as string), member.host],
      ...[member.clientId, `${member.assignment.length}`],
    ]),
  ];
  const tails = verbose ? assignments(group, release, width) : [];
  const text = lines.map((line, i) => `${padded(line, widths)} ${tails[i] ?? ""}\n`);
  return `\n${text.join("")}`;
}

/** What --verbose adds to the heading and to each line. */
function assignments(
  { members, targetAssignmentEpoch }: GroupDescription,
  release: Release,
  width: (least: number, values: readonly string[]) => number,
): string[] {
  if (!atLeast(release, "4.0")) {
    const print = atLeast(release, "3.8") ? withoutTopics : withTopics;
    return ["ASSIGNMENT", ...members.map((member) => print(member.assignment))];
  }
  const current = members.map((member) => inColumns(member.assignment));
  const target = members.map((member) => inColumns(member.targetAssignment ?? []));
  const migrating =
    members.some((member) => member.upgraded === false) &&
    members.some((member) => member.upgraded === true);
  const widths = [15, width(20, current), 15, width(20, target)];
  const upgraded = (cell: string): string[] => (migrating ? [cell] : []);
  const heading = ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"];
  return [
    [...heading, ...upgraded("UPGRADED")],
    ...members.map((member, i) => [
      ...[orMissing(member.memberEpoch), current[i] as string],
      ...[orMissing(targetAssignmentEpoch), target[i] as string],
      ...upgraded(member.upgraded === undefined ? MISSING : `${member.upgraded}`),
    ]),
  ].map((cells) => padded(cells, widths));
}

function byTopic(partitions: readonly Partition[]): [string, number[]][] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  }
  return [...topics].map(([topic, numbers]) => [topic, numbers.sort((a, b) => a - b)]);
}

const joined = (parts: readonly string[], separator: string): string =>
  parts.length === 0 ? MISSING : [...parts].sort().join(separator);

/** `topic1(0,1), topic2(3)` */
const withTopics = (partitions: readonly Partition[]): string =>
  joined(
    byTopic(partitions).map(([topic, numbers]) => `${topic}(${numbers.join(",")})`),
    ", ",
  );

/** `(0,1), (3)`, numbers sorted as text */
const withoutTopics = (partitions: readonly Partition[]): string =>
  joined(
    byTopic(partitions).map(([, numbers]) => `(${numbers.map(String).sort().join(",")})`),
    ", ",
  );

/** `topic1:0,1;topic2:3` */
const inColumns = (partitions: readonly Partition[]): string =>
  joined(
    byTopic(partitions).map(([topic, numbers]) => `${topic}:${numbers.join(",")}`),
    ";",
  );
