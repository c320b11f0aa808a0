// The groups that kafka-consumer-groups.sh describes, as data, and what it says when there is little to print
// (ConsumerGroupCommand.shouldPrintMemberState).
import type { Partition, ToolOutput } from "./columns.ts";

/** As the tool prints them (ConsumerGroupState, GroupState). */
export type GroupStateName =
  | "PreparingRebalance"
  | "CompletingRebalance"
  | "Stable"
  | "Dead"
  | "Empty"
  | "Assigning"
  | "Reconciling";

export interface GroupDescription {
  readonly groupId: string;
  readonly state: GroupStateName;
  readonly coordinator: { readonly id: number; readonly host: string; readonly port: number };
  /** The chosen protocol, or the coordinator's assignor; empty without members. */
  readonly assignmentStrategy: string;
  /** `classic` or `consumer`. */
  readonly type?: string;
  /** Groups of type consumer only. */
  readonly groupEpoch?: number | undefined;
  readonly targetAssignmentEpoch?: number | undefined;
  /** In the order of the coordinator's response. */
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  readonly consumerId: string;
  readonly groupInstanceId?: string | undefined;
  readonly clientId: string;
  /** With the slash that Java puts before an address: `/10.0.0.1`. */
  readonly host: string;
  readonly assignment: readonly Partition[];
  /** Groups of type consumer only. */
  readonly memberEpoch?: number | undefined;
  readonly targetAssignment?: readonly Partition[] | undefined;
  readonly upgraded?: boolean | undefined;
}

export interface CommittedOffset extends Partition {
  readonly offset: number;
  readonly leaderEpoch?: number | undefined;
}

/** What the tool prints about the state, and whether a table follows. */
export function aboutState(
  groupId: string,
  state: GroupStateName,
  rows: number,
): ToolOutput & { readonly tableFollows: boolean } {
  const tableFollows = state !== "Dead" && rows > 0;
  if (state === "Dead") return { stdout: groupDoesNotExist(groupId), stderr: "", tableFollows };
  if (state === "Stable") return { stdout: "", stderr: "", tableFollows };
  const stderr =
    state === "Empty"
      ? `\nConsumer group '${groupId}' has no active members.\n`
      : `\nWarning: Consumer group '${groupId}' is rebalancing.\n`;
  return { stdout: "", stderr, tableFollows };
}

export const groupDoesNotExist = (groupId: string): string =>
  `\nError: Consumer group '${groupId}' does not exist.\n`;

/** The outputs of several groups, one after the other, by group id. */
export function forEachGroup<G extends { readonly groupId: string }>(
  groups: readonly G[],
  print: (group: G) => ToolOutput,
): ToolOutput {
  const byId = [...groups].sort((a, b) => (a.groupId < b.groupId ? -1 : 1));
  const outputs = byId.map(print);
  return {
    stdout: outputs.map((output) => output.stdout).join(""),
    stderr: outputs.map((output) => output.stderr).join(""),
  };
}
