// faultline kafka-consumer-groups --reset-offsets: the dry run of ConsumerGroupCommand.resetOffsets. Scenario time 0 is the epoch of its clock.
import { readFileSync } from "node:fs";
import { atLeast } from "../protocol/releases.ts";
import { inMapOrder } from "../report/kafka-tools/columns.ts";
import {
  exportedOffsets,
  type NewOffset,
  type OffsetsReset,
  resetOffsets,
} from "../report/kafka-tools/reset-offsets.ts";
import type { GroupRow, PartitionId } from "../runner/snapshot-groups.ts";
import { EXIT, UsageError } from "./failure.ts";
import { javaDateTime, javaDuration, logDate } from "./java-times.ts";
import type { Stopped } from "./kafka-instant.ts";
import { noActionWarning, type ResetFlags } from "./kafka-reset-flags.ts";
import type { ToolResult } from "./kafka-result.ts";
import { type ResetPlan, resetPlanOf } from "./reset-plan.ts";

/** The command fails: with an error on stdout, or, for an IllegalArgumentException, its message on stderr (and the usage, which is left out here). */
class CommandFailed extends Error {
  readonly onStderr: boolean;

  constructor(message: string, onStderr = false) {
    super(message);
    this.onStderr = onStderr;
  }
}

const EXECUTION = "java.util.concurrent.ExecutionException: org.apache.kafka.common.errors";
const UNKNOWN = "This server does not host this topic-partition.";

export function kafkaResetOffsets(
  stopped: Stopped,
  groups: readonly GroupRow[],
  flags: ResetFlags & { readonly group?: readonly string[] },
): ToolResult {
  const reset = new OffsetsResetter(stopped, flags);
  const { release } = stopped.scenario.cluster;
  const warning = flags.dryRun === true ? "" : noActionWarning(release);
  try {
    const resets = groups.map((group) => reset.of(group));
    const text =
      flags.export === true
        ? exportedOffsets(resets, flags.group?.length === 1)
        : resetOffsets(resets, release);
    const code = /^Error: /m.test(`${reset.stdout}${text}`) ? EXIT.unexpected : EXIT.ok;
    return { code, stdout: `${reset.stdout}${text}`, stderr: `${warning}${reset.stderr}` };
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const message = error.onStderr
      ? ""
      : `\nError: Executing consumer group command failed due to ${error.message}\n`;
    return {
      code: EXIT.unexpected,
      stdout: `${reset.stdout}${message}`,
      stderr: `${warning}${reset.stderr}${error.onStderr ? `${error.message}\n` : ""}`,
    };
  }
}

class OffsetsResetter {
  stdout = "";
  stderr = "";
  readonly #stopped: Stopped;
  readonly #flags: ResetFlags & { readonly group?: readonly string[] };

  constructor(stopped: Stopped, flags: ResetFlags & { readonly group?: readonly string[] }) {
    this.#stopped = stopped;
    this.#flags = flags;
  }

