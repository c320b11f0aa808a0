// faultline kafka-consumer-groups: what kafka-consumer-groups.sh would have printed (ConsumerGroupCommand). Unlike Kafka's, it ends with
// status 1 when it could not do what it was asked for.
import { atLeast } from "../protocol/releases.ts";
import {
  type GroupDescription,
  groupDoesNotExist,
} from "../report/kafka-tools/group-descriptions.ts";
import { describeGroupMembers } from "../report/kafka-tools/group-members.ts";
import { describeGroupOffsets, groupOffsets } from "../report/kafka-tools/group-offsets.ts";
import { describeGroupStates, listGroups } from "../report/kafka-tools/group-states.ts";
import type { GroupRow } from "../runner/snapshot-groups.ts";
import { EXIT, UsageError } from "./failure.ts";
import type { Stopped } from "./kafka-instant.ts";
import { checkResetFlags, type ResetFlags } from "./kafka-reset-flags.ts";
import { kafkaResetOffsets } from "./kafka-reset-offsets.ts";
import { printed, type ToolResult } from "./kafka-result.ts";

/** As commander gives them. */
export interface GroupsFlags extends ResetFlags {
  readonly list?: boolean;
  readonly describe?: boolean;
  readonly group?: readonly string[];
  readonly allGroups?: boolean;
  readonly members?: boolean;
  readonly offsets?: boolean;
  /** With --list it may name states. */
  readonly state?: boolean | string;
  readonly type?: boolean | string;
  readonly verbose?: boolean;
}

export function checkGroupsFlags(flags: GroupsFlags): void {
  const { list, describe, resetOffsets, group, allGroups, members, offsets, state } = flags;
  if ([list, describe, resetOffsets].filter((action) => action === true).length !== 1) {
    throw new UsageError(
      "Command must include exactly one action: --list, --describe, --reset-offsets",
    );
  }
  if (resetOffsets === true) checkResetFlags(flags);
  if (describe !== true) return;
  if (group === undefined && allGroups !== true) {
    throw new UsageError("Option [describe] takes one of these options: [all-groups], [group]");
  }
  if (group !== undefined && allGroups === true) {
    throw new UsageError("Option [describe] takes either [all-groups] or [group]");
  }
  if ([members, offsets, state].filter((option) => option !== undefined).length > 1) {
    throw new UsageError(
      "Option [describe] takes at most one of these options: [members], [offsets], [state]",
    );
  }
}

export function kafkaConsumerGroups(stopped: Stopped, flags: GroupsFlags): ToolResult {
  const { snapshot } = stopped;
  if (snapshot.reachableBrokers.length === 0) {
    const call = flags.list === true ? "findAllBrokers" : "describeGroups(api=FIND_COORDINATOR)";
    return failed(timedOut(`Timed out waiting for a node assignment. Call: ${call}`));
  }
  if (flags.list === true) return list(stopped, flags);
  const print = flags.resetOffsets === true ? reset : describe;
  if (flags.allGroups === true) return print(stopped, snapshot.groups.listed, flags);
  const rows: GroupRow[] = [];
  for (const id of flags.group ?? []) {
    const row = snapshot.groups.describe(id);
    if (row === "unavailable") {
      return failed(
        "org.apache.kafka.common.errors.CoordinatorNotAvailableException: The coordinator is not available.",
      );
    }
    // Offsets of a group that is not there can be reset.
    if (row.state === "Dead" && flags.resetOffsets !== true) return unknown(stopped, id);
    rows.push(row);
  }
  return print(stopped, rows, flags);
}

const reset = (stopped: Stopped, rows: readonly GroupRow[], flags: GroupsFlags): ToolResult =>
  kafkaResetOffsets(stopped, rows, flags);

function list({ scenario, snapshot }: Stopped, { state, type }: GroupsFlags): ToolResult {
  const wanted = (given: boolean | string | undefined, value: string): boolean =>
    typeof given !== "string" ||
    given.split(",").some((one) => one.trim().toLowerCase() === value.toLowerCase());
  const groups = snapshot.groups.listed.filter(
    (group) => wanted(state, group.state) && wanted(type, group.type),
  );
  const options = { state: state !== undefined, type: type !== undefined };
  return printed(listGroups(groups, { ...options, release: scenario.cluster.release }));
}

function describe(stopped: Stopped, rows: readonly GroupRow[], flags: GroupsFlags): ToolResult {
  const { scenario, snapshot } = stopped;
  const { release } = scenario.cluster;
  const options = { verbose: flags.verbose === true, release };
  const groups: readonly GroupDescription[] = rows;
  const { stdout, stderr } =
    flags.members === true
      ? describeGroupMembers(groups, options)
      : flags.state !== undefined
        ? describeGroupStates(groups, options)
        : describeGroupOffsets(
            rows.map((row) =>
              groupOffsets(
                row,
                row.committed,
                (partition) => snapshot.groups.logEndOffset(partition),
                release,
              ),
            ),
            options,
          );
  return printed(stdout, stderr);
}

/** Since 4.0 a coordinator says that it does not know a group (KIP-1043); before, it called it Dead. */
function unknown({ scenario }: Stopped, id: string): ToolResult {
  if (!atLeast(scenario.cluster.release, "4.0")) {
    return { code: EXIT.unexpected, stdout: groupDoesNotExist(id), stderr: "" };
  }
  return failed(`org.apache.kafka.common.errors.GroupIdNotFoundException: Group ${id} not found.`);
}

const timedOut = (message: string): string =>
  `org.apache.kafka.common.errors.TimeoutException: ${message}`;

const failed = (message: string): ToolResult => ({
  code: EXIT.unexpected,
  stdout: `\nError: Executing consumer group command failed due to ${message}\n`,
  stderr: "",
});
