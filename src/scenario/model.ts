// A scenario after loading: every duration in microseconds, every size in bytes, every shorthand spelled out, variants merged in.
// What a person writes is in schema.ts; this is what the world is built from.
import type { Compressibility } from "../protocol/compression.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { Release } from "../protocol/releases.ts";
import type { ConfigResource } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";

/** Kafka settings by their dotted name, checked against the tables in protocol/config: numbers in Kafka's own unit (ms, bytes). */
export type Settings = Readonly<Record<string, string | number | boolean>>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly story: string | undefined;
  readonly source: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly seed: string;
  readonly durationUs: Micros;
  readonly settleUs: Micros;
  /** Who has to be healthy while the run settles; absent: everybody. Faults elsewhere stay. */
  readonly core?: readonly Selector[];
  readonly variant: string | undefined;
  readonly cluster: ClusterSpec;
  readonly topics: readonly TopicSpec[];
  readonly producers: readonly ProducerSpec[];
  readonly consumers: readonly ConsumerSpec[];
  readonly faults: readonly FaultSpec[];
  readonly operations: readonly OperationSpec[];
  readonly expect: ExpectSpec;
  readonly thresholds: readonly ThresholdSpec[];
}

export interface ClusterSpec {
  readonly release: Release;
  readonly controlPlane: "kraft" | "zookeeper";
  readonly brokers: readonly BrokerSpec[];
  readonly controllers: { readonly count: number; readonly mode: "dedicated" | "combined" };
  readonly zookeeper: number;
  /** Settings written for the whole cluster, without defaults. */
  readonly config: Settings;
  /** Single protocol rules overridden, by rule name. */
  readonly rules: Readonly<Record<string, string>>;
  readonly network: NetworkSpec;
  readonly disk: {
    readonly writeBytesPerSecond: number;
    readonly readBytesPerSecond: number;
    readonly fsyncUs: Micros;
    readonly capacityBytes: number | undefined;
  };
  /** undefined: the page cache is never too small. */
  readonly memory: MemorySpec | undefined;
  readonly cpu: {
    readonly requestThreads: number | undefined;
    readonly networkThreads: number | undefined;
  };
}

export interface MemorySpec {
  readonly sizeBytes: number;
  readonly heapBytes: number;
}

export interface NetworkSpec {
  readonly latencyUs: Micros;
  readonly jitterUs: Micros;
  /** Added to latencyUs between hosts of different racks. */
  readonly interRackLatencyUs: Micros;
  readonly bandwidthBytesPerSecond: number;
}

export interface BrokerSpec {
  readonly id: number;
  readonly rack: string | undefined;
  /** Settings of this broker alone. */
  readonly config: Settings;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Explicit assignment, one list of broker ids a partition; otherwise Kafka's placement decides. */
  readonly replicas: readonly (readonly number[])[] | undefined;
  readonly config: Settings;
}

interface ClientSpec {
  /** Instance name: what nodes are called in faults, events and reports. */
  readonly name: string;
  readonly rack: string | undefined;
  readonly startUs: Micros;
  readonly stopUs: Micros | undefined;
  readonly config: Settings;
}

/** One producer instance (instances: 4 is expanded by the loader). */
export interface ProducerSpec extends ClientSpec {
  readonly topic: string;
  readonly records: RecordSpec;
  readonly load: LoadSpec | undefined;
  readonly sends: readonly ScriptedSend[];
  readonly costs: SendCosts | undefined;
  readonly partitioner: RegionPartitionerSpec | undefined;
}

/** Time a record. */
export interface SendCosts {
  readonly onSendUs: Micros;
  readonly serializersUs: Micros;
  readonly onAcknowledgementUs: Micros;
}

/** Partitions by the part of the key before the separator. */
export interface RegionPartitionerSpec {
  readonly separator: string;
  readonly regions: ReadonlyMap<string, RegionTarget>;
}

export type RegionTarget =
  | { readonly kind: "partitions"; readonly partitions: readonly number[] }
  | { readonly kind: "leadersIn"; readonly rack: string };

export interface RecordSpec {
  readonly sizeBytes: number;
  readonly keys: KeySpec;
  /** undefined: as of JSON. */
  readonly compressibility: Compressibility | undefined;
}

export type KeySpec =
  | { readonly kind: "none" }
  | { readonly kind: "sequential"; readonly cardinality: number }
  | { readonly kind: "uniform"; readonly cardinality: number }
  | { readonly kind: "zipf"; readonly cardinality: number; readonly exponent: number }
  | { readonly kind: "list"; readonly keys: readonly string[] };

