// Vectors of StripedReplicaPlacerTest.
import { describe, expect, it } from "vitest";
import {
  type PlacementRandom,
  placeReplicas,
  RackList,
  type UsableBroker,
} from "../../src/controller/placement.ts";

/** org.apache.kafka.server.util.MockRandom under java.util.Random.nextInt. */
class MockRandom implements PlacementRandom {
  #state = 17n;

  nextInt(bound: number): number {
    let bits = this.#next();
    if ((bound & (bound - 1)) === 0) return Number((BigInt(bound) * BigInt(bits)) >> 31n);
    let value = bits % bound;
    while (bits - value + (bound - 1) > 0x7fffffff) {
      bits = this.#next();
      value = bits % bound;
    }
    return value;
  }

  #next(): number {
    this.#state = BigInt.asUintN(64, this.#state * 2862933555777941757n + 3037000493n);
    return Number(this.#state >> 33n);
  }
}

const broker = (id: number, rack?: string, fenced = false): UsableBroker => ({ id, rack, fenced });

describe("striped placement", () => {
  it("places five partitions on four brokers as Kafka does", () => {
    expect(
      placeReplicas(
        new MockRandom(),
        [0, 1, 2, 3].map((id) => broker(id)),
        5,
        3,
      ),
    ).toEqual([
      [2, 3, 0],
      [3, 0, 1],
      [0, 1, 2],
      [1, 2, 3],
      [1, 0, 2],
    ]);
  });

  it("goes over racks first and takes fenced brokers last", () => {
    const racks = new RackList(new MockRandom(), [
      broker(11, "1"),
      broker(10, "1"),
      broker(30, "3"),
      broker(31, "3"),
      broker(21, "2"),
      broker(20, "2", true),
    ]);
    expect(racks.place(4)).toEqual([11, 21, 31, 10]);
    expect(racks.place(4)).toEqual([21, 30, 10, 20]);
    expect(racks.place(4)).toEqual([31, 11, 21, 30]);
  });

  it("copes with racks whose brokers are all fenced", () => {
    const racks = new RackList(new MockRandom(), [
      broker(11, "1"),
      broker(10, "1"),
      broker(30, "3", true),
      broker(31, "3", true),
      broker(20, "2", true),
      broker(21, "2", true),
      broker(41, "4"),
      broker(40, "4", true),
    ]);
    expect(racks.place(4)).toEqual([41, 11, 21, 30]);
    expect(racks.place(4)).toEqual([10, 20, 31, 41]);
    expect(racks.place(4)).toEqual([41, 21, 30, 11]);
  });

  it("avoids a fenced broker while it can", () => {
    const racks = new RackList(
      new MockRandom(),
      [3, 1, 0, 4, 2].map((id) => broker(id, undefined, id === 1)),
    );
    expect(racks.place(4)).toEqual([3, 4, 0, 2]);
    expect(racks.place(4)).toEqual([4, 0, 2, 3]);
    expect(racks.place(4)).toEqual([0, 2, 3, 4]);
    expect(racks.place(4)).toEqual([2, 3, 4, 0]);
    expect(racks.place(4)).toEqual([0, 4, 3, 2]);
  });

  it("places many partitions on the only unfenced broker", () => {
    const brokers = [broker(0), broker(1, undefined, true)];
    expect(placeReplicas(new MockRandom(), brokers, 3, 1)).toEqual([[0], [0], [0]]);
  });

  it("refuses more replicas than brokers, none, and a cluster that is all fenced", () => {
    const two = [broker(0), broker(1)];
    expect(placeReplicas(new MockRandom(), two, 1, 3)).toBeUndefined();
    expect(placeReplicas(new MockRandom(), two, 1, 0)).toBeUndefined();
    expect(placeReplicas(new MockRandom(), [broker(0, "a", true)], 1, 1)).toBeUndefined();
  });
});
