// The life of one record, event by event: sent, appended by whom and where, acked, committed, delivered, processed, lost.
// Which record is told by name, by stream and number, or by where it lies.
import type { EventName, KafkaEvent, TraceEvent } from "../protocol/events.ts";
import type { BrokerId, LeaderEpoch, Offset, TopicPartition } from "../protocol/types.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Listeners } from "../view/listeners.ts";

export type RecordQuery =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "number"; readonly stream: number; readonly number: number };

export interface Copy {
  readonly node: BrokerId;
  readonly offset: Offset;
  readonly epoch: LeaderEpoch;
  /** The broker led when it appended it. */
  readonly leader: boolean;
  readonly seq: number;
  readonly at: Micros;
  /** The event that took it; 0: it is still there. */
  goneSeq: number;
}

/** One line of a life; text without the time. */
export interface LifeEntry {
  readonly seq: number;
  readonly at: Micros;
  readonly node: number;
  readonly type: EventName;
  readonly text: string;
}

interface Moment {
  readonly seq: number;
  readonly at: Micros;
}

const KEPT_ENTRIES = 400;

export class RecordFacts {
  readonly listeners: Listeners;
  readonly #query: RecordQuery;
  stream = -1;
  number = -1;
  partition: TopicPartition | undefined;
  name = "";
  sent: Moment | undefined;
  acked: (Moment & { readonly offset: Offset; readonly latencyUs: Micros }) | undefined;
  readonly retries: KafkaEvent<"producer.retried">[] = [];
  readonly copies: Copy[] = [];
  readonly entries: LifeEntry[] = [];
  #leftOut = 0;
  /** By replica: where its high watermark stands, and whether its log was loaded in this life. */
  readonly #opened = new Set<number>();
  readonly #passed = new Set<string>();

