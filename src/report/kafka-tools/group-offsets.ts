// kafka-consumer-groups.sh --describe [--offsets] [--verbose] (ConsumerGroupCommand.printOffsets), as it is since 2.3; --verbose adds
// the leader epoch since 4.0 (KIP-1099).
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";
import {
  inMapOrder,
  inSetOrder,
  orMissing,
  type Partition,
  padded,
  partitionMap,
  type ToolOutput,
  widthOf,
} from "./columns.ts";
import {
  aboutState,
  type CommittedOffset,
  forEachGroup,
  type GroupDescription,
  type GroupStateName,
} from "./group-descriptions.ts";

/** One line: a partition, who has it, and how far behind it is. */
export interface GroupOffsetsRow {
  readonly topic: string;
  readonly partition: number;
  readonly currentOffset: number | undefined;
  readonly leaderEpoch: number | undefined;
  readonly logEndOffset: number | undefined;
  readonly consumerId: string | undefined;
  readonly host: string | undefined;
  readonly clientId: string | undefined;
}

export interface GroupOffsets {
  readonly groupId: string;
  readonly state: GroupStateName;
  readonly rows: readonly GroupOffsetsRow[];
}

/** The rows of a group in the tool's order: members with most partitions first, then offsets that nobody reads on from. */
export function groupOffsets(
  group: GroupDescription,
  committed: readonly CommittedOffset[],
  logEndOffsetOf: (partition: Partition) => number | undefined,
  release: Release = LATEST_RELEASE,
): GroupOffsets {
  const offsets = partitionMap(committed.map((offset) => [offset, offset]));
  const rowsOf = (
    partitions: readonly Partition[],
    who: Pick<GroupOffsetsRow, "consumerId" | "host" | "clientId">,
  ): GroupOffsetsRow[] =>
    inRowOrder(partitions, release).map(({ topic, partition }) => {
      const known = offsets.get({ topic, partition });
      return {
        ...{ topic, partition, currentOffset: known?.offset, leaderEpoch: known?.leaderEpoch },
        ...{ logEndOffset: logEndOffsetOf({ topic, partition }), ...who },
      };
    });
  const readers = group.members
    .filter((member) => member.assignment.length > 0)
    .sort((a, b) => b.assignment.length - a.assignment.length);
  const assigned = partitionMap(
    readers.flatMap((member) => member.assignment.map((partition) => [partition, true] as const)),
  );
  const unread = inMapOrder(committed.filter((offset) => !assigned.has(offset)));
  const nobody = { consumerId: undefined, host: undefined, clientId: undefined };
  return {
    groupId: group.groupId,
    state: group.state,
    rows: [
      ...readers.flatMap(({ assignment, consumerId, host, clientId }) =>
        rowsOf(inSetOrder(assignment), { consumerId, host, clientId }),
      ),
      ...rowsOf(unread, nobody),
    ],
  };
}

/**
 * The tool sorts by partition, and then loses the order in the map of end offsets: a HashMap since 3.8. Before, a Scala map, which
 * keeps the order of up to four; how it orders more is left out.
 */
function inRowOrder(partitions: readonly Partition[], release: Release): readonly Partition[] {
  const sorted = [...partitions].sort((a, b) => a.partition - b.partition);
  return atLeast(release, "3.8") ? inMapOrder(sorted) : sorted;
}

export function describeGroupOffsets(
  groups: readonly GroupOffsets[],
  options: { readonly verbose?: boolean; readonly release?: Release } = {},
): ToolOutput {
  const release = options.release ?? LATEST_RELEASE;
  const withEpoch = options.verbose === true && atLeast(release, "4.0");
  return forEachGroup(groups, (group) => {
    const about = aboutState(group.groupId, group.state, group.rows.length);
    const table = about.tableFollows ? offsetsTable(group, withEpoch) : "";
    return { stdout: about.stdout + table, stderr: about.stderr };
  });
}

function offsetsTable({ groupId, rows }: GroupOffsets, withEpoch: boolean): string {
  const epoch = (cell: string): string[] => (withEpoch ? [cell] : []);
  const lines = rows.map((row) => [
    groupId,
    row.topic,
    `${row.partition}`,
    ...epoch(orMissing(row.leaderEpoch)),
    orMissing(row.currentOffset),
    orMissing(row.logEndOffset),
    orMissing(lagOf(row)),
    orMissing(row.consumerId),
    orMissing(row.host),
    orMissing(row.clientId),
  ]);
  const heading = ["GROUP", "TOPIC", "PARTITION", ...epoch("LEADER-EPOCH"), "CURRENT-OFFSET"];
  const cells = [
    [...heading, "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"],
    ...lines,
  ];
  const column = (c: number): string[] => lines.map((line) => line.at(c) ?? "");
  const widths = [
    widthOf(15, [groupId]),
    widthOf(15, column(1)),
    10,
    ...(withEpoch ? [15] : []),
    ...[15, 15, 15],
    widthOf(15, column(-3)),
    widthOf(15, column(-2)),
  ];
  return `\n${cells.map((line) => `${padded(line, widths)}\n`).join("")}`;
}

/** Nothing to compare with when nothing is committed, or the end is not known. */
function lagOf({ currentOffset, logEndOffset }: GroupOffsetsRow): number | undefined {
  if (currentOffset === undefined || currentOffset === -1 || logEndOffset === undefined) {
    return undefined;
  }
  return logEndOffset - currentOffset;
}
