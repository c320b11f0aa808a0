// How an application treats what it polls, as a scenario describes it, and what it needs of the consumer.
import type { CommittedOffset } from "../../protocol/group-apis.ts";
import type { Process } from "../../protocol/kafka-host.ts";
import type { Micros } from "../../sim/kernel.ts";

export interface Processing {
  readonly timeUs: Micros;
  /** What takes the time: each record, or each poll that returned some. */
  readonly per: "record" | "poll";
  /** auto: left to the consumer. before: synchronously, ahead of the work. Default auto. */
  readonly commit?: "auto" | "sync" | "async" | "before" | "none";
  /** After (or before) each record, or once a poll. Default poll. */
  readonly commitPer?: "record" | "poll";
  /** Further attempts at a record that fails. */
  readonly retries?: number;
  readonly backoffUs?: Micros;
  /** Where records go that fail every time; without one they are skipped. */
  readonly dlq?: string | undefined;
  /** A letter that the dead letter topic does not take: sent again for as long as it takes (default), or the process ends. */
  readonly dlqFailure?: "retry" | "stop";
  /** Names of records that fail every time. */
  readonly poison?: readonly string[];
  /** Records that had their effect once are passed over (idempotent consumer). */
  readonly deduplicate?: boolean;
  /** Worker threads process, the poll loop goes on. */
  readonly handOff?: boolean;
  /** Offsets are kept with the results, in one transaction, and not committed to Kafka. */
  readonly externalOffsets?: boolean;
}

/** How the application commits. */
export interface Committer {
  /** No rebalance is under way, as onPartitionsAssigned() would have told. */
  readonly isStable: boolean;
  /** Current positions when no offsets are given; false: it failed for good. */
  commitSync(offsets?: readonly CommittedOffset[]): Process<boolean>;
  commitAsync(offsets?: readonly CommittedOffset[]): void;
}
