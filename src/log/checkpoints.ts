// The offset checkpoint files of a log directory: one offset a partition, replaced as a whole and durable (OffsetCheckpointFile).
// What is not in them when a broker starts is 0.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Disk } from "../sim/disk.ts";

export class OffsetCheckpoint {
  readonly #disk: Disk;
  readonly #fileName: string;
  /** By partition name. Partitions not opened in this life keep what the file had. */
  readonly #offsets: Map<string, Offset>;

  constructor(disk: Disk, fileName: string) {
    this.#disk = disk;
    this.#fileName = fileName;
    this.#offsets = new Map(disk.read<ReadonlyMap<string, Offset>>(fileName));
  }

  of(partition: TopicPartition): Offset {
    return this.#offsets.get(partition.name) ?? 0;
  }

  set(partition: TopicPartition, offset: Offset): void {
    this.#offsets.set(partition.name, offset);
  }

  /** At once; it stays where it is lower already. */
  lowerTo(partition: TopicPartition, offset: Offset): void {
    if (this.of(partition) <= offset) return;
    this.set(partition, offset);
    this.write();
  }

  remove(partition: TopicPartition): void {
    if (this.#offsets.delete(partition.name)) this.write();
  }

  write(): void {
    this.#disk.write(this.#fileName, new Map(this.#offsets));
  }
}

/** The checkpoints of one log directory. */
export class Checkpoints {
  /** ReplicaManager writes it. */
  readonly highWatermark: OffsetCheckpoint;
  /** Below it everything was fsynced: recovery need not look there. */
  readonly recoveryPoint: OffsetCheckpoint;
  readonly logStartOffset: OffsetCheckpoint;
  /** Below it the cleaner has been. */
  readonly cleaner: OffsetCheckpoint;

  constructor(disk: Disk) {
    this.highWatermark = new OffsetCheckpoint(disk, "replication-offset-checkpoint");
    this.recoveryPoint = new OffsetCheckpoint(disk, "recovery-point-offset-checkpoint");
    this.logStartOffset = new OffsetCheckpoint(disk, "log-start-offset-checkpoint");
    this.cleaner = new OffsetCheckpoint(disk, "cleaner-offset-checkpoint");
  }

  /**
   * LogManager.truncateTo: a recovery point above the new end must not survive on disk; and what is appended from there on, nobody has
   * compacted (LogCleanerManager.maybeTruncateCheckpoint).
   */
  truncateTo(partition: TopicPartition, recoveryPoint: Offset, activeSegment: Offset): void {
    this.recoveryPoint.lowerTo(partition, recoveryPoint);
    this.cleaner.lowerTo(partition, activeSegment);
  }

  remove(partition: TopicPartition): void {
    this.highWatermark.remove(partition);
    this.recoveryPoint.remove(partition);
    this.logStartOffset.remove(partition);
    this.cleaner.remove(partition);
  }
}
