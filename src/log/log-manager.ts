// LogManager: the logs of one broker and what runs in the background: retention, checkpoints, flushes, and the clean shutdown.
// Left out: several log directories.

import type { BrokerConfig } from "../protocol/config/broker.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { BrokerEpoch, DirectoryId, TopicPartition } from "../protocol/types.ts";
import type { Errno } from "../sim/disk.ts";
import { ms } from "../sim/kernel.ts";
import { type LogConfig, ReplicaLog } from "./log.ts";
import { LogCleaner } from "./log-cleaner.ts";
import { LogDirectory } from "./log-directory.ts";

/** The broker's settings that concern its log directory. */
export type LogManagerSettings = Pick<
  BrokerConfig,
  | "log.initial.task.delay.ms"
  | "log.retention.check.interval.ms"
  | "log.flush.scheduler.interval.ms"
  | "log.flush.offset.checkpoint.interval.ms"
  | "log.flush.start.offset.checkpoint.interval.ms"
  | "replica.high.watermark.checkpoint.interval.ms"
  | "log.cleaner.enable"
  | "log.cleaner.backoff.ms"
  | "producer.id.expiration.ms"
  | "producer.id.expiration.check.interval.ms"
>;

/** Longer than any run: Kafka's way to say never. */
const NEVER_MS = 0x800_0000_0000;

export class LogManager {
  readonly #host: KafkaHost;
  readonly #settings: LogManagerSettings;
  readonly #directory: LogDirectory;
  readonly #logs = new Map<TopicPartition, ReplicaLog>();
  /** Some topic has, or had, flush.messages set. */
  someFlushAppends = false;

  constructor(host: KafkaHost, settings: LogManagerSettings, keepsEpochs = false) {
    this.#host = host;
    this.#settings = settings;
    this.#directory = new LogDirectory(host, keepsEpochs);
    this.#directory.onDeleted = (partition) => void this.#logs.delete(partition);
  }

  /** All logs, in order of opening. */
  get logs(): IterableIterator<ReplicaLog> {
    return this.#logs.values();
  }

  get hadCleanShutdown(): boolean {
    return this.#directory.hadCleanShutdown;
  }

  /** -1: the last life did not end cleanly. */
  get cleanShutdownBrokerEpoch(): BrokerEpoch {
    return this.#directory.cleanShutdownBrokerEpoch;
  }

  get directoryId(): DirectoryId {
    return this.#directory.id;
  }

  /** Once the disk has failed every log answers KAFKA_STORAGE_ERROR until the broker restarts. */
  get isOffline(): boolean {
    return this.#directory.isOffline;
  }

  set onDiskFailure(listener: (errno: Errno) => void) {
    this.#directory.onFailure = listener;
  }

  /** Creates the log, or loads it; the same partition has one log. */
  open(partition: TopicPartition, config: LogConfig): ReplicaLog {
    let log = this.#logs.get(partition);
    if (log === undefined) {
      log = ReplicaLog.open(this.#host, partition, config, this.#directory);
      this.#logs.set(partition, log);
    }
    return log;
  }

  get(partition: TopicPartition): ReplicaLog | undefined {
    return this.#logs.get(partition);
  }

  /** Starts what runs in the background, for the rest of this life. */
  start(): void {
    const settings = this.#settings;
    const delay = settings["log.initial.task.delay.ms"];
    this.#repeat(delay, settings["log.retention.check.interval.ms"], () => this.#deleteRetained());
    this.#repeat(delay, settings["log.flush.scheduler.interval.ms"], () => this.#flushDirty());
    const pointMs = settings["log.flush.offset.checkpoint.interval.ms"];
    this.#repeat(delay, pointMs, () => this.#checkpointRecoveryPoints());
    const startMs = settings["log.flush.start.offset.checkpoint.interval.ms"];
    this.#repeat(delay, startMs, () => this.#checkpointLogStarts());
    const hwMs = settings["replica.high.watermark.checkpoint.interval.ms"];
    this.#repeat(hwMs, hwMs, () => this.checkpointHighWatermarks());
    const expiryMs = settings["producer.id.expiration.check.interval.ms"];
    this.#repeat(expiryMs, expiryMs, () => this.#expireProducers());
    if (settings["log.cleaner.enable"])
      new LogCleaner(this.#directory, this, settings["log.cleaner.backoff.ms"]).start();
  }

  /** ReplicaManager.checkpointHighWatermarks. */
  checkpointHighWatermarks(): void {
    const { highWatermark } = this.#directory.checkpoints;
    for (const log of this.#logs.values()) highWatermark.set(log.partition, log.highWatermark);
    highWatermark.write();
  }

  /** The clean end: fsyncs every log, writes the checkpoints and the marker that spares the next start its recovery. */
  shutdown(done: () => void, brokerEpoch: BrokerEpoch = -1): void {
    let open = this.#logs.size;
    let allOk = true;
    const finish = (): void => {
      if (allOk && !this.isOffline) {
        this.checkpointHighWatermarks();
        this.#checkpointRecoveryPoints();
        this.#checkpointLogStarts();
        this.#directory.markCleanShutdown(brokerEpoch);
      }
      done();
    };
    if (open === 0) finish();
    for (const log of this.#logs.values()) {
      log.flush((ok) => {
        allOk &&= ok;
        if (--open === 0) finish();
      });
    }
  }

  #repeat(delayMs: number, intervalMs: number, task: () => void): void {
    if (intervalMs >= NEVER_MS) return;
    const guarded = (): void => {
      if (!this.isOffline) task();
    };
    this.#host.after(ms(delayMs), () => {
      guarded();
      this.#host.every(ms(intervalMs), guarded);
    });
  }

  #deleteRetained(): void {
    const now = this.#host.clock.now();
    for (const log of this.#logs.values()) log.deleteRetained(now);
  }

  #expireProducers(): void {
    const now = this.#host.clock.now();
    const expiration = ms(this.#settings["producer.id.expiration.ms"]);
    for (const log of this.#logs.values()) log.producers.removeExpired(now, expiration);
  }

  #checkpointRecoveryPoints(): void {
    const { recoveryPoint } = this.#directory.checkpoints;
    for (const log of this.#logs.values()) recoveryPoint.set(log.partition, log.recoveryPoint);
    recoveryPoint.write();
  }

  #checkpointLogStarts(): void {
    const { logStartOffset } = this.#directory.checkpoints;
    for (const log of this.#logs.values()) logStartOffset.set(log.partition, log.logStartOffset);
    logStartOffset.write();
  }

  #flushDirty(): void {
    const now = this.#host.now;
    for (const log of this.#logs.values()) {
      if (now - log.lastFlushedAt >= ms(log.config.flushMs)) log.flush(() => undefined);
    }
  }
}
