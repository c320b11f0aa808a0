// The turning points of a run, kept with their payload: faults, machines, leaders, ISRs, truncations, group changes. They are rare, so all of
// them are kept (to a bound); an explanation looks back through them. What happens to every batch is not here.
import type { EventName, KafkaEvent, TraceEvent } from "../protocol/events.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Listeners } from "../view/listeners.ts";

const KEPT_TYPES = [
  "fault.injected",
  "fault.healed",
  "host.booted",
  "host.crashed",
  "host.stopped",
  "host.paused",
  "host.resumed",
  "host.wiped",
  "disk.failed",
  "disk.tornTail",
  "operation.run",
  "run.settling",
  "log.truncated",
  "log.deleted",
  "replica.becameLeader",
  "replica.becameFollower",
  "isr.proposed",
  "isr.committed",
  "partition.created",
  "leader.elected",
  "leader.lost",
  "isr.shrunk",
  "isr.expanded",
  "elr.changed",
  "directories.changed",
  "broker.fenced",
  "broker.unfenced",
  "broker.shuttingDown",
  "controller.activated",
  "group.stateChanged",
  "group.memberRemoved",
  "group.loaded",
  "consumer.assigned",
  "consumer.reset",
  "consumer.rebalanced",
  "consumer.left",
  "consumer.failed",
] as const satisfies readonly EventName[];

/** Frequent under faults: only the latest are kept. */
const RECENT_TYPES = ["producer.retried", "message.held"] as const satisfies readonly EventName[];

export const isTurningPoint = (type: EventName): boolean =>
  (KEPT_TYPES as readonly EventName[]).includes(type);

const CAPACITY = 50_000;
const RECENT = 4096;

export class Chronicle {
  readonly listeners: Listeners;
  readonly #events: TraceEvent[] = [];
  readonly #recent: TraceEvent[] = [];
  #leftOut = 0;

  constructor() {
    const keep = (e: TraceEvent): void => {
      if (this.#events.length < CAPACITY) this.#events.push(e);
      else this.#leftOut++;
    };
    const pass = (e: TraceEvent): void => {
      this.#recent.push(e);
      if (this.#recent.length >= 2 * RECENT) this.#recent.splice(0, RECENT);
    };
    const listeners: Partial<Record<EventName, (e: TraceEvent) => void>> = {};
    for (const type of KEPT_TYPES) listeners[type] = keep;
    for (const type of RECENT_TYPES) listeners[type] = pass;
    this.listeners = listeners as Listeners;
  }

  /** Turning points that no longer fitted: what came after them cannot be explained well. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** A turning point by its number. */
  at(seq: number): TraceEvent | undefined {
    const i = this.#before(seq + 1);
    const e = this.#events[i];
    return e?.seq === seq ? e : undefined;
  }

  /** Going back from an event (it not included). */
  *before(seq: number): IterableIterator<TraceEvent> {
    for (let i = this.#before(seq); i >= 0; i--) yield this.#events[i] as TraceEvent;
  }

  *after(seq: number): IterableIterator<TraceEvent> {
    for (let i = this.#before(seq + 1) + 1; i < this.#events.length; i++)
      yield this.#events[i] as TraceEvent;
  }

  /** The latest retries and touched messages before an event, newest first. */
  *recentBefore(seq: number): IterableIterator<TraceEvent> {
    for (let i = this.#recent.length - 1; i >= 0; i--) {
      const e = this.#recent[i] as TraceEvent;
      if (e.seq < seq) yield e;
    }
  }

  last<K extends EventName>(
    seq: number,
    type: K,
    matches: (e: KafkaEvent<K>) => boolean,
  ): KafkaEvent<K> | undefined {
    for (const e of this.before(seq)) {
      if (e.type === type && matches(e as KafkaEvent<K>)) return e as KafkaEvent<K>;
    }
    return undefined;
  }

  /** Faults that had begun and not ended, the latest first. */
  faultsAt(seq: number): KafkaEvent<"fault.injected">[] {
    const ended = new Set<string>();
    const found: KafkaEvent<"fault.injected">[] = [];
    for (const e of this.before(seq)) {
      if (e.type === "fault.healed") {
        if (e.remains === undefined) ended.add(e.id);
      } else if (e.type === "fault.injected" && !ended.delete(e.id)) found.push(e);
    }
    return found;
  }

  /** The fault that an event goes back to, along its causes, as far as they are kept. */
  faultBehind(e: TraceEvent): KafkaEvent<"fault.injected"> | undefined {
    let here: TraceEvent | undefined = e;
    for (let steps = 0; here !== undefined && steps < 100; steps++) {
      if (here.type === "fault.injected") return here;
      here = here.cause > 0 ? this.at(here.cause) : undefined;
    }
    return undefined;
  }

  /** Every fault that had begun within a time before an event, ended or not, the latest first. */
  faultsWithin(seq: number, sinceUs: Micros): KafkaEvent<"fault.injected">[] {
    const inForce = new Set(this.faultsAt(seq).map((e) => e.seq));
    const found: KafkaEvent<"fault.injected">[] = [];
    const endedAt = new Map<string, Micros>();
    for (const e of this.before(seq)) {
      if (e.type === "fault.healed") endedAt.set(e.id, e.at);
      if (e.type !== "fault.injected") continue;
      const until = inForce.has(e.seq) ? Number.POSITIVE_INFINITY : (endedAt.get(e.id) ?? e.at);
      if (until >= sinceUs) found.push(e);
    }
    return found;
  }

  /** Index of the last kept event before a number. */
  #before(seq: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as TraceEvent).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
