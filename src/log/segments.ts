// LogSegments: the segments of one log, oldest first; the last one is active.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import type { CleanedGroup } from "./cleaner.ts";
import type { LogConfig } from "./log-config.ts";
import type { LogDirectory } from "./log-directory.ts";
import { Segment } from "./segment.ts";

export class Segments {
  readonly #directory: LogDirectory;
  readonly #partition: TopicPartition;
  readonly #list: Segment[] = [];

  constructor(directory: LogDirectory, partition: TopicPartition) {
    this.#directory = directory;
    this.#partition = partition;
  }

  get list(): readonly Segment[] {
    return this.#list;
  }

  get first(): Segment {
    return this.#list[0] as Segment;
  }

  get active(): Segment {
    return this.#list[this.#list.length - 1] as Segment;
  }

  get sizeBytes(): number {
    let bytes = 0;
    for (const segment of this.#list) bytes += segment.sizeBytes;
    return bytes;
  }

  get batchCount(): number {
    let count = 0;
    for (const segment of this.#list) count += segment.batches.length;
    return count;
  }

  /** Position of the segment the offset belongs to: the last that begins at or below it; -1 none. */
  floorIndex(offset: Offset): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#list[middle] as Segment).baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Opens the file of a segment and makes it the active one. */
  add(baseOffset: Offset, config: LogConfig): Segment {
    const last = this.#list.at(-1);
    assert(
      last === undefined || last.baseOffset < baseOffset,
      () => `${this.#partition.name}: segment ${baseOffset} after ${last?.baseOffset}`,
    );
    const file = this.#directory.segmentFile(this.#partition, baseOffset);
    const segment = new Segment(baseOffset, file, config, this.#directory.host.clock.now());
    this.#list.push(segment);
    return segment;
  }

  removeFirst(count: number, config: LogConfig): void {
    this.#delete(this.#list.splice(0, count), config);
  }

  /** Removes the segments from that position on. */
  removeFrom(index: number, config: LogConfig): void {
    this.#delete(this.#list.splice(index), config);
  }

  /** Cleaned batches take the place of whole segments, group by group. False: those segments are no longer as they were. */
  replace(groups: readonly CleanedGroup[], config: LogConfig): boolean {
    const isStale = ({ segments }: CleanedGroup): boolean =>
      segments.some(({ segment, length }) => {
        return !this.#list.includes(segment) || segment.file.length !== length;
      });
    if (groups.some(isStale)) return false;
    for (const { segments, batches } of groups) {
      const [first, ...others] = segments.map(({ segment }) => segment) as [Segment, ...Segment[]];
      this.#list.splice(this.#list.indexOf(first) + 1, others.length);
      this.#delete(others, config);
      first.replace(batches, config);
    }
    return true;
  }

  #delete(segments: readonly Segment[], config: LogConfig): void {
    for (const { file } of segments) this.#directory.deleteFile(file, config.fileDeleteDelayMs);
  }
}
