// How readers fared: the longest time with records to read and none read, and how old what they had not yet seen became. A reader is a group on a
// partition, whoever its member is, or a consumer without a group.
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import { ms } from "../../sim/kernel.ts";

const MOST_MARKS = 16_384;
const FINEST_US = ms(10);

/** When offsets of a partition were acknowledged. Beyond a number of marks that nobody has passed, neighbours in time become one. */
export class AckMarks {
  /** The last offset of each. */
  readonly #offsets: Offset[] = [];
  readonly #times: Micros[] = [];
  #dropped = 0;
  #intervalUs = FINEST_US;

  get end(): number {
    return this.#dropped + this.#offsets.length;
  }

  add(lastOffset: Offset, at: Micros): void {
    const last = this.#times.length - 1;
    if (last >= MOST_MARKS && at - (this.#times[last] as Micros) < this.#intervalUs) {
      this.#offsets[last] = lastOffset;
      return;
    }
    this.#offsets.push(lastOffset);
    this.#times.push(at);
    if (last >= 2 * MOST_MARKS && last % MOST_MARKS === 0) this.#intervalUs *= 2;
  }

  timeOf(mark: number): Micros {
    return this.#times[mark - this.#dropped] as Micros;
  }

  /** The first mark from `mark` on that a reader at `position` has not passed. */
  passed(mark: number, position: Offset): number {
    let at = Math.max(mark, this.#dropped);
    while (at < this.end && (this.#offsets[at - this.#dropped] as Offset) < position) at++;
    return at;
  }

  /** Nobody will ask for marks before this one. */
  forget(mark: number): void {
    const gone = mark - this.#dropped;
    if (gone < 1024 || gone * 2 < this.#offsets.length) return;
    this.#offsets.splice(0, gone);
    this.#times.splice(0, gone);
    this.#dropped = mark;
    this.#intervalUs = FINEST_US;
  }
}

export class ReaderEntry {
  readonly reader: string;
  readonly partition: TopicPartition;
  /** The consumer that reads at present. */
  node: number;
  position: Offset = -1;
  delivered = 0;
  #outageUs: Micros = 0;
  #behindSinceUs: Micros = -1;
  #stalenessUs: Micros = 0;
  #mark = 0;

  constructor(reader: string, partition: TopicPartition, node: number) {
    this.reader = reader;
    this.partition = partition;
    this.node = node;
  }

  get mark(): number {
    return this.#mark;
  }

  /** It has somewhere to begin: what lies before is not its business. */
  standAt(position: Offset, marks: AckMarks): void {
    // What it had read before it was moved stays read.
    this.#mark = marks.passed(this.#mark, Math.max(this.position, position));
    this.position = position;
  }

  /** There is something to read. */
  visible(highWatermark: Offset, at: Micros): void {
    if (this.position >= 0 && highWatermark > this.position && this.#behindSinceUs < 0)
      this.#behindSinceUs = at;
  }

  polled(
    count: number,
    position: Offset,
    highWatermark: Offset,
    at: Micros,
    marks: AckMarks,
  ): void {
    this.#stalenessUs = Math.max(this.#stalenessUs, this.staleness(at, marks));
    this.#outageUs = Math.max(this.#outageUs, this.#outage(at));
    this.delivered += count;
    this.position = position;
    this.#mark = marks.passed(this.#mark, position);
    this.#behindSinceUs = highWatermark > position ? at : -1;
  }

  /** It has stopped by itself: nothing is due to it. */
  close(): void {
    this.#behindSinceUs = -1;
    this.position = -1;
  }

  outageUs(nowUs: Micros): Micros {
    return Math.max(this.#outageUs, this.#outage(nowUs));
  }

  /** How long the oldest acknowledged record that it has not been given has been acknowledged. */
  staleness(at: Micros, marks: AckMarks): Micros {
    if (this.position < 0) return 0;
    const mark = marks.passed(this.#mark, this.position);
    this.#mark = mark;
    return mark < marks.end ? at - marks.timeOf(mark) : 0;
  }

  worstStalenessUs(nowUs: Micros, marks: AckMarks): Micros {
    return Math.max(this.#stalenessUs, this.staleness(nowUs, marks));
  }

  /** Since it last fell behind, or the cut began. */
  outageSince(sinceUs: Micros, at: Micros): Micros {
    return this.#behindSinceUs < 0 ? 0 : at - Math.max(sinceUs, this.#behindSinceUs);
  }

  #outage(at: Micros): Micros {
    return this.#behindSinceUs < 0 ? 0 : at - this.#behindSinceUs;
  }
}
