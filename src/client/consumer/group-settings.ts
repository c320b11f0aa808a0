// What a member of a group has to know of its configuration (GroupRebalanceConfig), in microseconds.
import type { ConsumerConfig } from "../../protocol/config/consumer.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import { ERRORS } from "../../protocol/errors.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Assignor, AssignorName, RebalanceProtocol } from "../assignor/assignor.ts";
import { ASSIGNORS } from "../assignor/assignors.ts";

export interface GroupSettings {
  readonly groupId: string;
  /** group.instance.id of a static member. */
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly sessionTimeoutUs: Micros;
  readonly heartbeatIntervalUs: Micros;
  /** max.poll.interval.ms: how long the coordinator waits for this member in a rebalance. */
  readonly rebalanceTimeoutUs: Micros;
  readonly requestTimeoutUs: Micros;
  readonly retryBackoffUs: Micros;
  readonly apiTimeoutUs: Micros;
  /** undefined: offsets are committed by the application, or not at all. */
  readonly autoCommitIntervalUs: Micros | undefined;
  readonly assignors: readonly Assignor[];
  readonly protocol: RebalanceProtocol;
}

export function groupSettings(
  config: ConsumerConfig,
  name: string,
  autoCommits: boolean,
): GroupSettings {
  const names = config["partition.assignment.strategy"].split(",") as AssignorName[];
  const assignors = names.map((assignor) => ASSIGNORS[assignor]);
  return {
    groupId: config["group.id"],
    groupInstanceId: config["group.instance.id"] || undefined,
    clientId: config["client.id"] || name,
    sessionTimeoutUs: ms(config["session.timeout.ms"]),
    heartbeatIntervalUs: ms(config["heartbeat.interval.ms"]),
    rebalanceTimeoutUs: ms(config["max.poll.interval.ms"]),
    requestTimeoutUs: ms(config["request.timeout.ms"]),
    retryBackoffUs: Math.max(1, ms(config["retry.backoff.ms"])),
    apiTimeoutUs: ms(config["default.api.timeout.ms"]),
    autoCommitIntervalUs:
      autoCommits && config["enable.auto.commit"]
        ? ms(config["auto.commit.interval.ms"])
        : undefined,
    assignors,
    protocol: commonProtocol(assignors),
  };
}

/** The highest protocol that every assignor supports; all of Kafka's support EAGER. */
function commonProtocol(assignors: readonly Assignor[]): RebalanceProtocol {
  const isCooperative = assignors.every((one) => one.supportedProtocols.includes("COOPERATIVE"));
  return isCooperative ? "COOPERATIVE" : "EAGER";
}

/** Why a request to the coordinator failed: its answer, or that there was none. */
export type GroupError = ErrorName | "timeout" | "disconnected";

export const isRetriable = (error: GroupError): boolean =>
  error === "timeout" || error === "disconnected" || ERRORS[error].retriable;