  constructor(query: RecordQuery) {
    this.#query = query;
    if (query.kind === "number") {
      this.stream = query.stream;
      this.number = query.number;
      this.name = `${query.stream}/${query.number}`;
    }
    this.listeners = { ...this.#clientListeners(), ...this.#logListeners() };
  }

  get found(): boolean {
    return this.sent !== undefined;
  }

  get leftOut(): number {
    return this.#leftOut;
  }

  /** Replicas that held it just before an event. */
  holdersAt(seq: number): BrokerId[] {
    const nodes = new Set<BrokerId>();
    for (const copy of this.copies)
      if (copy.seq < seq && (copy.goneSeq === 0 || copy.goneSeq >= seq)) nodes.add(copy.node);
    return [...nodes].sort((a, b) => a - b);
  }

  /** The broker that had appended it as leader when an event happened. */
  leaderAt(seq: number): Copy | undefined {
    return this.copies.findLast((copy) => copy.leader && copy.seq < seq);
  }

  #clientListeners(): Listeners {
    return {
      "op.invoked": (e) => {
        if (!this.#isSent(e)) return;
        this.partition = e.partition;
        this.sent = { seq: e.seq, at: e.at };
        this.#tell(e, `sent to ${e.partition.name}`);
      },
      "op.acked": (e) => {
        if (!this.#covers(e)) return;
        const offset = e.baseOffset < 0 ? -1 : e.baseOffset + this.number - e.firstNumber;
        this.acked ??= { seq: e.seq, at: e.at, offset, latencyUs: e.latencyUs };
        this.#tell(e, `acked${offset < 0 ? " (without an offset)" : ` at offset ${offset}`}`);
      },
      "op.failed": (e) => {
        if (this.#covers(e)) this.#tell(e, `failed: ${e.error}`);
      },
      "op.unknown": (e) => {
        if (this.#covers(e)) this.#tell(e, `given up, outcome unknown: ${e.error}`);
      },
      "producer.retried": (e) => {
        if (!this.#covers(e)) return;
        this.retries.push(e);
        this.#tell(e, `put back to be sent again (attempt ${e.attempt}): ${e.error}`);
      },
      "consumer.polled": (e) => {
        if (this.#covers(e)) this.#tell(e, `delivered from offset ${this.#offsetIn(e)}`);
      },
      "consumer.processed": (e) => {
        if (this.#covers(e))
          this.#tell(e, `processed${e.outcome === "done" ? "" : `: ${e.outcome}`}`);
      },
      "offset.committed": (e) => {
        const offset = this.#standing(e.partition);
        if (offset < 0 || e.offset <= offset || this.#hasPassed(`group ${e.group}`)) return;
        this.#tell(e, `group ${e.group} has committed offset ${e.offset}, beyond it`);
      },
    };
  }

  #logListeners(): Listeners {
    const down = (e: { readonly node: number }): void => {
      this.#opened.delete(e.node);
    };
    return {
      "log.appended": (e) => {
        if (this.#covers(e)) this.#appended(e);
        else this.#cutAt(e, e.baseOffset, "overwritten");
      },
      "log.truncated": (e) =>
        this.#cutAt(e, e.to, `truncated away (${e.from} -> ${e.to}): ${e.why}`),
      "log.deleted": (e) => this.#cutAt(e, 0, `gone with the whole log: ${e.why}`),
      "log.opened": (e) => {
        this.#opened.add(e.node);
        this.#cutAt(
          e,
          e.logEndOffset,
          `not in the log when it was loaded (log end ${e.logEndOffset})`,
        );
      },
      "disk.tornTail": (e) => {
        if (e.partition !== this.partition || this.#opened.has(e.node)) return;
        const end = this.copies.reduce(
          (n, c) => (c.node === e.node && c.goneSeq === 0 ? Math.max(n, c.offset + 1) : n),
          0,
        );
        if (end > 0 && e.lost > 0) this.#torn.set(e.node, e);
      },
      "host.wiped": (e) => {
        if (this.partition !== undefined)
          this.#cutAt({ ...e, partition: this.partition }, 0, "gone with the disk");
      },
      "host.crashed": down,
      "host.stopped": down,
      "hw.advanced": (e) => {
        const copy = this.#copyOn(e.partition, e.node);
        if (copy === undefined || e.to <= copy.offset || e.from > copy.offset) return;
        if (this.#hasPassed(`hw ${e.node} ${copy.seq}`)) return;
        this.#tell(e, `committed here: high watermark ${e.to}`);
      },
      "log.startAdvanced": (e) => {
        const copy = this.#copyOn(e.partition, e.node);
        if (copy === undefined || copy.offset >= e.to) return;
        copy.goneSeq = e.seq;
        this.#tell(e, `removed by retention or on request: ${e.why}`);
      },
      "replica.becameLeader": (e) => this.#passedOver(e),
    };
  }

  readonly #torn = new Map<number, KafkaEvent<"disk.tornTail">>();

  #appended(e: KafkaEvent<"log.appended">): void {
    this.partition = e.partition;
    const offset = this.#offsetIn(e);
    const { node, leaderEpoch: epoch, leader, seq, at } = e;
    this.copies.push({ node, offset, epoch, leader, seq, at, goneSeq: 0 });
    const batch = e.count > 1 ? `, in a batch of ${e.count}` : "";
    this.#tell(
      e,
      leader
        ? `appended by the leader at offset ${offset}, epoch ${epoch}${batch}`
        : `replicated at offset ${offset}, epoch ${epoch}`,
    );
  }

  /** A log now ends at `end`. */
  #cutAt(e: TraceEvent & { readonly partition: TopicPartition }, end: Offset, text: string): void {
    if (e.partition !== this.partition) return;
    for (const copy of this.copies) {
      if (copy.node !== e.node || copy.goneSeq !== 0 || copy.offset < end) continue;
      const torn = this.#torn.get(e.node);
      this.#torn.delete(e.node);
      copy.goneSeq = torn?.seq ?? e.seq;
      if (torn !== undefined) this.#tell(torn, "lost with the page cache: it had not been fsynced");
      else this.#tell(e, text);
    }
  }

  #passedOver(e: KafkaEvent<"replica.becameLeader">): void {
    if (e.partition !== this.partition || this.copies.length === 0) return;
    const copy = this.#copyOn(e.partition, e.node);
    const text =
      copy === undefined
        ? `begins to lead in epoch ${e.leaderEpoch}, without it (from offset ${e.epochStartOffset})`
        : `begins to lead in epoch ${e.leaderEpoch}, with it`;
    this.#tell(e, text);
  }

  #isSent(e: KafkaEvent<"op.invoked">): boolean {
    const query = this.#query;
    if (query.kind === "number") {
      if (!this.#covers(e)) return false;
      this.name = e.names?.[this.number - e.firstNumber] ?? this.name;
      return true;
    }
    const at = e.names?.indexOf(query.name) ?? -1;
    if (at < 0 || this.sent !== undefined) return false;
    this.stream = e.stream;
    this.number = e.firstNumber + at;
    this.name = query.name;
    return true;
  }

  #covers(e: {
    readonly stream: number;
    readonly firstNumber: number;
    readonly count: number;
  }): boolean {
    return (
      e.stream === this.stream &&
      this.number >= e.firstNumber &&
      this.number < e.firstNumber + e.count
    );
  }

  #offsetIn(e: { readonly baseOffset: Offset; readonly firstNumber: number }): Offset {
    return e.baseOffset + this.number - e.firstNumber;
  }

  #copyOn(partition: TopicPartition, node: number): Copy | undefined {
    if (partition !== this.partition) return undefined;
    return this.copies.findLast((copy) => copy.node === node && copy.goneSeq === 0);
  }

  /** Where it lies now; -1: in no log. */
  #standing(partition: TopicPartition): Offset {
    if (partition !== this.partition) return -1;
    return this.copies.findLast((copy) => copy.goneSeq === 0)?.offset ?? -1;
  }

  /** Once is news. */
  #hasPassed(what: string): boolean {
    if (this.#passed.has(what)) return true;
    this.#passed.add(what);
    return false;
  }

  #tell(e: TraceEvent, text: string): void {
    if (this.entries.length >= KEPT_ENTRIES) {
      this.#leftOut++;
      return;
    }
    this.entries.push({ seq: e.seq, at: e.at, node: e.node, type: e.type, text });
  }
}
