import { describe, expect, it } from "vitest";
import type { CoordinatorRecord } from "../../../src/coordinator/group/records.ts";
import type { RecordBatch } from "../../../src/protocol/types.ts";
import { GroupCluster } from "./cluster.ts";
import { commitRequest } from "./requests.ts";

const ALL = { groupId: "my-group", partitions: undefined, requireStable: false };

/** Records of the group's partition on one broker's disk. */
function recordsOn(cluster: GroupCluster, node: number): CoordinatorRecord[] {
  const { disk } = cluster.world.host(node);
  const files = disk.names(`${cluster.offsetsPartition("my-group").name}/`);
  return files
    .filter((name) => name.endsWith(".log"))
    .flatMap((name) => disk.file<RecordBatch>(name).records)
    .flatMap(({ payload = [] }) => payload as (CoordinatorRecord | undefined)[])
    .filter((record) => record !== undefined);
}

function committed(config: object) {
  const cluster = new GroupCluster({
    config: { "offsets.topic.segment.bytes": 1 << 20, ...config },
  });
  cluster.start({ orders: 3 });
  const node = cluster.coordinatorOf("my-group");
  // Some 250 commits a segment.
  const metadata = "m".repeat(4000);
  for (let i = 1; i <= 600; i++) {
    const partition = cluster.partition(`orders-${i % 3}`);
    // orders-2 falls behind: its last offset is in an old segment.
    if (i % 3 !== 2 || i < 30)
      cluster.ask(node, "OffsetCommit", commitRequest(partition, i, { metadata }));
  }
  cluster.run(60_000);
  return { cluster, node };
}

function failOver(cluster: GroupCluster, node: number): number {
  cluster.world.host(node).crash("kill");
  const ask = (node % 3) + 1;
  let next = node;
  cluster.until(() => {
    next = cluster.findCoordinator("my-group", ask);
    return next !== node && cluster.ask(next, "OffsetFetch", ALL).error === "NONE";
  });
  return next;
}

describe("compaction of __consumer_offsets", () => {
  it("leaves the next coordinator the same offsets, from fewer records", () => {
    const { cluster, node } = committed({});
    const whole = committed({ "log.cleaner.enable": false });
    const partition = cluster.offsetsPartition("my-group");
    const cleaned = cluster.of("log.cleaned").filter((e) => e.partition === partition);
    // Each replica by itself.
    expect([...new Set(cleaned.map((e) => e.node))].sort()).toEqual([1, 2, 3]);
    const before = cluster.ask(node, "OffsetFetch", ALL).partitions;
    expect(before.map((p) => p.offset).sort((x, y) => x - y)).toEqual([29, 598, 600]);
    const next = failOver(cluster, node);
    const byName = (ps: typeof before) => ps.map((p) => `${p.partition.name}=${p.offset}`).sort();
    expect(byName(cluster.ask(next, "OffsetFetch", ALL).partitions)).toEqual(byName(before));
    expect(recordsOn(whole.cluster, whole.node)).toHaveLength(410);
    expect(recordsOn(cluster, next).length).toBeLessThan(250);
  });

  it("of offsets that have expired (KIP-211): no next coordinator brings them back", () => {
    const { cluster, node } = committed({
      "offsets.retention.minutes": 1,
      "offsets.retention.check.interval.ms": 10_000,
    });
    cluster.run(120_000);
    expect(cluster.of("offset.expired").filter((e) => e.group === "my-group")).toHaveLength(3);
    expect(cluster.ask(node, "OffsetFetch", ALL).partitions).toEqual([]);
    const next = failOver(cluster, node);
    expect(cluster.ask(next, "OffsetFetch", ALL).partitions).toEqual([]);
    const partition = cluster.offsetsPartition("my-group");
    const loaded = cluster.of("group.loaded").filter((e) => e.partition === partition);
    expect(loaded.map((e) => e.node)).toEqual([node, next]);
    expect(loaded.at(-1)).toMatchObject({ groups: 0, offsets: 0 });
    // The offsets' tombstones are kept for delete.retention.ms.
    const tombstones = recordsOn(cluster, next).filter((record) => record.value === undefined);
    expect(tombstones).toHaveLength(4);
  });

  it("a replica that begins anew copies what compaction left, and leads with it", () => {
    const { cluster, node } = committed({});
    const other = (node % 3) + 1;
    const third = (other % 3) + 1;
    const before = recordsOn(cluster, node).length;
    cluster.world.host(other).crash("poweroff");
    cluster.world.host(other).wipe();
    cluster.run(20_000);
    cluster.world.host(other).boot();
    cluster.run(30_000);
    expect(recordsOn(cluster, other).length).toBe(before);
    cluster.world.host(third).crash("kill");
    cluster.run(20_000);
    const next = failOver(cluster, node);
    expect(next).toBe(other);
    const { partitions } = cluster.ask(next, "OffsetFetch", ALL);
    expect(partitions.map((p) => p.offset).sort((x, y) => x - y)).toEqual([29, 598, 600]);
  });
});