/** Arrival rates over time, k6's constant and ramping arrival rates; `total` stops after that many records. */
export interface LoadSpec {
  /** Records per second at the start; each stage ramps linearly to its target (a constant rate is one stage without an end). */
  readonly stages: readonly {
    readonly durationUs: Micros | undefined;
    readonly fromPerSecond: number;
    readonly toPerSecond: number;
  }[];
  readonly total: number | undefined;
}

export interface ScriptedSend {
  readonly trigger: Trigger;
  /** Records by name, in order. */
  readonly records: readonly string[];
  readonly key: string | undefined;
  readonly partition: number | undefined;
  /** Where they differ from the producer's records. */
  readonly sizeBytes: number | undefined;
  readonly compressibility: Compressibility | undefined;
}

export interface ConsumerSpec extends ClientSpec {
  readonly topics: readonly string[];
  readonly processing: ProcessingSpec;
  /** Starts only when a ClientChaos join tells it to. */
  readonly waits: boolean;
  /** Without a group, instance `index` of `of` takes the partitions p with p % of === index. */
  readonly share: { readonly index: number; readonly of: number };
}

/** What the application does with the records that poll() returns. */
export interface ProcessingSpec {
  readonly timeUs: Micros;
  readonly per: "record" | "poll";
  /** When offsets are committed; before: ahead of the processing. */
  readonly commit: "auto" | "sync" | "async" | "before" | "none";
  /** Attempts after the first one at a record that fails. */
  readonly retries: number;
  readonly backoffUs: Micros;
  /** Topic for records that fail for good; without one they are skipped. */
  readonly dlq: string | undefined;
  /** What the application does when a letter cannot be published. */
  readonly dlqFailure: "retry" | "stop";
  /** Names of records that always fail. */
  readonly poison: readonly string[];
  readonly deduplicate: boolean;
  /** Worker threads process while the poll loop goes on. */
  readonly handOff: boolean;
  /** Offsets are kept with the results, not in Kafka. */
  readonly externalOffsets: boolean;
}

export type Trigger =
  | { readonly kind: "at"; readonly atUs: Micros }
  | {
      readonly kind: "when";
      readonly event: string;
      /** Payload fields that must be equal; a partition is given by its name, a node by its name or id. */
      readonly match: Readonly<Record<string, unknown>>;
      readonly nth: number;
      readonly afterUs: Micros;
      readonly delayUs: Micros;
    };

export type Selector =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "rack"; readonly rack: string }
  | { readonly kind: "role"; readonly role: "broker" | "controller" | "client" }
  | { readonly kind: "leaderOf" | "followersOf"; readonly partition: string }
  | { readonly kind: "activeController" }
  | { readonly kind: "coordinatorOf"; readonly group: string }
  | {
      readonly kind: "mode";
      readonly mode: "one" | "all" | "fixed";
      readonly value: number;
      readonly of: Selector;
    };

/** Fields every fault has. `durationUs` undoes it; absent: it lasts until the run settles (a kill: for ever). */
interface FaultBase {
  readonly id: string;
  readonly trigger: Trigger;
  readonly durationUs: Micros | undefined;
}

export type FaultSpec = FaultBase &
  (
    | {
        readonly kind: "NetworkChaos";
        readonly action: "partition" | "delay" | "loss" | "bandwidth" | "reset";
        readonly selector: Selector | undefined;
        readonly target: Selector | undefined;
        readonly direction: "to" | "from" | "both";
        readonly topology: "halves" | "ring" | "bridge" | "isolate" | undefined;
        readonly latencyUs: Micros;
        readonly jitterUs: Micros;
        /** 0..1 */
        readonly correlation: number;
        /** 0..1 */
        readonly loss: number;
        readonly bytesPerSecond: number;
      }
    | {
        readonly kind: "ProcessChaos";
        readonly action: "kill" | "terminate" | "pause" | "restart";
        readonly selector: Selector;
      }
    | {
        readonly kind: "HostChaos";
        readonly action: "poweroff" | "wipe";
        readonly selector: Selector;
      }
    | {
        readonly kind: "IOChaos";
        readonly action: "latency" | "fault" | "corrupt";
        readonly selector: Selector;
        readonly methods: readonly ("read" | "write" | "fsync")[];
        /** 0..1 */
        readonly percent: number;
        readonly latencyUs: Micros;
        readonly errno: "EIO" | "ENOSPC";
      }
    | {
        readonly kind: "TimeChaos";
        readonly action: "timeOffset" | "drift";
        readonly selector: Selector;
        readonly timeOffsetUs: Micros;
        readonly driftPpm: number;
      }
    | {
        readonly kind: "MessageChaos";
        readonly action: "hold" | "release" | "drop" | "duplicate" | "delay";
        readonly rpc: string | undefined;
        readonly phase: "request" | "response";
        readonly from: Selector | undefined;
        readonly to: Selector | undefined;
        readonly match: Readonly<Record<string, unknown>>;
        readonly count: number | undefined;
        readonly delayUs: Micros;
        /** release: the id of the hold it ends. */
        readonly ref: string | undefined;
      }
    | {
        readonly kind: "StressChaos";
        readonly action: "cpu" | "memory" | "cpu, memory";
        readonly selector: Selector;
        /** 0..1: the share of the processors that is taken. */
        readonly load: number;
        readonly memory: MemoryStress | undefined;
      }
    | {
        readonly kind: "ErrorChaos";
        readonly action: "answer";
        readonly selector: Selector;
        readonly rpc: string;
        readonly error: ErrorName;
        readonly count: number | undefined;
      }
    | {
        readonly kind: "ClientChaos";
        readonly action: "rate" | "processingTime" | "stopPolling" | "crash" | "join" | "leave";
        readonly selector: Selector;
        /** rate: records per second of each producer. */
        readonly perSecond: number;
        /** processingTime. */
        readonly timeUs: Micros;
        /** join: the instances that start. */
        readonly newcomers: readonly string[];
      }
  );

