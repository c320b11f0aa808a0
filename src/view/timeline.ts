// The notable happenings of a run as data: faults, hosts, elections, ISR changes, refusals. Repeats within a moment become one
// happening with a count; the list is bounded and says how much it left out.
import {
  type EventName,
  type KafkaEvent,
  type KafkaEvents,
  type TraceEvent,
  textOf,
} from "../protocol/events.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import { AvailabilityFold } from "./availability.ts";
import type { ClusterFold } from "./cluster-fold.ts";
import { Dispatch, type Listeners } from "./listeners.ts";

export type HappeningKind =
  | "fault"
  | "host"
  | "election"
  | "isr"
  | "log"
  | "controller"
  | "operation"
  | "rejected"
  | "client"
  | "cache";

export interface Happening {
  readonly kind: HappeningKind;
  readonly type: EventName;
  readonly atUs: Micros;
  /** Time of the last repeat. */
  readonly untilUs: Micros;
  readonly node: number;
  /** Numbers of the first and the last event. */
  readonly seq: number;
  readonly lastSeq: number;
  /** Events in it. */
  readonly count: number;
  /** Records in it, where that says something. */
  readonly records: number;
  /** The partitions it is about, the first few. */
  readonly partitions: readonly string[];
  /** Of the first event. */
  readonly text: string;
}

type Mutable = { -readonly [K in keyof Happening]: Happening[K] } & { partitions: string[] };

const KEPT = 2000;
const SHOWN_PARTITIONS = 4;
const MOMENT_US = 1_000_000;
/** Refusals go on for as long as producers retry: they are one happening while they are not further apart. */
const RUN_US = 5_000_000;
const GOES_ON: ReadonlySet<HappeningKind> = new Set(["rejected", "client", "cache"]);

const KINDS: { readonly [K in EventName]?: HappeningKind } = {
  "fault.injected": "fault",
  "fault.healed": "fault",
  "run.settling": "operation",
  "operation.run": "operation",
  "operation.done": "operation",
  "host.crashed": "host",
  "host.stopped": "host",
  "host.paused": "host",
  "host.resumed": "host",
  "host.wiped": "host",
  "disk.failed": "host",
  "disk.tornTail": "log",
  "host.stressorKilled": "cache",
  "disk.read": "cache",
  "disk.writerWaited": "cache",
  "log.truncated": "log",
  "broker.fenced": "host",
  "broker.unfenced": "host",
  "broker.shuttingDown": "host",
  "leader.elected": "election",
  "leader.lost": "election",
  "isr.shrunk": "isr",
  "isr.expanded": "isr",
  "isr.rejected": "isr",
  "controller.activated": "controller",
  "controller.deactivated": "controller",
  "topic.created": "operation",
  "topic.deleted": "operation",
  "produce.rejected": "rejected",
  "op.failed": "client",
  "op.unknown": "client",
  "consumer.failed": "client",
  "consumer.left": "client",
  "group.memberRemoved": "client",
  "consumer.deadLettered": "client",
  "consumer.reset": "client",
  "consumer.readsFrom": "client",
};

export class Timeline {
  readonly availability: AvailabilityFold;
  readonly #happenings: Mutable[] = [];
  /** The last happening of each key, while it may still be continued. */
  readonly #open = new Map<string, Mutable>();
  readonly #dispatch = new Dispatch();
  #leftOut = 0;

  /** Must hear each event after the view has. */
  constructor(view: ClusterFold) {
    this.availability = new AvailabilityFold(view);
    this.#dispatch.add(this.availability.listeners);
    this.#dispatch.add(this.#listeners());
  }

  on(event: TraceEvent): void {
    this.#dispatch.on(event);
  }

  subscribe(trace: Trace<KafkaEvents>): void {
    this.#dispatch.subscribe(trace);
  }

  /** In order of their beginning. */
  get happenings(): readonly Happening[] {
    return this.#happenings;
  }

  /** Events left out because the list was full. */
  get leftOut(): number {
    return this.#leftOut;
  }

