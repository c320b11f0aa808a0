// Groups in short: topics by number of partitions, members by id, partitions as "t1-0 t1-1".
import type {
  AssignedPartition,
  AssignorCluster,
  AssignorName,
  MemberSubscription,
} from "../../../src/client/assignor/assignor.ts";
import { ASSIGNORS } from "../../../src/client/assignor/assignors.ts";

/** Per topic the number of partitions, or the racks of each partition's replicas. */
export type Topics = Readonly<Record<string, number | readonly (readonly (string | null)[])[]>>;

export interface Member {
  readonly topics: string;
  readonly owned?: string;
  readonly generation?: number;
  readonly instance?: string;
  readonly rack?: string;
  /** Never had an assignment: no user data. */
  readonly first?: boolean;
}

export type Members = Readonly<Record<string, Member>>;
export type Shown = Record<string, string>;

export const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");

export const parse = (text: string): AssignedPartition[] =>
  words(text).map((word) => {
    const dash = word.lastIndexOf("-");
    return { topic: word.slice(0, dash), partition: Number(word.slice(dash + 1)) };
  });

export const show = (partitions: readonly AssignedPartition[]): string =>
  partitions.map(({ topic, partition }) => `${topic}-${partition}`).join(" ");

export const sorted = (text: string): string => words(text).sort().join(" ");

export function clusterOf(topics: Topics): AssignorCluster {
  return {
    partitionsOf: (topic) => {
      const partitions = topics[topic];
      return typeof partitions === "object" ? partitions.length : partitions;
    },
    racksOf: (topic, partition) => {
      const partitions = topics[topic];
      const racks = typeof partitions === "object" ? (partitions[partition] ?? []) : [];
      return racks.map((rack) => rack ?? undefined);
    },
  };
}

/** The subscription as a consumer with this assignor would send it: eager ones own nothing when they join. */
export function subscription(
  assignor: AssignorName,
  memberId: string,
  member: Member,
): MemberSubscription {
  const owned = parse(member.owned ?? "");
  const generation = member.generation ?? -1;
  const last = member.first === true ? undefined : owned;
  return {
    memberId,
    groupInstanceId: member.instance,
    topics: words(member.topics).sort(),
    ownedPartitions: assignor === "cooperative-sticky" ? owned : [],
    generationId: generation,
    rackId: member.rack,
    userData:
      assignor === "sticky" ? ASSIGNORS.sticky.subscriptionUserData(last, generation) : undefined,
  };
}

export function assign(assignor: AssignorName, topics: Topics, members: Members): Shown {
  const subscriptions = Object.entries(members).map(([memberId, member]) =>
    subscription(assignor, memberId, member),
  );
  const assignment = ASSIGNORS[assignor].assign(clusterOf(topics), subscriptions);
  return Object.fromEntries([...assignment].map(([memberId, given]) => [memberId, show(given)]));
}

/** The members in the next generation, with what they were given. */
export const rejoined = (members: Members, assignment: Shown, generation: number): Members =>
  Object.fromEntries(
    Object.entries(members).map(([memberId, member]) => [
      memberId,
      { ...member, owned: assignment[memberId] ?? "", generation },
    ]),
  );

/** Repeats the assignment until nobody has to revoke anything; returns the number of generations. */
export function settle(
  assignor: AssignorName,
  topics: Topics,
  first: Members,
): { assignment: Shown; generations: number } {
  let members = first;
  for (let generation = 20; ; generation++) {
    const assignment = assign(assignor, topics, members);
    const revoked = Object.entries(members).some(([memberId, member]) => {
      const given = new Set(words(assignment[memberId] as string));
      return words(member.owned ?? "").some((partition) => !given.has(partition));
    });
    if (!revoked || generation === 30) return { assignment, generations: generation - 19 };
    members = rejoined(members, assignment, generation);
  }
}
