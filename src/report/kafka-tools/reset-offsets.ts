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
  const lines = all.length === 0 ? [] : table.map(line);
  return `${refused.join("")}${printed(lines, release)}`;
}

function printed(lines: readonly string[], release: Release): string {
  // printf with a line break before each line, and one at the end even when there was no line.
  if (atLeast(release, "4.0")) return `${lines.map((text) => `\n${text}`).join("")}\n`;
  // When the tool became Java's, its printf lost the line breaks: all of the table was one line.
  if (atLeast(release, "3.8")) return lines.length === 0 ? "" : `\n${lines.join("")}`;
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

/** --export: one CSV line a partition, and a line break more (CsvUtils, CsvEncoder). With exactly one --group its name is left out. */
export function exportedOffsets(groups: readonly OffsetsReset[], isSingleGroup: boolean): string {
  const byId = new JavaHashMap<string, OffsetsReset>(stringHash);
  for (const group of groups) byId.set(group.groupId, group);
  const all = [...byId.values()];
  const rows = all.filter(isInactive).flatMap(({ groupId, offsets }) =>
    inMapOrder(offsets).map(({ topic, partition, newOffset }) => {
      const cells = [quoted(topic), `${partition}`, `${newOffset}`];
      return `${(isSingleGroup ? cells : [quoted(groupId), ...cells]).join(",")}\n`;
    }),
  );
  return `${all
    .filter((group) => !isInactive(group))
    .map(refusal)
    .join("")}${rows.join("")}\n`;
}

/** Jackson puts a text in quotes where it is longer than 24 characters or has one up to the comma. */
const quoted = (text: string): string =>
  text.length > 24 || /[\0-,]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The last column is padded too. */
const line = (cells: readonly string[]): string => padded(cells, WIDTHS);

const isInactive = (group: OffsetsReset): boolean =>
  group.state === "Empty" || group.state === "Dead";

const refusal = ({ groupId, state }: OffsetsReset): string =>
  `\nError: Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.\n`;
