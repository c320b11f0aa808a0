// The availability ledger: who was served and who was not, by partition, by client and by side of a cut network. Folded online: every event of a batch
// costs the same, whatever has happened before; memory holds one entry a stream and a reader.
import type { KafkaEvent } from "../../protocol/events.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { CutsFold } from "../cuts.ts";
import type { GroupsFold } from "../groups.ts";
import type { HostDirectory } from "../hosts.ts";
import type { Listeners } from "../listeners.ts";
import type { PartitionsFold } from "../partitions.ts";
import type { ReplicasFold } from "../replicas.ts";
import { AckMarks, ReaderEntry } from "./reads.ts";
import { newSide, type SideEntry, sidesOf } from "./sides.ts";
import { StreamEntry } from "./writes.ts";

/** What the ledger asks about: parts of the view that hear each event before it. */
export interface LedgerSources {
  readonly directory: HostDirectory;
  readonly cuts: CutsFold;
  readonly groups: GroupsFold;
  readonly partitions: PartitionsFold;
  readonly replicas: ReplicasFold;
}

export class LedgerFold {
  readonly listeners: Listeners;
  readonly #from: LedgerSources;
  readonly #streams: (StreamEntry | undefined)[] = [];
  /** By partition index. */
  readonly #readers: (ReaderEntry[] | undefined)[] = [];
  readonly #marks: (AckMarks | undefined)[] = [];
  readonly #sides = new Map<string, SideEntry>();
  /** By client's node, while the network is cut. */
  #sideOf: ReadonlyMap<number, string> = new Map();
  #cutsSeen = 0;
  #cutSinceUs: Micros = 0;
  #cutUs: Micros = 0;

  constructor(from: LedgerSources) {
    this.#from = from;
    this.listeners = {
      ...this.#writeListeners(),
      ...this.#readListeners(),
      "fault.injected": (e) => this.#networkMayHaveChanged(e.at),
      "fault.healed": (e) => this.#networkMayHaveChanged(e.at),
    };
  }

