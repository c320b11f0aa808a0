// One machine with one log: reboots run the same program again, so what a test sees after a crash is what the disk gave back.
import type { LogConfig, ReplicaLog } from "../../src/log/log.ts";
import { LogManager, type LogManagerSettings } from "../../src/log/log-manager.ts";
import type { KafkaEvent, TraceEvent } from "../../src/protocol/events.ts";
import { type KafkaHost, type KafkaWorld, kafkaWorld } from "../../src/protocol/kafka-host.ts";
import {
  PartitionNames,
  type ProducedBatch,
  type RecordBatch,
  type TopicPartition,
} from "../../src/protocol/types.ts";
import { ms, seconds } from "../../src/sim/kernel.ts";

const FOR_EVER = Number.MAX_SAFE_INTEGER;

export const CONFIG: LogConfig = {
  compact: false,
  minCleanableRatio: 0.5,
  deleteRetentionMs: 24 * 3_600_000,
  compactionLagMs: 0,
  segmentBytes: 1 << 30,
  segmentMs: 7 * 24 * 3_600_000,
  retentionMs: -1,
  retentionBytes: -1,
  fileDeleteDelayMs: 60_000,
  indexIntervalBytes: 4096,
  segmentIndexBytes: 10 << 20,
  flushMessages: FOR_EVER,
  flushMs: FOR_EVER,
};

export const SETTINGS: LogManagerSettings = {
  "log.initial.task.delay.ms": 30_000,
  "log.retention.check.interval.ms": 300_000,
  "log.flush.scheduler.interval.ms": FOR_EVER,
  "log.flush.offset.checkpoint.interval.ms": 60_000,
  "log.flush.start.offset.checkpoint.interval.ms": 60_000,
  "replica.high.watermark.checkpoint.interval.ms": 5_000,
  "log.cleaner.enable": true,
  "log.cleaner.backoff.ms": 15_000,
  "producer.id.expiration.ms": 86_400_000,
  "producer.id.expiration.check.interval.ms": 600_000,
};

export interface Options {
  readonly seed?: string;
  readonly config?: Partial<LogConfig>;
  readonly settings?: Partial<LogManagerSettings>;
  readonly fsyncUs?: number;
  readonly capacityBytes?: number;
}

export const BATCH_BYTES = 100;

export class LogWorld {
  readonly world: KafkaWorld;
  readonly host: KafkaHost;
  readonly partition: TopicPartition;
  readonly events: TraceEvent[] = [];
  manager!: LogManager;
  log!: ReplicaLog;

  constructor({ seed = "t", config, settings, fsyncUs = 1000, capacityBytes }: Options = {}) {
    this.world = kafkaWorld({
      kernel: { seed },
      network: { latencyUs: 100, jitterUs: 0, interRackLatencyUs: 0, bandwidthBytesPerSecond: 1e9 },
    });
    this.host = this.world.addHost({
      id: 1,
      name: "broker-1",
      disk: {
        writeBytesPerSecond: 1e9,
        readBytesPerSecond: 1e9,
        fsyncUs,
        ...(capacityBytes === undefined ? {} : { capacityBytes }),
      },
    });
    this.world.trace.onAny((event) => this.events.push({ ...event }));
    this.partition = new PartitionNames().of("orders", 0);
    this.host.install((host) => {
      this.manager = new LogManager(host, { ...SETTINGS, ...settings });
      this.log = this.manager.open(this.partition, { ...CONFIG, ...config });
      this.manager.start();
    });
    this.host.boot();
  }

  /** Appends single-record batches as the leader, or one batch of several records. */
  append(batches: number, { count = 1, epoch = 0, at = this.host.now, bytes = BATCH_BYTES } = {}) {
    for (let i = 0; i < batches; i++) this.log.appendAsLeader(produced(count, at, bytes), epoch);
  }

  run(forMs: number): void {
    this.world.kernel.run(this.host.now + ms(forMs));
  }

  flush(): void {
    let flushed = false;
    this.log.flush((ok) => {
      flushed = ok;
    });
    this.world.kernel.run(this.host.now + seconds(1));
    if (!flushed) throw new Error("not flushed");
  }

  restart(how: "kill" | "poweroff" | "clean"): void {
    if (how === "clean") {
      this.manager.shutdown(() => this.host.stop(true), 7);
      this.run(1000);
    } else this.host.crash(how);
    this.events.length = 0;
    this.host.boot();
  }

  of<K extends TraceEvent["type"]>(type: K): KafkaEvent<K>[] {
    return this.events.filter((event) => event.type === type) as KafkaEvent<K>[];
  }

  /** Base offsets of all batches that a replica may read. */
  offsets(): number[] {
    const found: number[] = [];
    for (let next = this.log.logStartOffset; next < this.log.logEndOffset; ) {
      const read = this.log.read(next, 1 << 30, this.log.logEndOffset, true);
      if (typeof read === "string") throw new Error(read);
      const last = read.batches.at(-1);
      if (last === undefined) break;
      for (const batch of read.batches) found.push(batch.baseOffset);
      next = last.baseOffset + last.count;
    }
    return found;
  }
}

let nextNumber = 0;

export function produced(count = 1, at = 0, sizeBytes = BATCH_BYTES): ProducedBatch {
  const firstNumber = nextNumber;
  nextNumber += count;
  return {
    stream: 0,
    firstNumber,
    count,
    sizeBytes,
    firstTimestamp: at,
    maxTimestamp: at,
    producerId: -1,
    producerEpoch: -1,
    baseSequence: -1,
  };
}

export const replicated = (baseOffset: number, leaderEpoch: number, count = 1): RecordBatch => ({
  ...produced(count),
  baseOffset,
  leaderEpoch,
});

export const upTo = (end: number, from = 0): number[] =>
  Array.from({ length: end - from }, (_, i) => from + i);