export interface MemoryStress {
  /** Of all workers. */
  readonly bytes: number;
  readonly workers: number;
  readonly oomScoreAdj: number;
}

/** What an operator would run, by the tool's name and flags. */
export interface OperationSpec {
  readonly trigger: Trigger;
  readonly tool:
    | "kafka-topics"
    | "kafka-leader-election"
    | "kafka-consumer-groups"
    | "kafka-configs";
  readonly args: Readonly<Record<string, string | number | boolean>>;
  /** Of kafka-configs. */
  readonly alteration?: ConfigAlteration;
}

/** What kafka-configs changes; value undefined: it is deleted. */
export interface ConfigAlteration {
  readonly resource: ConfigResource;
  readonly changes: readonly {
    readonly name: string;
    readonly value: string | number | boolean | undefined;
  }[];
}

export interface ExpectSpec {
  readonly violates: readonly string[];
  readonly absent: readonly string[];
  readonly assertions: readonly AssertionSpec[];
}

export type Comparator =
  | {
      readonly op: "equals" | "not" | "in" | "atLeast" | "atMost";
      readonly value: unknown;
      readonly tolerance: number;
    }
  | {
      readonly op: "within";
      readonly value: readonly [number, number];
      readonly tolerance: number;
    };

/** One line of expect.assert. `text` is how the report prints it. */
export interface AssertionSpec {
  readonly text: string;
  readonly path: readonly (string | number)[];
  readonly when:
    | { readonly kind: "at"; readonly atUs: Micros }
    | { readonly kind: "end" }
    | { readonly kind: "during"; readonly fromUs: Micros; readonly toUs: Micros };
  readonly subject: AssertionSubject;
  readonly comparator: Comparator;
}

export type AssertionSubject =
  | {
      readonly kind: "partition";
      readonly field: PartitionField;
      readonly partition: string;
      readonly on: string | undefined;
    }
  | {
      readonly kind: "offset";
      readonly field: OffsetField;
      readonly partition: string;
      readonly on: string | undefined;
    }
  | { readonly kind: "activeController" }
  | { readonly kind: "available"; readonly partition: string; readonly op: "produce" | "consume" }
  | {
      readonly kind: "records";
      readonly outcome: RecordOutcome;
      readonly producer: string | undefined;
      readonly topic: string | undefined;
      readonly names: readonly string[] | undefined;
    }
  | {
      readonly kind: "metric";
      readonly metric: string;
      readonly labels: Readonly<Record<string, string>>;
    }
  | { readonly kind: "lag"; readonly consumer: string; readonly partition: string | undefined }
  | {
      readonly kind: "groupLag" | "committed";
      readonly group: string;
      readonly partition: string | undefined;
    }
  | { readonly kind: "group"; readonly field: GroupField; readonly group: string }
  | { readonly kind: "slope"; readonly of: AssertionSubject }
  | {
      readonly kind: "event";
      readonly event: string;
      readonly match: Readonly<Record<string, unknown>>;
    };

export type GroupField = "groupState" | "generation" | "members" | "assignment";

export type PartitionField = "leader" | "leaderEpoch" | "isr" | "elr" | "replicas";
export type OffsetField = "highWatermark" | "logEndOffset" | "logStartOffset" | "lastStableOffset";
export type RecordOutcome =
  | "sent"
  | "lost"
  | "duplicated"
  | "acked"
  | "failed"
  | "unknown"
  | "delivered";

/** A k6 expression over one metric of the run: p(99)<250. */
export interface ThresholdSpec {
  readonly metric: string;
  readonly text: string;
  readonly aggregate:
    | "min"
    | "max"
    | "avg"
    | "med"
    | "count"
    | "rate"
    | { readonly percentile: number };
  readonly op: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly value: number;
}