  *streams(): IterableIterator<StreamEntry> {
    for (const entry of this.#streams) if (entry !== undefined) yield entry;
  }

  *readers(): IterableIterator<ReaderEntry> {
    for (const row of this.#readers) if (row !== undefined) yield* row;
  }

  sides(): readonly SideEntry[] {
    return [...this.#sides.values()];
  }

  /** Time for which some part of the network was cut. */
  cutUs(nowUs: Micros): Micros {
    return this.#cutUs + (this.#sideOf.size > 0 ? nowUs - this.#cutSinceUs : 0);
  }

  staleness(reader: ReaderEntry, nowUs: Micros): Micros {
    return reader.worstStalenessUs(nowUs, this.#marksOf(reader.partition));
  }

  #writeListeners(): Listeners {
    return {
      "stream.opened": (e) => {
        const entry = new StreamEntry(e.stream, e.partition, e.producer, e.node);
        this.#streams[e.stream] = entry;
        const side = this.#sideEntry(e.node);
        if (side !== undefined) entry.enter(side, e.at);
      },
      "op.invoked": (e) => this.#streams[e.stream]?.invoked(e.count, e.at),
      "op.acked": (e) => {
        this.#streams[e.stream]?.ackedNow(e.firstNumber, e.count, e.at);
        if (e.baseOffset >= 0) this.#marksOf(e.partition).add(e.baseOffset + e.count - 1, e.at);
      },
      "op.failed": (e) => this.#streams[e.stream]?.gaveUp(e.firstNumber, e.count, e.at, "failed"),
      "op.unknown": (e) => this.#streams[e.stream]?.gaveUp(e.firstNumber, e.count, e.at, "unknown"),
    };
  }

  #readListeners(): Listeners {
    return {
      "consumer.assigned": (e) => {
        const reader = this.#reader(e.node, e.partition);
        reader.node = e.node;
        if (e.position >= 0) this.#stand(reader, e.position, e.at);
      },
      "consumer.reset": (e) => this.#stand(this.#reader(e.node, e.partition), e.to, e.at),
      "consumer.polled": (e) => this.#polled(e),
      "hw.advanced": (e) => {
        if (!e.leader) return;
        const row = this.#readers[e.partition.index];
        if (row === undefined || this.#from.partitions.get(e.partition.index)?.leader !== e.node)
          return;
        for (let i = 0; i < row.length; i++) (row[i] as ReaderEntry).visible(e.to, e.at);
      },
      "host.stopped": (e) => {
        for (const reader of this.readers()) {
          if (reader.node === e.node && reader.reader === this.#from.directory.name(e.node))
            reader.close();
        }
      },
    };
  }

  #stand(reader: ReaderEntry, position: number, at: Micros): void {
    reader.standAt(position, this.#marksOf(reader.partition));
    reader.visible(this.#highWatermark(reader.partition), at);
  }

  #polled(e: KafkaEvent<"consumer.polled">): void {
    const reader = this.#reader(e.node, e.partition);
    reader.node = e.node;
    const marks = this.#marksOf(e.partition);
    const side = this.#sideEntry(e.node);
    if (side !== undefined) {
      side.delivered += e.count;
      this.#readSide(side, reader, e.at);
    }
    reader.polled(e.count, e.position, this.#highWatermark(e.partition), e.at, marks);
    this.#forgetMarks(e.partition, marks);
  }

  #readSide(side: SideEntry, reader: ReaderEntry, at: Micros): void {
    const staleness = reader.staleness(at, this.#marksOf(reader.partition));
    side.stalenessUs = Math.max(side.stalenessUs, staleness);
    side.readOutageUs = Math.max(side.readOutageUs, reader.outageSince(this.#cutSinceUs, at));
  }

  #forgetMarks(partition: TopicPartition, marks: AckMarks): void {
    const row = this.#readers[partition.index] ?? [];
    let lowest = marks.end;
    for (let i = 0; i < row.length; i++) lowest = Math.min(lowest, (row[i] as ReaderEntry).mark);
    marks.forget(lowest);
  }

  /** What is open at the old sides is closed, and opened at the new ones. */
  #networkMayHaveChanged(at: Micros): void {
    const { cuts, directory } = this.#from;
    if (cuts.version === this.#cutsSeen) return;
    this.#cutsSeen = cuts.version;
    if (this.#sideOf.size > 0) this.#closeSides(at);
    this.#sideOf = sidesOf(directory, cuts);
    this.#cutSinceUs = at;
    for (const entry of this.streams()) {
      const side = this.#sideEntry(entry.node);
      if (side !== undefined) entry.enter(side, at);
    }
  }

  #closeSides(at: Micros): void {
    this.#cutUs += at - this.#cutSinceUs;
    for (const entry of this.streams()) entry.leave(at);
    for (const reader of this.readers()) {
      const side = this.#sideEntry(reader.node);
      if (side !== undefined) this.#readSide(side, reader, at);
    }
  }

  #sideEntry(node: number): SideEntry | undefined {
    if (this.#sideOf.size === 0) return undefined;
    const name = this.#sideOf.get(node);
    if (name === undefined) return undefined;
    let side = this.#sides.get(name);
    if (side === undefined) {
      side = newSide(name);
      this.#sides.set(name, side);
    }
    side.clients.add(this.#from.directory.name(node));
    return side;
  }

  #reader(node: number, partition: TopicPartition): ReaderEntry {
    const name = this.#from.groups.groupOf(node) ?? this.#from.directory.name(node);
    let row = this.#readers[partition.index];
    if (row === undefined) {
      row = [];
      this.#readers[partition.index] = row;
    }
    for (let i = 0; i < row.length; i++) {
      const known = row[i] as ReaderEntry;
      if (known.reader === name) return known;
    }
    const reader = new ReaderEntry(name, partition, node);
    row.push(reader);
    return reader;
  }

  #marksOf(partition: TopicPartition): AckMarks {
    let marks = this.#marks[partition.index];
    if (marks === undefined) {
      marks = new AckMarks();
      this.#marks[partition.index] = marks;
    }
    return marks;
  }

  #highWatermark(partition: TopicPartition): number {
    const leader = this.#from.partitions.get(partition.index)?.leader ?? -1;
    return this.#from.replicas.get(partition, leader)?.highWatermark ?? -1;
  }
}
