// The result document of a run: what `--json` prints and result.json holds. Byte-identical for the same scenario, seed and version:
// no wall clock, no absolute path, no host name.

export type CheckStatus = "held" | "violated" | "permitted" | "not-exercised";

export interface CheckEntry {
  readonly name: string;
  readonly kind: "always" | "eventually";
  readonly status: CheckStatus;
  /** Records or occurrences. */
  readonly count: number;
  /** The one setting or fault that permits the anomaly; null when nothing does. */
  readonly permittedBy: string | null;
  /** Records or occurrences by form of the anomaly, where it has several. */
  readonly forms: Readonly<Record<string, number>>;
  /** Whether the scenario expected this status. */
  readonly expected: boolean;
  readonly first: {
    readonly event: number;
    readonly atMs: number;
    readonly message: string;
  } | null;
  readonly note: string | null;
  /** How the first occurrence came about, a few sentences; empty when nothing occurred. */
  readonly explanation: readonly string[];
}

export interface AssertionEntry {
  readonly text: string;
  readonly ok: boolean;
  readonly actual: unknown;
}

export interface RecordCounts {
  readonly sent: number;
  readonly acked: number;
  readonly failed: number;
  readonly unknown: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
}

export interface MetricSummary {
  readonly count: number;
  readonly min: number;
  readonly avg: number;
  readonly med: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What somebody asked for and got. A record that was neither acked nor given up yet is in `sent` alone. */
interface Served {
  readonly name: string;
  readonly sent: number;
  /** Given up by the producer, certainly without effect. */
  readonly refused: number;
  readonly unknown: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly servedPercent: number;
  /** Longest time without an acknowledgement while one was due. */
  readonly produceOutageMs: number;
  /** Longest time with records to read and none read. */
  readonly consumeOutageMs: number;
  /** How old the oldest acknowledged record a reader had not been given became. */
  readonly stalenessMs: number;
}

export interface LedgerEntry extends Served {
  readonly acked: number;
}

/** The clients of one side, while the network was cut. */
export interface LedgerSide extends Served {
  readonly clients: readonly string[];
  /** Acknowledged while the network was cut; `later`: after it was healed. */
  readonly served: number;
  readonly later: number;
}

/** Who was served and who was not. */
export interface Ledger {
  readonly partitions: readonly (LedgerEntry & {
    /** Longest time from the end of a fault until leader and ISR were whole again; null: no fault ended. */
    readonly recoveryMs: number | "never" | null;
  })[];
  /** Producers by name; readers by group, or by name without one. */
  readonly clients: readonly LedgerEntry[];
  /** For how long some part of the network was cut. */
  readonly cutMs: number;
  readonly sides: readonly LedgerSide[];
}

export interface RunResult {
  readonly apiVersion: "faultline.result/v1";
  readonly scenario: string;
  readonly variant: string | null;
  readonly seed: string;
  readonly version: string;
  readonly outcome: "as-expected" | "unexpected";
  readonly traceHash: string;
  readonly events: number;
  readonly virtualTimeMs: number;
  readonly checks: readonly CheckEntry[];
  readonly assertions: readonly AssertionEntry[];
  readonly thresholds: readonly AssertionEntry[];
  readonly records: RecordCounts;
  readonly topics: readonly ({ readonly topic: string } & RecordCounts)[];
  readonly ledger: Ledger;
  readonly metrics: Readonly<Record<string, number | MetricSummary>>;
  readonly warnings: readonly string[];
  readonly replay: string;
}

/** One notable happening, as the text report's timeline shows it. */
export interface TimelineEntry {
  readonly atUs: number;
  readonly event: number;
  /** Node name, or "scenario". */
  readonly who: string;
  readonly kind:
    | "fault"
    | "host"
    | "election"
    | "isr"
    | "controller"
    | "offline"
    | "client"
    | "run"
    | "settling";
  readonly text: string;
  /** How many like it were folded into this line; 1 = just this. */
  readonly times: number;
  /** Records in all of them, where they are about records. */
  readonly records: number;
}

/** Everything a report needs beyond the result document. */
export interface RunReport {
  readonly result: RunResult;
  readonly title: string;
  readonly story: string | undefined;
  readonly source: string | undefined;
  readonly timeline: readonly TimelineEntry[];
  /** Entries left out of the timeline because there were too many. */
  readonly timelineOmitted: number;
  readonly partitions: readonly PartitionSummary[];
  readonly groups: readonly GroupSummary[];
  readonly clusterText: string;
}

/** A consumer group at the end of the run. */
export interface GroupSummary {
  readonly name: string;
  readonly state: string;
  readonly members: number;
  /** Members without a partition. */
  readonly idle: number;
  readonly rebalances: number;
  readonly rebalancingUs: number;
  /** Records not committed yet. */
  readonly lag: number;
  readonly mostLag: number;
  readonly mostLagAtUs: number;
}

/** A partition at the end of the run. */
export interface PartitionSummary {
  readonly name: string;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly highWatermark: number;
  readonly logEndOffset: number;
  /** Who led when: [from, to) in microseconds, leader -1 = offline. */
  readonly leaders: readonly {
    readonly fromUs: number;
    readonly toUs: number;
    readonly leader: number;
    readonly leaderEpoch: number;
  }[];
}
