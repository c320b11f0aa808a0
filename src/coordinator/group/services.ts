// What the group state machine needs from its shell: a clock, timers by name, the log, the trace. Tests give it a fake.
import type { GroupConfig } from "../../protocol/config/group.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { CoordinatorRecord } from "./records.ts";

/** Setting a timer again under the same key replaces it. */
export interface Timers {
  schedule(key: string, delayMs: number, action: () => void): void;
  cancel(key: string): void;
}

export interface GroupServices {
  readonly config: GroupConfig;
  /** Does a leader that replaces itself get told to keep the assignment (KIP-814)? */
  readonly skipsAssignment: boolean;
  /** Must a new dynamic member come back with the id it was given (KIP-394)? */
  readonly requiresMemberId: boolean;
  /** Is a group stored before its first generation? */
  readonly storesNewGroups: boolean;
  /** Are errors that would end a member put in terms that make it join again? */
  readonly sparesMembers: boolean;
  /** Planted bug. */
  readonly acceptsAnyCommit: boolean;
  /** Planted bug. */
  readonly startsOver?: boolean;
  /** Planted bug. */
  readonly keepsTheSilent?: boolean;
  readonly timers: Timers;
  /** The coordinator's wall clock. */
  wallClock(): Micros;
  newUuid(): string;
  /** `done` when the records are committed, or with what the client is to be told. */
  write(records: readonly CoordinatorRecord[], done: (error: ErrorName) => void): void;
  /** The same for whatever has been written so far; at once when nothing is under way. */
  afterWrites(done: (error: ErrorName) => void): void;
  readonly emit: KafkaHost["emit"];
}

/** CoordinatorOperationExceptionHelper, appendGroupMetadataErrorToResponseError: a failed append, as the client is told. */
export function responseErrorOf(error: ErrorName): ErrorName {
  switch (error) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
    case "NOT_ENOUGH_REPLICAS":
    case "NOT_ENOUGH_REPLICAS_AFTER_APPEND":
    case "REQUEST_TIMED_OUT":
      return "COORDINATOR_NOT_AVAILABLE";
    case "NOT_LEADER_OR_FOLLOWER":
    case "KAFKA_STORAGE_ERROR":
      return "NOT_COORDINATOR";
    case "MESSAGE_TOO_LARGE":
    case "RECORD_LIST_TOO_LARGE":
      return "UNKNOWN_SERVER_ERROR";
    default:
      return error;
  }
}
