// How far behind a group ever was, from events alone.
import { expect, it } from "vitest";
import { GroupHistory } from "../../src/runner/group-history.ts";
import type { ClusterFold } from "../../src/view/cluster-fold.ts";

const at = (index: number) => ({
  topic: "orders",
  partition: index,
  index,
  name: `orders-${index}`,
});

it("knows the most lag and when, over partitions, commits and new high watermarks", () => {
  const history = new GroupHistory();
  const tell = (type: keyof typeof history.listeners, atUs: number, event: object): void =>
    (history.listeners[type] as ((e: never) => void) | undefined)?.({
      ...event,
      at: atUs,
    } as never);
  const end = (atUs: number, index: number, to: number, leader = true): void =>
    tell("hw.advanced", atUs, { partition: at(index), to, leader });
  const commit = (atUs: number, index: number, offset: number): void =>
    tell("offset.committed", atUs, { group: "g", partition: at(index), offset });
  end(1, 0, 10);
  end(1, 1, 100);
  commit(2, 0, 5);
  // A follower's high watermark says nothing new, and orders-1 is not the group's yet.
  end(3, 0, 30, false);
  end(4, 0, 20);
  commit(5, 0, 20);
  commit(6, 1, 90);
  end(7, 1, 101);
  const view = {
    groups: {
      all: () => [
        {
          group: "g",
          state: "Stable",
          memberCount: 1,
          members: new Map([["m", { partitions: [] }]]),
          rebalances: 1,
          rebalancingUs: 5,
          rebalancingSinceUs: 8,
        },
      ],
    },
    totalGroupLag: () => 11,
  } as unknown as ClusterFold;
  expect(history.summaries(view, 10)).toEqual([
    {
      name: "g",
      state: "Stable",
      members: 1,
      idle: 1,
      rebalances: 1,
      rebalancingUs: 7,
      lag: 11,
      mostLag: 15,
      mostLagAtUs: 4,
    },
  ]);
});