  #listeners(): Listeners {
    const listeners: Record<string, (e: TraceEvent) => void> = {};
    for (const [type, kind] of Object.entries(KINDS)) {
      listeners[type] = (e) => this.#happen(kind, e);
    }
    // A coordinator that found nothing to load is no news, and neither is the first life of a host.
    listeners["group.loaded"] = (e) => {
      const { groups, offsets } = e as KafkaEvent<"group.loaded">;
      if (groups + offsets > 0) this.#happen("controller", e);
    };
    listeners["host.booted"] = (e) => {
      if ((e as KafkaEvent<"host.booted">).incarnation > 1) this.#happen("host", e);
    };
    listeners["consumer.processed"] = (e) => {
      if ((e as KafkaEvent<"consumer.processed">).outcome === "skipped") this.#happen("client", e);
    };
    // Each rebalance begins and ends; what lies between is the protocol's.
    listeners["group.stateChanged"] = (e) => {
      const { to, from } = e as KafkaEvent<"group.stateChanged">;
      if (to !== from && to !== "CompletingRebalance") this.#happen("client", e);
    };
    return listeners as Listeners;
  }

  #happen(kind: HappeningKind, e: TraceEvent): void {
    const key = keyOf(e);
    const open = this.#open.get(key);
    const gap = GOES_ON.has(kind) ? RUN_US : MOMENT_US;
    const records = "count" in e ? e.count : 0;
    const partition = "partition" in e ? e.partition.name : undefined;
    if (open !== undefined && e.at - open.untilUs <= gap) {
      open.untilUs = e.at;
      open.lastSeq = e.seq;
      open.count++;
      open.records += records;
      // Of a group that goes round and round, where it stands in the end is the news.
      if (e.type === "group.stateChanged") open.text = textOf(e);
      if (
        partition !== undefined &&
        open.partitions.length < SHOWN_PARTITIONS &&
        !open.partitions.includes(partition)
      ) {
        open.partitions.push(partition);
      }
      return;
    }
    if (this.#happenings.length >= KEPT) {
      this.#leftOut++;
      return;
    }
    const begun: Mutable = {
      kind,
      type: e.type,
      atUs: e.at,
      untilUs: e.at,
      node: e.node,
      seq: e.seq,
      lastSeq: e.seq,
      count: 1,
      records,
      partitions: partition === undefined ? [] : [partition],
      text: textOf(e),
    };
    this.#happenings.push(begun);
    this.#open.set(key, begun);
  }
}

/** Events with one key within a moment are one happening: the same thing done by the same node for the same reason. */
function keyOf(e: TraceEvent): string {
  switch (e.type) {
    case "produce.rejected":
      return `${e.type}/${e.partition.index}/${e.error}`;
    case "op.failed":
    case "op.unknown":
      return `${e.type}/${e.node}/${e.error}`;
    case "consumer.deadLettered":
      return `${e.type}/${e.node}/${e.partition.index}/${e.ok}`;
    case "consumer.processed":
      return `${e.type}/${e.node}/${e.partition.index}`;
    case "consumer.failed":
      return `${e.type}/${e.node}/${e.partition.index}/${e.error}`;
    case "leader.elected":
      return `${e.type}/${e.previous}/${e.leader}/${e.unclean ? "unclean" : "clean"}/${e.why}`;
    case "leader.lost":
      return `${e.type}/${e.previous}/${e.why}`;
    case "isr.shrunk":
      return `${e.type}/${e.removed.join()}/${e.why}`;
    case "isr.expanded":
      return `${e.type}/${e.added.join()}/${e.why}`;
    case "isr.rejected":
      return `${e.type}/${e.node}/${e.error}`;
    case "log.truncated":
      return `${e.type}/${e.node}/${e.why}`;
    case "group.stateChanged":
      return `${e.type}/${e.group}/${e.to}`;
    case "disk.tornTail":
    case "group.loaded":
    case "consumer.reset":
      return `${e.type}/${e.node}`;
    case "consumer.readsFrom":
      return `${e.type}/${e.node}/${e.replica}`;
    case "disk.read":
      return `${e.type}/${e.node}/${e.reader}`;
    case "host.stressorKilled":
    case "disk.writerWaited":
      return `${e.type}/${e.node}`;
    case "disk.failed":
      return `${e.type}/${e.node}/${e.method}/${e.errno}`;
    default:
      return `${e.type}/${e.seq}`;
  }
}
