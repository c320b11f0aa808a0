// kafka-consumer-groups.sh --describe --state [--verbose], and --list [--state] [--type] (ConsumerGroupCommand.printStates,
// printGroupInfo).
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";
import { MISSING, orMissing, padded, type ToolOutput, widthOf } from "./columns.ts";
import { aboutState, forEachGroup, type GroupDescription } from "./group-descriptions.ts";

export function describeGroupStates(
  groups: readonly GroupDescription[],
  options: { readonly verbose?: boolean; readonly release?: Release } = {},
): ToolOutput {
  const release = options.release ?? LATEST_RELEASE;
  const withEpochs = options.verbose === true && atLeast(release, "4.0");
  return forEachGroup(groups, (group) => {
    const about = aboutState(group.groupId, group.state, 1);
    const table = about.tableFollows ? stateTable(group, withEpochs, release) : "";
    return { stdout: about.stdout + table, stderr: about.stderr };
  });
}

function stateTable(group: GroupDescription, withEpochs: boolean, release: Release): string {
  const { id, host, port } = group.coordinator;
  const coordinator = `${host}:${port}${atLeast(release, "3.8") ? "  " : " "}(${id})`;
  const coordinatorWidth = widthOf(25, [coordinator]);
  // Before 4.0 the group's column had the width meant for the coordinator's.
  const widths = atLeast(release, "4.0")
    ? [widthOf(15, [group.groupId]), coordinatorWidth, 20, 20, ...(withEpochs ? [15, 25] : [])]
    : [coordinatorWidth, 25, 20, 15];
  const strategy =
    group.assignmentStrategy === "" && atLeast(release, "4.0") ? MISSING : group.assignmentStrategy;
  const epochs = withEpochs
    ? [
        ["GROUP-EPOCH", orMissing(group.groupEpoch)] as const,
        ["TARGET-ASSIGNMENT-EPOCH", orMissing(group.targetAssignmentEpoch)] as const,
      ]
    : [];
  const columns = [
    ["GROUP", group.groupId] as const,
    ["COORDINATOR (ID)", coordinator] as const,
    ["ASSIGNMENT-STRATEGY", strategy] as const,
    ["STATE", group.state] as const,
    ...epochs,
    ["#MEMBERS", `${group.members.length}`] as const,
  ];
  const heading = columns.map(([title]) => title);
  const line = columns.map(([, cell]) => cell);
  return `\n${padded(heading, widths)}\n${padded(line, widths)}\n`;
}

/** In the order in which the brokers answer; with a column for each of the options given. */
export function listGroups(
  groups: readonly Pick<GroupDescription, "groupId" | "state" | "type">[],
  options: { readonly state?: boolean; readonly type?: boolean; readonly release?: Release } = {},
): string {
  if (options.state !== true && options.type !== true) {
    return groups.map((group) => `${group.groupId}\n`).join("");
  }
  const row = (group: string, type: string, state: string): string[] => [
    group,
    ...(options.type === true ? [type] : []),
    ...(options.state === true ? [state] : []),
  ];
  const lines = [
    row("GROUP", "TYPE", "STATE"),
    ...groups.map((group) => row(group.groupId, group.type ?? "Unknown", group.state)),
  ];
  const ids = widthOf(
    15,
    groups.map((group) => group.groupId),
  );
  if (!atLeast(options.release ?? LATEST_RELEASE, "3.8")) {
    return lines.map((cells) => `${padded(cells, [ids])}\n`).join("");
  }
  return lines.map((cells) => `${padded(cells, [ids + 10, 20, 20])}\n`).join("");
}
