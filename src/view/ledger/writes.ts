// What became of what producers sent, stream by stream: served, refused, unknown; and the longest time something was due and nothing was acknowledged.
import type { TopicPartition } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { SideEntry } from "./sides.ts";

/** Records that a stream was given while the network was cut, by their numbers. */
interface SideWindow {
  readonly side: SideEntry;
  readonly from: number;
  /** -1: still open. */
  to: number;
  sinceUs: Micros;
}

const NONE: readonly SideWindow[] = [];

export class StreamEntry {
  readonly stream: number;
  readonly partition: TopicPartition;
  readonly producer: string;
  readonly node: number;
  sent = 0;
  acked = 0;
  failed = 0;
  unknown = 0;
  windows: readonly SideWindow[] = NONE;
  #open: SideWindow | undefined;
  #outageUs: Micros = 0;
  /** Since when something has been due; -1: nothing is. */
  #waitingSinceUs: Micros = -1;
  #lastUs: Micros = 0;

  constructor(stream: number, partition: TopicPartition, producer: string, node: number) {
    this.stream = stream;
    this.partition = partition;
    this.producer = producer;
    this.node = node;
  }

  get pending(): number {
    return this.sent - this.acked - this.failed - this.unknown;
  }

  /** Longest time without an acknowledgement while one was due. */
  outageUs(nowUs: Micros): Micros {
    if (this.#waitingSinceUs < 0) return this.#outageUs;
    // When everything has been given up, nothing is due any more.
    const until = this.pending > 0 ? nowUs : this.#lastUs;
    return Math.max(this.#outageUs, until - this.#waitingSinceUs);
  }

  invoked(count: number, at: Micros): void {
    this.sent += count;
    this.#lastUs = at;
    if (this.#waitingSinceUs < 0) this.#waitingSinceUs = at;
    const open = this.#open;
    if (open !== undefined) open.side.sent += count;
  }

  ackedNow(first: number, count: number, at: Micros): void {
    this.acked += count;
    if (this.#waitingSinceUs >= 0) {
      this.#outageUs = Math.max(this.#outageUs, at - this.#waitingSinceUs);
      this.#endWait(at);
    }
    this.#waitingSinceUs = this.pending > 0 ? at : -1;
    this.#lastUs = at;
    if (this.windows.length === 0) return;
    this.#account(first, count, (side, n, isOpen) => {
      if (isOpen) side.served += n;
      else side.later += n;
    });
  }

  gaveUp(first: number, count: number, at: Micros, how: "failed" | "unknown"): void {
    this[how] += count;
    this.#lastUs = at;
    this.#account(first, count, (side, n) => {
      side[how] += n;
    });
  }

  enter(side: SideEntry, at: Micros): void {
    this.#open = { side, from: this.sent, to: -1, sinceUs: at };
    this.windows = [...this.windows, this.#open];
  }

  leave(at: Micros): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#endWait(at);
    open.to = this.sent;
    this.#open = undefined;
  }

  /** A wait, as far as it lay within the present window, counts for its side. */
  #endWait(at: Micros): void {
    const open = this.#open;
    if (open === undefined || this.#waitingSinceUs < 0) return;
    const since = Math.max(this.#waitingSinceUs, open.sinceUs);
    open.side.outageUs = Math.max(open.side.outageUs, at - since);
  }

  #account(
    first: number,
    count: number,
    add: (side: SideEntry, n: number, isOpen: boolean) => void,
  ): void {
    const end = first + count;
    for (let i = this.windows.length - 1; i >= 0; i--) {
      const { side, from, to } = this.windows[i] as SideWindow;
      if (to >= 0 && to <= first) return;
      const n = Math.min(end, to < 0 ? end : to) - Math.max(first, from);
      if (n > 0) add(side, n, to < 0);
    }
  }
}
