// A partitioner of an application's own (partitioner.class): the part of the key before a separator is its region, and a region has its partitions,
// named one by one or as those that brokers of a rack lead. Within its region a key is hashed as Kafka hashes it. A pure function of the key and,
// with racks, of who leads: there a key moves when a leader does. Keys of other regions are hashed over all partitions.

import { murmur2, toPositive, utf8 } from "../../protocol/murmur2.ts";
import type { Metadata } from "../metadata.ts";

export type RegionTarget =
  | { readonly kind: "partitions"; readonly partitions: readonly number[] }
  | { readonly kind: "leadersIn"; readonly rack: string };

export interface RegionPartitionerSpec {
  readonly separator: string;
  readonly regions: ReadonlyMap<string, RegionTarget>;
}

/** Where a record with a key goes. */
export interface KeyRouting {
  /** As long as it is the same, a key goes to the same partition. */
  readonly version: number;
  of(key: string): number;
}

export function regionRouting(
  spec: RegionPartitionerSpec,
  metadata: Metadata,
  topic: string,
): KeyRouting {
  const candidates = (region: string): readonly number[] => {
    const all = metadata.partitionsOf(topic);
    const numbers = all.map(({ partition }) => partition.partition);
    const target = spec.regions.get(region);
    if (target === undefined) return numbers;
    if (target.kind === "partitions") return target.partitions;
    const near = all.filter(({ leader }) => metadata.rackOf(leader) === target.rack);
    return near.length === 0 ? numbers : near.map(({ partition }) => partition.partition);
  };
  return {
    get version() {
      return metadata.version;
    },
    of: (key) => {
      const among = candidates(regionOf(key, spec.separator));
      return among[toPositive(murmur2(utf8(key))) % among.length] as number;
    },
  };
}

/** The whole key if it has no separator. */
export function regionOf(key: string, separator: string): string {
  const at = key.indexOf(separator);
  return at < 0 ? key : key.slice(0, at);
}
