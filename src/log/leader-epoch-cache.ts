// LeaderEpochFileCache (KIP-101): where each leader epoch begins in this log, so that replicas can find the last offset they
// agree on. The file is durable when an epoch is assigned. Kafka writes it later after a truncation (KAFKA-15046) and cuts
// what is too much when the log is loaded; here it is written at once.
import type { EpochEndOffset, LeaderEpoch, Offset } from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import type { Disk } from "../sim/disk.ts";

export interface EpochEntry {
  readonly epoch: LeaderEpoch;
  readonly startOffset: Offset;
}

export class LeaderEpochCache {
  /** Called with what it holds now. */
  onChanged: (entries: readonly EpochEntry[]) => void = () => undefined;
  readonly #disk: Disk;
  readonly #fileName: string;
  /** Epochs and start offsets both rise. */
  readonly #entries: EpochEntry[];

  constructor(disk: Disk, fileName: string) {
    this.#disk = disk;
    this.#fileName = fileName;
    this.#entries = [...(disk.read<readonly EpochEntry[]>(fileName) ?? [])];
  }

  get entries(): readonly EpochEntry[] {
    return this.#entries;
  }

  /** -1: none. */
  get latestEpoch(): LeaderEpoch {
    return this.#entries.at(-1)?.epoch ?? -1;
  }

  assign(epoch: LeaderEpoch, startOffset: Offset): void {
    assert(epoch >= 0 && startOffset >= 0, () => `epoch ${epoch} starts at ${startOffset}`);
    const latest = this.#entries.at(-1);
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return;
    this.#dropLast((entry) => entry.epoch >= epoch || entry.startOffset >= startOffset);
    this.#entries.push({ epoch, startOffset });
    this.#write();
  }

  /** Largest epoch at or below the requested one, and where the next one begins; undefined: the requested epoch is not known here. */
  endOffsetFor(requested: LeaderEpoch, logEndOffset: Offset): EpochEndOffset | undefined {
    const latest = this.latestEpoch;
    if (requested < 0 || requested > latest) return undefined;
    if (requested === latest) return { leaderEpoch: requested, endOffset: logEndOffset };
    const next = this.#entries.findIndex((entry) => entry.epoch > requested);
    const { startOffset: endOffset } = this.#entries[next] as EpochEntry;
    // Below all known epochs: its records are gone, so a follower goes on from the first that are left.
    const floor = next === 0 ? undefined : this.#entries[next - 1];
    return { leaderEpoch: floor?.epoch ?? requested, endOffset };
  }

  /** -1: unknown. */
  epochAt(offset: Offset): LeaderEpoch {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch ?? -1;
  }

  truncateFromEnd(endOffset: Offset): void {
    if (this.#dropLast((entry) => entry.startOffset >= endOffset)) this.#write();
  }

  /** The epoch the new start lies in now begins there. */
  truncateFromStart(startOffset: Offset): void {
    let stale = 0;
    for (const entry of this.#entries) {
      if (entry.startOffset > startOffset) break;
      stale++;
    }
    if (stale === 0) return;
    const { epoch } = this.#entries[stale - 1] as EpochEntry;
    this.#entries.splice(0, stale, { epoch, startOffset });
    this.#write();
  }

  clear(): void {
    if (this.#entries.length === 0) return;
    this.#entries.length = 0;
    this.#write();
  }

  #dropLast(matches: (entry: EpochEntry) => boolean): boolean {
    const before = this.#entries.length;
    for (let last = this.#entries.at(-1); last !== undefined && matches(last); ) {
      this.#entries.pop();
      last = this.#entries.at(-1);
    }
    return this.#entries.length < before;
  }

  #write(): void {
    const entries = [...this.#entries];
    this.#disk.write(this.#fileName, entries);
    this.onChanged(entries);
  }
}
