// What runs on a consumer's machine, as the rest of the simulator sees it: its settings and the handles that faults and tests have on it.
import type { ConsumerConfig } from "../../protocol/config/consumer.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { MemberState } from "./membership.ts";
import type { Processing } from "./processing.ts";

export interface ConsumerSpec {
  readonly name: string;
  readonly topics: readonly string[];
  /** Without a group only the time counts. */
  readonly processing: Processing;
  /** Without a group, this instance takes the partitions p with p % of = index. */
  readonly share: { readonly index: number; readonly of: number };
  readonly startUs: Micros;
  readonly stopUs: Micros | undefined;
  readonly config: ConsumerConfig;
}

export interface ConsumerProgram {
  /** Partitions it holds, and the next offset of each (-1: none yet). */
  readonly positions: readonly { readonly partition: string; readonly offset: Offset }[];
  /** Of a group member; undefined without a group. */
  readonly member:
    | { readonly id: string; readonly generation: number; readonly state: MemberState }
    | undefined;
  /** Leaves the poll loop and closes the consumer: last commit, partitions revoked, LeaveGroup. */
  stop(): void;
  /** The application hangs: it does not come back to poll() until it is resumed. The member goes on heartbeating. */
  stopPolling(): void;
  resumePolling(): void;
  setProcessingTime(timeUs: Micros): void;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  seek(partition: TopicPartition, offset: Offset): void;
}
