// Where the KRaft controller puts the replicas of new partitions: striped over racks and brokers. The truth: StripedReplicaPlacer.
// Left out: continuing the stripes of a topic's existing partitions.
import { JavaHashMap, stringHash } from "../protocol/java-hash.ts";
import type { BrokerId } from "../protocol/types.ts";

/** java.util.Random as far as the placer uses it. */
export interface PlacementRandom {
  /** In [0, bound). */
  nextInt(bound: number): number;
}

export interface UsableBroker {
  readonly id: BrokerId;
  readonly rack: string | undefined;
  readonly fenced: boolean;
}

/** Replica lists of `partitions` new partitions, the leader first; undefined when the replication factor cannot be had. */
export function placeReplicas(
  random: PlacementRandom,
  brokers: readonly UsableBroker[],
  partitions: number,
  replicationFactor: number,
): BrokerId[][] | undefined {
  const racks = new RackList(random, brokers);
  if (!racks.allows(replicationFactor)) return undefined;
  return Array.from({ length: partitions }, () => racks.place(replicationFactor));
}

/** Brokers of one rack, fenced or not, handed out round robin. */
class BrokerList {
  readonly brokers: BrokerId[] = [];
  #cursor = 0;
  #offset = 0;
  #epoch = 0;

  initialize(random: PlacementRandom): void {
    if (this.brokers.length === 0) return;
    this.brokers.sort((a, b) => a - b);
    this.#offset = random.nextInt(this.brokers.length);
  }

  /** The next broker not yet handed out in this epoch. */
  next(epoch: number): BrokerId | undefined {
    const size = this.brokers.length;
    if (size === 0) return undefined;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#cursor = 0;
      this.#offset = (this.#offset + 1) % size;
    }
    if (this.#cursor >= size) return undefined;
    return this.brokers[(this.#cursor++ + this.#offset) % size];
  }
}

class Rack {
  readonly name: string;
  readonly fenced = new BrokerList();
  readonly unfenced = new BrokerList();

  constructor(name: string) {
    this.name = name;
  }

  next(epoch: number): BrokerId | undefined {
    return this.unfenced.next(epoch) ?? this.fenced.next(epoch);
  }
}

export class RackList {
  readonly #random: PlacementRandom;
  /** In the order of Java's HashMap, which decides who draws which number. */
  readonly #racks: readonly Rack[];
  /** By name at first, then shuffled. */
  readonly #order: Rack[];
  readonly #total: number;
  readonly #unfenced: number;
  #epoch = 0;
  #offset = 0;

  constructor(random: PlacementRandom, brokers: readonly UsableBroker[]) {
    this.#random = random;
    // Optional.hashCode: that of the name, 0 for none.
    const byName = new JavaHashMap<string, Rack>(stringHash);
    for (const { id, rack, fenced } of brokers) {
      const name = rack ?? "";
      const list = byName.get(name) ?? new Rack(name);
      byName.set(name, list);
      (fenced ? list.fenced : list.unfenced).brokers.push(id);
    }
    this.#racks = [...byName.values()];
    for (const rack of this.#racks) {
      rack.fenced.initialize(random);
      rack.unfenced.initialize(random);
    }
    this.#order = this.#racks.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    this.#total = brokers.length;
    this.#unfenced = brokers.filter(({ fenced }) => !fenced).length;
    if (this.#order.length > 0) this.#offset = random.nextInt(this.#order.length);
  }

  allows(replicationFactor: number): boolean {
    return replicationFactor > 0 && replicationFactor <= this.#total && this.#unfenced > 0;
  }

  /** One partition. Call only when `allows(replicationFactor)`. */
  place(replicationFactor: number): BrokerId[] {
    // A single unfenced broker would reach this at every partition, and never get on.
    if (this.#epoch === this.#unfenced && this.#unfenced > 1) {
      this.#shuffle();
      this.#epoch = 0;
    }
    if (this.#offset === this.#order.length) this.#offset = 0;
    const racks = this.#order;
    let leaderRack: number | undefined = this.#offset;
    let leader = (racks[leaderRack] as Rack).unfenced.next(this.#epoch);
    while (leader === undefined) {
      leaderRack = (leaderRack + 1) % racks.length;
      leader = (racks[leaderRack] as Rack).unfenced.next(this.#epoch);
    }
    const replicas = [leader];
    for (let at = this.#offset; replicas.length < replicationFactor; at = (at + 1) % racks.length) {
      // The leader's rack is skipped once.
      if (at === leaderRack) {
        leaderRack = undefined;
        continue;
      }
      const next = (racks[at] as Rack).next(this.#epoch);
      if (next !== undefined) replicas.push(next);
    }
    this.#epoch++;
    this.#offset++;
    return replicas;
  }

  #shuffle(): void {
    shuffle(this.#order, this.#random);
    for (const rack of this.#racks) {
      shuffle(rack.fenced.brokers, this.#random);
      shuffle(rack.unfenced.brokers, this.#random);
    }
  }
}

/** java.util.Collections.shuffle. */
function shuffle<T>(items: T[], random: PlacementRandom): void {
  for (let size = items.length; size > 1; size--) {
    const other = random.nextInt(size);
    const last = items[size - 1] as T;
    items[size - 1] = items[other] as T;
    items[other] = last;
  }
}
