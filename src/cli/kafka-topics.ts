// faultline kafka-topics: what kafka-topics.sh would have printed (TopicCommand).
import {
  describeTopics,
  type PartitionFilter,
  type TopicDescription,
} from "../report/kafka-tools/topics.ts";
import { INTERNAL_TOPICS } from "../runner/snapshot.ts";
import { EXIT, UsageError } from "./failure.ts";
import type { Stopped } from "./kafka-instant.ts";
import { printed, type ToolResult } from "./kafka-result.ts";

/** As commander gives them. */
export interface TopicsFlags {
  readonly list?: boolean;
  readonly describe?: boolean;
  readonly topic?: string;
  readonly excludeInternal?: boolean;
  readonly ifExists?: boolean;
  readonly topicsWithOverrides?: boolean;
  readonly underReplicatedPartitions?: boolean;
  readonly unavailablePartitions?: boolean;
  readonly underMinIsrPartitions?: boolean;
  readonly atMinIsrPartitions?: boolean;
}

export function checkTopicsFlags(flags: TopicsFlags): void {
  if ((flags.list === true) === (flags.describe === true)) {
    throw new UsageError("Command must include exactly one action: --list, --describe");
  }
  included(flags.topic);
  const reports = [...filtersOf(flags), ...(flags.topicsWithOverrides === true ? ["o"] : [])];
  if (reports.length > 1) {
    throw new UsageError("kafka-topics: only one of the partition reports at a time");
  }
}

export function kafkaTopics({ scenario, snapshot }: Stopped, flags: TopicsFlags): ToolResult {
  if (snapshot.reachableBrokers.length === 0) {
    return failed("Timed out waiting for a node assignment. Call: listTopics");
  }
  const isIncluded = included(flags.topic);
  const topics = snapshot.topics.filter(
    ({ topic }) =>
      isIncluded(topic) && !(flags.excludeInternal === true && INTERNAL_TOPICS.includes(topic)),
  );
  if (flags.list === true) return printed(`${topics.map(({ topic }) => topic).join("\n")}\n`);
  if (topics.length === 0 && flags.topic !== undefined && flags.ifExists !== true) {
    return failed(`Topic '${flags.topic}' does not exist as expected`);
  }
  const rows: readonly TopicDescription[] = topics;
  const text = describeTopics(rows, {
    release: scenario.cluster.release,
    filters: filtersOf(flags),
    liveBrokers: snapshot.liveBrokers,
    topicsWithOverrides: flags.topicsWithOverrides === true,
  });
  return printed(text);
}

const failed = (message: string): ToolResult => ({
  code: EXIT.unexpected,
  stdout: `Error while executing topic command : ${message}\n`,
  stderr: "",
});

function filtersOf(flags: TopicsFlags): PartitionFilter[] {
  const given: readonly (readonly [PartitionFilter, boolean | undefined])[] = [
    ["under-replicated-partitions", flags.underReplicatedPartitions],
    ["unavailable-partitions", flags.unavailablePartitions],
    ["under-min-isr-partitions", flags.underMinIsrPartitions],
    ["at-min-isr-partitions", flags.atMinIsrPartitions],
  ];
  return given.filter(([, isGiven]) => isGiven === true).map(([filter]) => filter);
}

/** TopicFilter.IncludeList: a regular expression for the whole name, in which a comma means "or". */
function included(pattern: string | undefined): (topic: string) => boolean {
  if (pattern === undefined) return () => true;
  const source = pattern
    .trim()
    .replaceAll(",", "|")
    .replaceAll(" ", "")
    .replace(/^["']+/, "")
    .replace(/["']+$/, "");
  try {
    const expression = new RegExp(`^(?:${source})$`);
    return (topic) => expression.test(topic);
  } catch {
    throw new UsageError(`${pattern} is an invalid regex.`);
  }
}
