// A broker's log directory: its files, checkpoints and clean-shutdown marker, and whether its disk has failed (LogDirFailureChannel).
// One IO error takes the whole directory offline for the rest of this life. A broker has one directory here (no JBOD).
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type {
  BrokerEpoch,
  DirectoryId,
  Offset,
  RecordBatch,
  TopicPartition,
} from "../protocol/types.ts";
import type { DiskMethod, Errno, File } from "../sim/disk.ts";
import { Checkpoints } from "./checkpoints.ts";

const CLEAN_SHUTDOWN = ".kafka_cleanshutdown";
const DELETED = ".deleted";

const META_PROPERTIES = "meta.properties";

interface MetaProperties {
  readonly directoryId: DirectoryId;
}

interface CleanShutdown {
  readonly brokerEpoch: BrokerEpoch;
}

export class LogDirectory {
  readonly host: KafkaHost;
  readonly checkpoints: Checkpoints;
  readonly hadCleanShutdown: boolean;
  /** Broker epoch of the life that ended cleanly; -1 if it did not (KIP-966). */
  readonly cleanShutdownBrokerEpoch: BrokerEpoch;
  /** Another one after the disk was replaced. */
  readonly id: DirectoryId;
  /** Planted bug: what is cut off a log stays in its leader epoch cache. */
  readonly keepsEpochs: boolean;
  onFailure: ((errno: Errno) => void) | undefined;
  onDeleted: ((partition: TopicPartition) => void) | undefined;
  #offline = false;

  constructor(host: KafkaHost, keepsEpochs = false) {
    this.host = host;
    this.keepsEpochs = keepsEpochs;
    const { disk } = host;
    this.checkpoints = new Checkpoints(disk);
    const marker = disk.read<CleanShutdown>(CLEAN_SHUTDOWN);
    this.hadCleanShutdown = marker !== undefined;
    this.cleanShutdownBrokerEpoch = marker?.brokerEpoch ?? -1;
    this.id = directoryId(host);
    // From now on a crash is a crash.
    disk.delete(CLEAN_SHUTDOWN);
    for (const name of disk.names("")) if (name.endsWith(DELETED)) disk.delete(name);
  }

  get isOffline(): boolean {
    return this.#offline;
  }

  fail(method: DiskMethod, errno: Errno): void {
    if (this.#offline) return;
    this.#offline = true;
    this.host.emit("disk.failed", { method, errno });
    this.onFailure?.(errno);
  }

  markCleanShutdown(brokerEpoch: BrokerEpoch): void {
    this.host.disk.write<CleanShutdown>(CLEAN_SHUTDOWN, { brokerEpoch });
  }

  segmentFile(partition: TopicPartition, baseOffset: Offset): File<RecordBatch> {
    return this.host.disk.file(segmentName(partition, baseOffset));
  }

  /** Base offsets of the segments on disk, rising. */
  segmentsOf(partition: TopicPartition): Offset[] {
    const prefix = `${partition.name}/`;
    return this.host.disk
      .names(prefix)
      .filter((name) => name.endsWith(".log"))
      .map((name) => Number(name.slice(prefix.length, -".log".length)))
      .sort((x, y) => x - y);
  }

  /** The batches go at once; the space is free only after file.delete.delay.ms, as the renamed file still takes it. */
  deleteFile(file: File<RecordBatch>, delayMs: number): void {
    const { disk } = this.host;
    const { name, sizeBytes } = file;
    disk.delete(name);
    if (sizeBytes === 0 || delayMs <= 0) return;
    disk.file<undefined>(name + DELETED).append(undefined, sizeBytes);
    this.host.after(delayMs * 1000, () => disk.delete(name + DELETED));
  }
}

/** Formatted when there is nothing on the disk, as an operator would with kafka-storage. */
function directoryId(host: KafkaHost): DirectoryId {
  const known = host.disk.read<MetaProperties>(META_PROPERTIES);
  if (known !== undefined) return known.directoryId;
  const id = host.rng("log-directory").integer(1, 0x7fffffff);
  host.disk.write<MetaProperties>(META_PROPERTIES, { directoryId: id });
  return id;
}

const segmentName = (partition: TopicPartition, baseOffset: Offset): string =>
  `${partition.name}/${String(baseOffset).padStart(20, "0")}.log`;

export const epochsName = (partition: TopicPartition): string =>
  `${partition.name}/leader-epoch-checkpoint`;

export const ledgerName = (partition: TopicPartition): string =>
  `${partition.name}/partition.metadata`;
