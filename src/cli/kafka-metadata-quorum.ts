// faultline kafka-metadata-quorum: what kafka-metadata-quorum.sh would have printed (MetadataQuorumCommand).
import {
  describeQuorumReplication,
  describeQuorumStatus,
  type QuorumDescription,
} from "../report/kafka-tools/metadata-quorum.ts";
import { EXIT, UsageError } from "./failure.ts";
import type { Stopped } from "./kafka-instant.ts";
import { printed, type ToolResult } from "./kafka-result.ts";

/** As commander gives them. */
export interface QuorumFlags {
  readonly status?: boolean;
  readonly replication?: boolean;
  readonly humanReadable?: boolean;
}

export function checkQuorumFlags(action: string, flags: QuorumFlags): void {
  const { status, replication, humanReadable } = flags;
  if (action !== "describe") {
    throw new UsageError(`kafka-metadata-quorum: no such action "${action}"; there is describe`);
  }
  if (status === true && replication === true) {
    throw new UsageError(
      "Only one of --status or --replication should be specified with describe sub-command",
    );
  }
  if (status !== true && replication !== true) {
    throw new UsageError(
      "One of --status or --replication must be specified with describe sub-command",
    );
  }
  if (humanReadable === true && replication !== true) {
    throw new UsageError("The option --human-readable is only supported along with --replication");
  }
}

export function kafkaMetadataQuorum(
  { scenario, snapshot, nowUs }: Stopped,
  { status, humanReadable }: QuorumFlags,
): ToolResult {
  const { release } = scenario.cluster;
  const quorum: QuorumDescription | undefined = snapshot.quorum;
  if (quorum === undefined || snapshot.reachableBrokers.length === 0) {
    const why = "org.apache.kafka.common.errors.TimeoutException: The request timed out.";
    return { code: EXIT.unexpected, stdout: "", stderr: `Error executing command: ${why}\n` };
  }
  if (status === true) return printed(describeQuorumStatus(quorum, release));
  const nowMs = humanReadable === true ? Math.floor(nowUs / 1000) : undefined;
  return printed(describeQuorumReplication(quorum, release, nowMs));
}
