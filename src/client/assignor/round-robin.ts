// RoundRobinAssignor: all partitions in order of topic and number, dealt to the members in turn; who is not subscribed is skipped.
import type { Assignor, AssignorCluster, GroupAssignment, MemberSubscription } from "./assignor.ts";
import { compareByTopic, compareMembers, Group } from "./group.ts";

export const roundRobinAssignor: Assignor = {
  name: "roundrobin",
  supportedProtocols: ["EAGER"],
  assign: assignRoundRobin,
  subscriptionUserData: () => undefined,
};

function assignRoundRobin(
  cluster: AssignorCluster,
  joined: readonly MemberSubscription[],
): GroupAssignment {
  const group = new Group(cluster, joined);
  const assignment = group.noAssignment();
  const circle = [...group.members].sort(compareMembers);
  const at = (turn: number): MemberSubscription =>
    circle[turn % circle.length] as MemberSubscription;
  let turn = 0;
  for (const partition of [...group.topics.values()].flat().sort(compareByTopic)) {
    // Ends: a topic is listed because somebody is subscribed to it.
    while (!at(turn).topics.includes(partition.topic)) turn++;
    assignment.get(at(turn).memberId)?.push(partition);
    turn++;
  }
  return assignment;
}