  of(group: GroupRow): OffsetsReset {
    const { groupId, state } = group;
    const isInactive = state === "Empty" || state === "Dead";
    return { groupId, state, offsets: isInactive ? this.#offsets(group) : [] };
  }

  #offsets(group: GroupRow): NewOffset[] {
    const { toOffset, toEarliest, toLatest, shiftBy, fromFile } = this.#flags;
    const partitions = this.#partitions(group);
    if (toOffset !== undefined) return this.#withinLog(partitions, () => Number(toOffset));
    if (toEarliest === true) return partitions.map((p) => newOffset(p, this.#bounds(p).start));
    if (toLatest === true) return partitions.map((p) => newOffset(p, this.#bounds(p).end));
    if (shiftBy !== undefined) {
      return this.#withinLog(partitions, (p) => committedIn(group, p) + Number(shiftBy));
    }
    if (this.#flags.toDatetime !== undefined || this.#flags.byDuration !== undefined) {
      return this.#atTime(partitions, this.#timestampMs());
    }
    if (fromFile !== undefined) return this.#planned(group, fromFile);
    return partitions.map((p) => {
      const known = group.committed.find((entry) => isSame(entry, p));
      return newOffset(p, known?.offset ?? this.#bounds(p).end);
    });
  }

  #partitions(group: GroupRow): PartitionId[] {
    const { allTopics, topic, fromFile } = this.#flags;
    if (allTopics === true) return inMapOrder(group.committed);
    if (topic !== undefined) {
      // Those with partitions come first.
      const [named, whole] = [topic.filter(hasPartitions), topic.filter((t) => !hasPartitions(t))];
      return [...named.flatMap(partitionsIn), ...whole.flatMap((name) => this.#allOf(name))];
    }
    if (fromFile !== undefined) return [];
    const scopes = "One of the reset scopes should be defined: --all-topics, --topic.";
    throw new CommandFailed(scopes, true);
  }

  #allOf(topic: string): PartitionId[] {
    const { snapshot, scenario } = this.#stopped;
    const row = snapshot.topics.find((known) => known.topic === topic);
    if (row !== undefined) return row.partitions.map(({ partition }) => ({ topic, partition }));
    const unwrapped = atLeast(scenario.cluster.release, "4.0");
    throw new CommandFailed(
      unwrapped ? UNKNOWN : `${EXECUTION}.UnknownTopicOrPartitionException: ${UNKNOWN}`,
    );
  }

  #bounds(partition: PartitionId): { readonly start: number; readonly end: number } {
    const { groups, topics } = this.#stopped.snapshot;
    const [start, end] = [groups.logStartOffset(partition), groups.logEndOffset(partition)];
    if (start !== undefined && end !== undefined) return { start, end };
    const known = topics.find(({ topic }) => topic === partition.topic);
    if (known?.partitions.some((row) => row.partition === partition.partition) !== true) {
      throw new CommandFailed(`${EXECUTION}.UnknownTopicOrPartitionException: ${UNKNOWN}`);
    }
    const call = "Timed out waiting for a node assignment. Call: listOffsets(api=METADATA)";
    throw new CommandFailed(`${EXECUTION}.TimeoutException: ${call}`);
  }

  /** checkOffsetsRange. */
  #withinLog(
    partitions: readonly PartitionId[],
    wanted: (partition: PartitionId) => number,
  ): NewOffset[] {
    const asked = partitions.map((partition) => newOffset(partition, wanted(partition)));
    return inMapOrder(asked).map((entry) => {
      const { start, end } = this.#bounds(entry);
      const { newOffset: offset } = entry;
      if (offset > end) this.#warn(entry, `higher than latest`, end);
      else if (offset < start) this.#warn(entry, `lower than earliest`, start);
      return newOffset(entry, Math.max(start, Math.min(end, offset)));
    });
  }

  #warn({ topic, partition, newOffset: offset }: NewOffset, how: string, value: number): void {
    const { nowUs, scenario } = this.#stopped;
    const logger = atLeast(scenario.cluster.release, "3.8")
      ? "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
      : "kafka.admin.ConsumerGroupCommand$";
    const text = `New offset (${offset}) is ${how} offset for topic partition ${topic}-${partition}. Value will be set to ${value}`;
    this.stderr += `[${logDate(Math.floor(nowUs / 1000))}] WARN ${text} (${logger})\n`;
  }

  #timestampMs(): number {
    const { toDatetime, byDuration } = this.#flags;
    if (toDatetime !== undefined) {
      const at = javaDateTime(toDatetime);
      if (typeof at === "number") return at;
      throw new CommandFailed(`java.text.ParseException: ${at.error}`);
    }
    const duration = javaDuration(byDuration ?? "");
    if (duration === undefined) throw new CommandFailed("Text cannot be parsed to a Duration");
    return Math.floor(this.#stopped.nowUs / 1000) - duration;
  }

  #atTime(partitions: readonly PartitionId[], timestampMs: number): NewOffset[] {
    const { topics, groups } = this.#stopped.snapshot;
    return inMapOrder(partitions).map((partition) => {
      const { end } = this.#bounds(partition);
      const configs = topics.find(({ topic }) => topic === partition.topic)?.configs ?? [];
      const byAppendTime = configs.some(
        ([name, value]) => name === "message.timestamp.type" && value === "LogAppendTime",
      );
      const offset = groups.offsetForTime(partition, timestampMs, byAppendTime);
      if (offset !== undefined) return newOffset(partition, offset);
      this.stdout += `\nWarn: Partition ${partition.partition} from topic ${partition.topic} is empty. Falling back to latest known offset.\n`;
      return newOffset(partition, end);
    });
  }

  #planned({ groupId }: GroupRow, file: string): NewOffset[] {
    const plan = this.#readPlan(file).get(groupId);
    if (plan === undefined) {
      this.stdout += `\nError: No reset plan for group ${groupId} found\n`;
      return [];
    }
    const wanted = (p: PartitionId): number =>
      plan.findLast((entry) => isSame(entry, p))?.newOffset ?? 0;
    return this.#withinLog(plan, wanted);
  }

  #readPlan(file: string): ResetPlan {
    const { group } = this.#flags;
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      throw new UsageError(`--from-file ${file}: ${(error as Error).message}`);
    }
    const plan = resetPlanOf(text, group?.length === 1 ? group[0] : undefined);
    if (typeof plan === "string") throw new UsageError(`--from-file ${file}: ${plan}`);
    return plan;
  }
}

const newOffset = ({ topic, partition }: PartitionId, offset: number): NewOffset => ({
  topic,
  partition,
  newOffset: offset,
});

const isSame = (a: PartitionId, b: PartitionId): boolean =>
  a.topic === b.topic && a.partition === b.partition;

function committedIn({ committed }: GroupRow, partition: PartitionId): number {
  const known = committed.find((entry) => isSame(entry, partition));
  if (known !== undefined) return known.offset;
  const name = `${partition.topic}-${partition.partition}`;
  const message = `Cannot shift offset for partition ${name} since there is no current committed offset`;
  throw new CommandFailed(message, true);
}

const hasPartitions = (topic: string): boolean => topic.includes(":");

/** topic:0,1,2; as in Java, empty parts at the end do not count. */
function partitionsIn(argument: string): PartitionId[] {
  const [topic = "", partitions, ...more] = argument.replace(/:+$/, "").split(":");
  if (partitions === undefined || more.length > 0) {
    const message = `Invalid topic arg '${argument}', expected topic name and partitions`;
    throw new CommandFailed(message, true);
  }
  return partitions
    .replace(/,+$/, "")
    .split(",")
    .map((text) => {
      if (/^[+-]?\d{1,9}$/.test(text)) return { topic, partition: Number(text) };
      // The two quotes at the end are Kafka's.
      const message = `Invalid partition '${text}' specified in topic arg '${argument}''`;
      throw new CommandFailed(message, true);
    });
}
