// The partitions of one fetcher, in the order in which it asks for them: who got records goes to the end (PartitionStates). A fetch session
// (FetchSessionHandler, KIP-227) names what has changed since its last request; so that a fetch of many partitions costs what has changed
// of them, that is kept track of and not looked for.
import type { FetchChanges, FetchPartition } from "../protocol/apis.ts";
import type { TopicPartition } from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import type { Micros } from "../sim/kernel.ts";
import { FetchState } from "./fetch-state.ts";
import type { Partition } from "./partition.ts";
import type { FetchStart } from "./truncation.ts";

/** What a request says of partitions. */
export interface Asking {
  readonly partitions: readonly FetchPartition[];
  readonly namedPartitions: number;
  readonly changes: FetchChanges | undefined;
}

const NONE: readonly never[] = [];
const UNCHANGED: FetchChanges = { moved: NONE, altered: NONE, forgotten: NONE };

export class FetchStates {
  readonly #maxBytes: number;
  readonly #order: FetchState[] = [];
  /** Their entries in the last request, in the same order; of states that have moved or changed since, something else. */
  readonly #entries: FetchPartition[] = [];
  /** Truncating or backing off. */
  readonly #unready = new Set<FetchState>();
  /** Who got records, in order, until rotate(). */
  readonly #served: FetchState[] = [];
  /** The states that the last request asked for. */
  readonly #asked = new Map<TopicPartition, FetchState>();
  /** Were those all there were? */
  #askedAll = false;
  /** Since the last request: put at the end, in this order; changed; gone. */
  readonly #moved: FetchState[] = [];
  readonly #altered: FetchState[] = [];
  readonly #dropped = new Set<TopicPartition>();
  #last: readonly FetchPartition[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get all(): readonly FetchState[] {
    return this.#order;
  }

  add(partition: Partition, start: FetchStart): void {
    const state = new FetchState(partition, start, this.#altered);
    partition.copying = state;
    this.#order.push(state);
    this.#move(state);
    this.#dropped.delete(partition.name);
    if (state.truncating) this.#unready.add(state);
  }

  find(partition: TopicPartition): FetchState | undefined {
    return this.#order.find((state) => state.partition.name === partition);
  }

  drop(state: FetchState): void {
    if (!state.isCurrent) return;
    state.isCurrent = false;
    state.partition.copying = undefined;
    const at = this.#order.indexOf(state);
    this.#order.splice(at, 1);
    this.#entries.splice(at, 1);
    this.#unready.delete(state);
    if (state.isMoved) remove(this.#moved, state);
    if (state.isAltered) remove(this.#altered, state);
    this.#dropped.add(state.partition.name);
  }

  clear(): void {
    for (const state of [...this.#order]) this.drop(state);
  }

  get mustTruncate(): boolean {
    for (const state of this.#unready) if (state.truncating) return true;
    return false;
  }

  delay(state: FetchState, until: Micros): void {
    state.delayedUntil = until;
    this.#unready.add(state);
  }

  /** It got records: next time it comes behind the others. */
  served(state: FetchState): void {
    if (state.isCurrent) this.#served.push(state);
  }

  /** Whom the last request asked for this partition. */
  asked(partition: TopicPartition): FetchState | undefined {
    return this.#asked.get(partition);
  }

  get allAsked(): Iterable<FetchState> {
    return this.#asked.values();
  }

  /** After a response: those that were served go to the end. */
  rotate(): void {
    const served = this.#served;
    if (served.length === 0) return;
    const order = this.#order;
    const entries = this.#entries;
    let found = 0;
    let kept = 0;
    for (let i = 0; i < order.length; i++) {
      const state = order[i] as FetchState;
      if (state === served[found]) found++;
      else {
        order[kept] = state;
        entries[kept++] = entries[i] as FetchPartition;
      }
    }
    for (let i = 0; i < found; i++) {
      const state = served[i] as FetchState;
      order[kept++] = state;
      this.#move(state);
    }
    assert(found === served.length, () => "a response out of order");
    served.length = 0;
  }

  /** What to ask for now; undefined: nothing. `isFull`: the leader knows nothing of the last request. */
  ask(now: Micros, isFull: boolean): Asking | undefined {
    for (const state of this.#unready) if (state.isReady(now)) this.#unready.delete(state);
    if (this.#order.length === this.#unready.size) return undefined;
    const asksAll = this.#unready.size === 0;
    const asking = asksAll && this.#askedAll && !isFull ? this.#changed() : this.#anew(now, isFull);
    this.#askedAll = asksAll;
    this.#last = asking.partitions;
    this.#forgetChanges();
    return asking;
  }

  #move(state: FetchState): void {
    if (state.isMoved) remove(this.#moved, state);
    state.isMoved = true;
    this.#moved.push(state);
  }

  #forgetChanges(): void {
    for (const state of this.#moved) state.isMoved = false;
    for (const state of this.#altered) state.isAltered = false;
    this.#moved.length = 0;
    this.#altered.length = 0;
    // Clearing an empty set would cost as much as one with something in it.
    if (this.#dropped.size > 0) this.#dropped.clear();
  }

  #changed(): Asking {
    const changes: FetchChanges = {
      forgotten: this.#dropped.size === 0 ? NONE : this.#forgottenNames(),
      altered: this.#altered.length === 0 ? NONE : this.#alteredEntries(),
      moved: this.#moved.length === 0 ? NONE : this.#movedEntries(),
    };
    const namedPartitions =
      changes.moved.length + changes.altered.length + changes.forgotten.length;
    if (namedPartitions === 0)
      return { partitions: this.#last, namedPartitions, changes: UNCHANGED };
    return { partitions: this.#entries.slice(), namedPartitions, changes };
  }

  #forgottenNames(): readonly TopicPartition[] {
    const names: TopicPartition[] = [];
    for (const name of this.#dropped) if (this.#asked.delete(name)) names.push(name);
    return names;
  }

  #alteredEntries(): readonly FetchPartition[] {
    let altered: FetchPartition[] | undefined;
    for (const state of this.#altered) {
      const before = state.asked;
      if (state.isMoved) continue;
      const entry = state.ask(this.#maxBytes);
      if (entry === before) continue;
      altered ??= [];
      altered.push(entry);
      this.#entries[this.#order.indexOf(state)] = entry;
    }
    return altered ?? NONE;
  }

  /** They are the last ones. */
  #movedEntries(): readonly FetchPartition[] {
    const moved: FetchPartition[] = new Array(this.#moved.length);
    const first = this.#order.length - moved.length;
    let i = 0;
    for (const state of this.#moved) {
      const entry = state.ask(this.#maxBytes);
      this.#entries[first + i] = entry;
      moved[i++] = entry;
      this.#asked.set(state.partition.name, state);
    }
    return moved;
  }

  /** The whole list, and by comparison with the last one how much of it has to be named. */
  #anew(now: Micros, isFull: boolean): Asking {
    const partitions: FetchPartition[] = [];
    const before = new Map(this.#asked);
    let named = 0;
    this.#asked.clear();
    for (const [i, state] of this.#order.entries()) {
      if (!state.isReady(now)) continue;
      const { name } = state.partition;
      const last = before.get(name) === state ? state.asked : undefined;
      const entry = state.ask(this.#maxBytes);
      if (entry !== last) named++;
      before.delete(name);
      partitions.push(entry);
      this.#entries[i] = entry;
      this.#asked.set(name, state);
    }
    // What is left was asked for and is not any more.
    const namedPartitions = isFull ? partitions.length : named + before.size;
    return { partitions, namedPartitions, changes: undefined };
  }
}

function remove(list: FetchState[], state: FetchState): void {
  list.splice(list.indexOf(state), 1);
}
