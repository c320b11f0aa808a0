// What a scenario did, told in the same words by real brokers and by the simulator: identifiers that only one of them could have
// (member ids, broker epochs, node ids of controllers, producer ids) do not occur. README.md says where each side takes it from.

/** Milliseconds since the scenario's time zero. Never compared as such: see times.ts. */
export type AtMs = number;

export interface ComparableTrace {
  /** By partition name: the controller's decisions, one a partition epoch, from creation on. Only topics of the scenario. */
  readonly partitions: Readonly<Record<string, readonly PartitionStep[]>>;
  /** By broker name: fencing and unfencing since time zero. */
  readonly brokers: Readonly<Record<string, readonly BrokerStep[]>>;
  /** Controller epochs since time zero; `epoch` 0 is the one in force at time zero. */
  readonly controllers: readonly ControllerStep[];
  /** By producer instance: one a record, in the order of send(). */
  readonly producers: Readonly<Record<string, readonly RecordResult[]>>;
  /** By consumer instance. */
  readonly consumers: Readonly<Record<string, ConsumerTrace>>;
  /** By group id: generations as the coordinator stored them. Only groups that consumers of the scenario are in. */
  readonly groups: Readonly<Record<string, readonly Generation[]>>;
  /** By transactional id: states as the coordinator stored them. Empty without transactions. */
  readonly transactions: Readonly<Record<string, readonly TransactionStep[]>>;
  /** The state at each instant that an assertion of the scenario names, in the order of time, then at the end. */
  readonly points: readonly QuietPoint[];
}

export interface PartitionStep {
  readonly partitionEpoch: number;
  /** Broker id; -1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** In the order of the registration. */
  readonly isr: readonly number[];
  /** Eligible leader replicas, ascending; empty where the release has none. */
  readonly elr: readonly number[];
  readonly atMs: AtMs;
}

export interface BrokerStep {
  readonly change: "fenced" | "unfenced" | "shuttingDown";
  readonly atMs: AtMs;
}

export interface ControllerStep {
  /** Relative to the epoch at time zero: 1 is the first election in the scenario. */
  readonly epoch: number;
  readonly atMs: AtMs;
}

export interface RecordResult {
  readonly id: string;
  /** Partition name; null where the record never got one. */
  readonly partition: string | null;
  /** -1: not known (acks=0, or an error). */
  readonly offset: number;
  /** NONE, a name of Kafka's Errors, or TIMEOUT: what the callback got (any TimeoutException of the client is TIMEOUT). */
  readonly error: string;
  readonly atMs: AtMs;
}

export interface ConsumerTrace {
  /** Calls of the rebalance listener, in order. Calls without partitions are left out. */
  readonly callbacks: readonly ConsumerCallback[];
  /** By partition name: offsets returned by poll(). A run ends where the next record is not the next offset of the log read. */
  readonly polled: Readonly<Record<string, readonly PolledRun[]>>;
  /** Errors that poll() or a commit threw, in order, by class without "Exception"; not retried ones. */
  readonly errors: readonly string[];
}

export interface ConsumerCallback {
  readonly callback: "assigned" | "revoked" | "lost";
  /** Ascending by topic and partition. */
  readonly partitions: readonly string[];
  readonly atMs: AtMs;
}

export interface PolledRun {
  readonly from: number;
  /** The last offset, inclusive. */
  readonly to: number;
  /** Record ids in `runsOf` form. */
  readonly records: readonly string[];
}

export interface Generation {
  readonly generation: number;
  /** Stable: an assignment was stored. Empty: a group without members was. */
  readonly state: "Stable" | "Empty";
  /** By client id (instance name): partitions, ascending. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  readonly atMs: AtMs;
}

export interface TransactionStep {
  readonly state:
    | "Ongoing"
    | "PrepareCommit"
    | "PrepareAbort"
    | "CompleteCommit"
    | "CompleteAbort"
    | "Empty";
  /** Relative to the first one stored. */
  readonly producerEpoch: number;
  readonly partitions: readonly string[];
  readonly atMs: AtMs;
}

export interface QuietPoint {
  readonly at: AtMs | "end";
  readonly partitions: Readonly<Record<string, PartitionPoint>>;
  readonly groups: Readonly<Record<string, GroupPoint>>;
  /** By consumer instance, then by partition: position, of running consumers and partitions they own. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface PartitionPoint {
  /** The registration in force: the last PartitionStep until now, without its time. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly number[];
  readonly elr: readonly number[];
  /** The leader's high watermark as a client sees it (ListOffsets); null while nobody leads or the leader does not answer. */
  readonly highWatermark: number | null;
  /** By broker name. A broker that is down has what is on its disk. */
  readonly replicas: Readonly<Record<string, ReplicaPoint>>;
}

export interface ReplicaPoint {
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  /** Of running brokers; null of others. */
  readonly highWatermark: number | null;
  /** Epochs of the batches in the log, each with the offset of its first: [[0, 0], [1, 20]]. */
  readonly epochs: readonly (readonly [epoch: number, startOffset: number])[];
  /** Record ids from log start to log end, in `runsOf` form. Control batches are "commit" or "abort". */
  readonly records: readonly string[];
}

export interface GroupPoint {
  /** As ListGroups and DescribeGroups say: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead (unknown). */
  readonly state: string;
  /** By client id: partitions, ascending. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** By partition name; only partitions with a committed offset. */
  readonly committed: Readonly<Record<string, number>>;
}

/** Ids with consecutive numbers at their end as runs: m0, m1, m2, x -> ["m0..2", "x"]. */
export function runsOf(ids: readonly string[]): string[] {
  const runs: { stem: string; first: number; last: number }[] = [];
  for (const id of ids) {
    const digits = /(?:0|[1-9]\d*)$/.exec(id)?.[0] ?? "";
    const stem = id.slice(0, id.length - digits.length);
    const number = digits === "" ? -1 : Number(digits);
    const open = runs.at(-1);
    if (open !== undefined && number > 0 && open.stem === stem && open.last === number - 1) {
      open.last = number;
    } else runs.push({ stem, first: number, last: number });
  }
  return runs.map(({ stem, first, last }) => {
    if (first < 0) return stem;
    return first === last ? `${stem}${first}` : `${stem}${first}..${last}`;
  });
}

/** The name of a record that a load made: number counts from 0 per producer instance and partition. */
export const loadRecord = (producer: string, number: number): string => `${producer}#${number}`;
