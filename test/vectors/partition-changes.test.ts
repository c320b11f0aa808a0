// PartitionChangeBuilder: what becomes of a partition's registration. The simulated releases end with 4.1; what is not compared is said below.
import { describe, expect, it } from "vitest";
import { buildChange, type Election } from "../../src/controller/partition-change.ts";
import type { Policy } from "../../src/controller/policy.ts";
import type { PartitionChange } from "../../src/protocol/types.ts";
import { recorded } from "./recorded.ts";

type Ids = readonly number[];

interface Line {
  readonly replicas: Ids;
  readonly isr: Ids;
  readonly elr?: Ids;
  readonly lastKnownElr?: Ids;
  readonly adding?: Ids;
  readonly removing?: Ids;
  readonly leader: number;
  readonly recovering?: true;
  readonly minIsr: number;
  readonly active: Ids;
  readonly elrEnabled: boolean;
  readonly bumpOnShrink?: true;
  readonly election: Election;
  readonly uncleanShutdown?: number;
  readonly reassignment?: { readonly replicas: Ids };
  readonly targetIsr?: Ids;
  readonly recovered?: true;
  readonly change: PartitionChange | null;
}

const partition = { index: 0, topic: "t", partition: 0, name: "t-0" };

function answer(line: Line): PartitionChange | null {
  const policy: Policy = {
    bumpLeaderEpochOnShrink: line.bumpOnShrink === true,
    eligibleLeaderReplicas: line.elrEnabled,
    directoryAssignment: false,
    automaticUncleanElection: true,
    electAnyReplica: false,
    ignoreBrokerEpoch: false,
    ignoreFencing: false,
    unfenceElectsNobody: false,
  };
  const { replicas, isr, leader, minIsr, election, targetIsr, uncleanShutdown } = line;
  const { reassignment } = line;
  const change = buildChange({
    registration: {
      ...{ partition, replicas, isr, leader, leaderEpoch: 100, partitionEpoch: 200 },
      elr: line.elr ?? [],
      lastKnownElr: line.lastKnownElr ?? [],
      addingReplicas: line.adding ?? [],
      removingReplicas: line.removing ?? [],
      leaderRecoveryState: line.recovering === true ? "RECOVERING" : "RECOVERED",
    },
    ...{ policy, minIsr, election },
    isAcceptableLeader: (id) => line.active.includes(id),
    ...(targetIsr === undefined ? {} : { targetIsr }),
    ...(uncleanShutdown === undefined ? {} : { uncleanShutdown }),
    ...(reassignment === undefined
      ? {}
      : { reassignment: { replicas: reassignment.replicas, adding: [9], removing: [] } }),
    ...(line.recovered === true ? { targetRecoveryState: "RECOVERED" as const } : {}),
  });
  return change ?? null;
}

/** 3.9 had eligible leader replicas as a preview only. 4.4 completes a reassignment as soon as what was added is in sync. */
function isSimulated(release: string, { elrEnabled, adding, removing }: Line): boolean {
  if (release === "3.9.1") return !elrEnabled;
  return release !== "4.4.0" || (adding === undefined && removing === undefined);
}

describe.each(recorded<Line>("partition-changes"))("kafka $release", ({ release, lines }) => {
  it("changes 2,000 partitions as we do", () => {
    expect(lines).toHaveLength(2000);
    for (const [index, line] of lines.entries()) {
      if (!isSimulated(release, line)) continue;
      expect(answer(line), `line ${index + 2}: ${JSON.stringify(line)}`).toEqual(line.change);
    }
  });
});
