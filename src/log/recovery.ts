// LogLoader: what a log is after a restart. After a clean shutdown the files are taken as they are; otherwise every segment from the
// recovery point on is scanned, cut at its first bad batch, and all later ones are deleted.
// Left out: transactions, compaction's swap files (a cleaned segment takes the old ones' place at once).
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { Offset, RecordBatch, TopicPartition } from "../protocol/types.ts";
import type { File } from "../sim/disk.ts";
import { LeaderEpochCache } from "./leader-epoch-cache.ts";
import type { LogConfig } from "./log-config.ts";
import { epochsName, type LogDirectory } from "./log-directory.ts";
import { Segments } from "./segments.ts";

/** What an onlooker knows the log held before the crash: kept up to date with every change, read for the trace and to see that a tail is missing. */
export interface Ledger {
  logEndOffset: Offset;
  batches: number;
}

export interface LoadedLog {
  readonly segments: Segments;
  readonly logStartOffset: Offset;
  readonly logEndOffset: Offset;
  readonly recoveryPoint: Offset;
  /** Found as the last life left it: nothing had to be scanned. */
  readonly clean: boolean;
  /** Records that a power loss took. */
  readonly lost: number;
  /** Log end before a damaged batch was cut off with all that follows. */
  readonly cutFrom: Offset | undefined;
}

export function loadLog(
  directory: LogDirectory,
  partition: TopicPartition,
  config: LogConfig,
  ledger: Ledger,
): LoadedLog {
  const { checkpoints, hadCleanShutdown: clean } = directory;
  const segments = new Segments(directory, partition);
  for (const base of directory.segmentsOf(partition)) segments.add(base, config);
  const recoveryPoint = checkpoints.recoveryPoint.of(partition);
  const startCheckpoint = checkpoints.logStartOffset.of(partition);
  const tailLost = segments.batchCount < ledger.batches;
  const endFound = segments.list.at(-1)?.nextOffset ?? 0;
  const cut = clean ? "none" : recover(segments, recoveryPoint, tailLost, config);

  // Everything below the log start was deleted: nothing is left.
  const end = segments.list.at(-1)?.nextOffset ?? startCheckpoint;
  if (end < startCheckpoint) segments.removeFrom(0, config);
  if (segments.list.length === 0) segments.add(startCheckpoint, config);
  const logEndOffset = segments.active.nextOffset;
  const known = cut === "damaged" ? endFound : logEndOffset;
  return {
    segments,
    logStartOffset: Math.max(startCheckpoint, segments.first.baseOffset),
    logEndOffset,
    recoveryPoint: clean ? logEndOffset : Math.min(recoveryPoint, logEndOffset),
    clean,
    lost: tailLost ? Math.max(0, ledger.logEndOffset - known) : 0,
    cutFrom: cut === "damaged" ? endFound : undefined,
  };
}

/** The epochs of a loaded log: what a crash took of the log goes from them, too. */
export function loadEpochs(
  host: KafkaHost,
  partition: TopicPartition,
  { logStartOffset, logEndOffset }: LoadedLog,
): LeaderEpochCache {
  const cache = new LeaderEpochCache(host.disk, epochsName(partition));
  cache.onChanged = (epochs) => host.note("log.epochsChanged", { partition, epochs });
  cache.truncateFromEnd(logEndOffset);
  cache.truncateFromStart(logStartOffset);
  return cache;
}

/** What the trace hears of a loaded log. A log just created has nothing to recover: clean. */
export function reportLoaded(
  host: KafkaHost,
  partition: TopicPartition,
  { logStartOffset, logEndOffset, clean, lost, cutFrom }: LoadedLog,
  highWatermark: Offset,
  created: boolean,
): void {
  if (lost > 0) host.emit("disk.tornTail", { partition, lost });
  if (cutFrom !== undefined) {
    const why = "recovery found a damaged batch";
    host.emit("log.truncated", { partition, from: cutFrom, to: logEndOffset, why });
  }
  host.emit("log.opened", {
    partition,
    logStartOffset,
    logEndOffset,
    highWatermark,
    clean: clean || created,
  });
}

type Cut = "none" | "damaged" | "torn";

/** Scans from the recovery point. */
function recover(
  segments: Segments,
  recoveryPoint: Offset,
  tailLost: boolean,
  config: LogConfig,
): Cut {
  const { list } = segments;
  for (let i = Math.max(0, segments.floorIndex(recoveryPoint)); i < list.length; i++) {
    const segment = list[i];
    if (segment === undefined) break;
    const damaged = firstDamaged(segment.file);
    // A file that lost its tail ends in half a batch, which the scan finds; that a whole file is gone shows in the offsets.
    const next = list[i + 1];
    // A compacted one may end below the next, and lost nothing: it came onto the disk whole.
    const isShort = next !== undefined && segment.nextOffset < next.baseOffset;
    const short = tailLost && isShort && !segment.file.isWhole;
    if (damaged === undefined && !segment.file.torn && !short) continue;
    segment.cutAt(damaged ?? segment.file.length, config);
    segments.removeFrom(i + 1, config);
    return damaged === undefined ? "torn" : "damaged";
  }
  return "none";
}

/** CRC, in effect. */
function firstDamaged(file: File<RecordBatch>): number | undefined {
  let first: number | undefined;
  for (const index of file.corrupted) if (first === undefined || index < first) first = index;
  return first;
}
