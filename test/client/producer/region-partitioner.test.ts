import { describe, expect, it } from "vitest";
import { kafkaProducer, type ProducerProgram } from "../../../src/client/producer/program.ts";
import {
  type RegionPartitionerSpec,
  regionOf,
} from "../../../src/client/producer/region-partitioner.ts";
import { partitionForKey } from "../../../src/protocol/murmur2.ts";
import { Lab, producerConfig } from "../support.ts";

const SPEC: RegionPartitionerSpec = {
  separator: ":",
  regions: new Map([
    ["eu", { kind: "partitions", partitions: [4, 5] }],
    ["us", { kind: "leadersIn", rack: "b" }],
    ["moon", { kind: "leadersIn", rack: "moon" }],
  ]),
};

function produce(lab: Lab, keys?: readonly string[]): ProducerProgram {
  return lab.start((host) =>
    kafkaProducer(host, lab.env, {
      name: "client",
      topic: "t",
      records: { sizeBytes: 100, keys: keys ? { kind: "list", keys } : { kind: "none" } },
      load: keys && { stages: [], total: 60 },
      startUs: 0,
      stopUs: undefined,
      config: producerConfig({ "linger.ms": 0, "metadata.max.age.ms": 1000 }),
      partitioner: SPEC,
    }),
  );
}

const counts = (lab: Lab): number[] =>
  lab.partitions.map(({ batches }) => batches.reduce((sum, { count }) => sum + count, 0));

/** Racks a, b, a, b ... */
function racked(): Lab {
  const lab = new Lab({ brokers: 2, partitions: 6 });
  lab.racks = ["a", "b"];
  return lab;
}

describe("A partitioner by region", () => {
  it("reads the region off the beginning of the key", () => {
    expect(["eu:alice:1", "us", ":x"].map((key) => regionOf(key, ":"))).toEqual(["eu", "us", ""]);
    expect(regionOf("eu--alice", "--")).toBe("eu");
  });

  it("hashes a key over its region's partitions, and one of no region over all", () => {
    const lab = racked();
    const producer = produce(lab);
    for (const key of ["eu:alice", "us:bob", "ap:carol"]) producer.sendScripted([key], key);
    lab.run(500);
    const at = (key: string): number =>
      lab.of("op.invoked").find(({ names }) => names?.[0] === key)?.partition.partition ?? -1;
    expect(at("eu:alice")).toBe([4, 5][partitionForKey("eu:alice", 2)]);
    // Broker 2 is in rack b and leads partitions 1, 3 and 5.
    expect(at("us:bob")).toBe([1, 3, 5][partitionForKey("us:bob", 3)]);
    expect(at("ap:carol")).toBe(partitionForKey("ap:carol", 6));
  });

  it("hashes over all partitions while nobody leads in the region's rack", () => {
    const lab = racked();
    produce(lab).sendScripted(["m"], "moon:neil");
    lab.run(500);
    const [sent] = lab.of("op.invoked");
    expect(sent?.partition.partition).toBe(partitionForKey("moon:neil", 6));
  });

  it("takes a load's keys where scripted ones go", () => {
    const lab = racked();
    produce(lab, ["eu:alice", "eu:bob", "us:carol"]);
    lab.run(1000);
    const all = counts(lab);
    expect(all[0]).toBe(0);
    expect(all[2]).toBe(0);
    expect(all.reduce((sum, n) => sum + n, 0)).toBe(60);
    const eu = [4, 5][partitionForKey("eu:alice", 2)] as number;
    expect(all[eu]).toBeGreaterThanOrEqual(20);
  });

  it("follows the leaders: a key moves when its rack gets another partition to lead", () => {
    const lab = racked();
    const producer = produce(lab);
    lab.run(200);
    for (const log of lab.partitions) {
      log.leader = log.partition.partition === 0 ? 2 : 1;
      log.leaderEpoch++;
    }
    lab.run(2500);
    producer.sendScripted(["m"], "us:bob");
    lab.run(3000);
    expect(lab.of("op.invoked").at(-1)?.partition.partition).toBe(0);
  });

  it("lets a load's keys move with them", () => {
    const lab = racked();
    const keys = ["us:a", "us:b", "us:c", "us:d"];
    lab.start((host) =>
      kafkaProducer(host, lab.env, {
        name: "client",
        topic: "t",
        records: { sizeBytes: 100, keys: { kind: "list", keys } },
        load: {
          stages: [{ durationUs: undefined, fromPerSecond: 100, toPerSecond: 100 }],
          total: undefined,
        },
        startUs: 0,
        stopUs: undefined,
        config: producerConfig({ "linger.ms": 0, "metadata.max.age.ms": 1000 }),
        partitioner: SPEC,
      }),
    );
    lab.run(500);
    expect(counts(lab)[0]).toBe(0);
    for (const log of lab.partitions) {
      log.leader = log.partition.partition === 0 ? 2 : 1;
      log.leaderEpoch++;
    }
    lab.run(3000);
    const before = counts(lab);
    lab.run(4000);
    const during = counts(lab).map((count, p) => count - (before[p] as number));
    expect(during[0]).toBeGreaterThan(90);
    expect(during.slice(1)).toEqual([0, 0, 0, 0, 0]);
  });

  it("gives records without a key to the partitions in turn", () => {
    const lab = racked();
    produce(lab).sendScripted(Array.from({ length: 12 }, (_, i) => `m${i}`));
    lab.run(500);
    expect(counts(lab)).toEqual([2, 2, 2, 2, 2, 2]);
  });
});
