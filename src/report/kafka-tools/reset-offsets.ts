// kafka-consumer-groups.sh --reset-offsets, dry run or not (ConsumerGroupCommand.printOffsetsToReset).
import { JavaHashMap, stringHash } from "../../protocol/java-hash.ts";
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";
import { inMapOrder, type Partition, padded } from "./columns.ts";
import type { GroupStateName } from "./group-descriptions.ts";

export interface NewOffset extends Partition {
  readonly newOffset: number;
}

export interface OffsetsReset {
  readonly groupId: string;
  /** Offsets can only be reset in a group that is Empty or Dead. */
  readonly state: GroupStateName;
  readonly offsets: readonly NewOffset[];
}

const WIDTHS = [30, 30, 10, 15];

export function resetOffsets(
  groups: readonly OffsetsReset[],
  release: Release = LATEST_RELEASE,
): string {
  const byId = new JavaHashMap<string, OffsetsReset>(stringHash);
  for (const group of groups) byId.set(group.groupId, group);
  const all = [...byId.values()];
  const refused = all.filter((group) => !isInactive(group)).map(refusal);
  const rows = all
    .filter(isInactive)
    .flatMap((group) =>
      inMapOrder(group.offsets).map((offset) => [
        ...[group.groupId, offset.topic, `${offset.partition}`, `${offset.newOffset}`],
      ]),
    );
  const table = [["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"], ...rows];
  // printf with a line break before each line, and one at the end even when there was no line.
  const text = all.length === 0 ? "" : table.map((cells) => `\n${line(cells)}`).join("");
  const end = all.length > 0 || atLeast(release, "3.8") ? "\n" : "";
  return `${refused.join("")}${text}${end}`;
}

/** The last column is padded too. */
const line = (cells: readonly string[]): string => padded(cells, WIDTHS);

const isInactive = (group: OffsetsReset): boolean =>
  group.state === "Empty" || group.state === "Dead";

const refusal = ({ groupId, state }: OffsetsReset): string =>
  `\nError: Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.\n`;
