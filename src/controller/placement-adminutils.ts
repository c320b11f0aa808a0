// Where a client puts replicas when it plans for the cluster: kafka-reassign-partitions --generate, and ZooKeeper-era topic creation (KIP-36).
// The truth: AdminUtils.assignReplicasToBrokers. Left out: expanding an assignment that begins at another partition than 0.
import type { BrokerId } from "../protocol/types.ts";
import type { PlacementRandom } from "./placement.ts";

export interface PlannedBroker {
  readonly id: BrokerId;
  readonly rack: string | undefined;
}

/** Where the first leader goes, and how far the followers of the first round are from their leaders. */
export interface PlacementStart {
  readonly index: number;
  readonly shift: number;
}

/**
 * Replica lists of `partitions` partitions, the leader first; undefined when the replication factor cannot be had or only some brokers name a rack.
 * @public
 */
export function planReplicas(
  brokers: readonly PlannedBroker[],
  partitions: number,
  replicationFactor: number,
  start: PlacementStart,
): BrokerId[][] | undefined {
  if (replicationFactor < 1 || replicationFactor > brokers.length) return undefined;
  const withRack = brokers.filter(({ rack }) => rack !== undefined).length;
  if (withRack !== 0 && withRack !== brokers.length) return undefined;
  const order = rackAlternated(brokers);
  const rackCount = new Set(order.map(({ rack }) => rack)).size;
  let { shift } = start;
  return Array.from({ length: partitions }, (_, partition) => {
    // Each round over the brokers puts the followers one further on, lest the same brokers share all partitions.
    if (partition > 0 && partition % order.length === 0) shift++;
    const first = (partition + start.index) % order.length;
    return replicasOf(order, first, withRack === 0 ? shift : shift * rackCount, replicationFactor);
  });
}

/** @public */
export function randomStart(random: PlacementRandom, brokers: number): PlacementStart {
  return { index: random.nextInt(brokers), shift: random.nextInt(brokers) };
}

/** Brokers by id, one of each rack in turn: neighbours are in different racks as long as possible. */
export function rackAlternated(brokers: readonly PlannedBroker[]): PlannedBroker[] {
  const racks = new Map<string, PlannedBroker[]>();
  for (const broker of [...brokers].sort((a, b) => a.id - b.id)) {
    const rack = racks.get(broker.rack ?? "");
    if (rack === undefined) racks.set(broker.rack ?? "", [broker]);
    else rack.push(broker);
  }
  const names = [...racks.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const order: PlannedBroker[] = [];
  for (let round = 0; order.length < brokers.length; round++) {
    for (const name of names) {
      const next = racks.get(name)?.[round];
      if (next !== undefined) order.push(next);
    }
  }
  return order;
}

function replicasOf(
  order: readonly PlannedBroker[],
  first: number,
  shift: number,
  replicationFactor: number,
): BrokerId[] {
  const rackCount = new Set(order.map(({ rack }) => rack)).size;
  const leader = order[first] as PlannedBroker;
  const replicas = [leader.id];
  const racks = new Set([leader.rack]);
  for (let next = 0; replicas.length < replicationFactor; next++) {
    const distance = 1 + ((shift + next) % (order.length - 1));
    const { id, rack } = order[(first + distance) % order.length] as PlannedBroker;
    // A rack is used again only when every rack is used. Without racks there is one, used by the leader.
    const rackIsFree = !racks.has(rack) || racks.size === rackCount;
    if (!rackIsFree || replicas.includes(id)) continue;
    replicas.push(id);
    racks.add(rack);
  }
  return replicas;
}
