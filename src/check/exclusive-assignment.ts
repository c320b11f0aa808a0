// exclusive-assignment: two current members of a group hold one partition in the same generation, in the coordinator's books or by their own
// belief. A member that has been removed and does not know it yet (a zombie) is no current member.
import type { KafkaEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { MembershipView } from "../view/groups.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const exclusiveAssignment: Property = {
  name: "exclusive-assignment",
  kind: "always",
  doc: "In one generation of a group no partition belongs to two of its current members.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "group.assigned": (e) => {
          const members = context.view.groups.get(e.group)?.members;
          exercised ||= (members?.size ?? 0) > 1;
          for (const other of members?.values() ?? []) {
            if (other.member === e.member || other.generation !== e.generation) continue;
            const shared = e.partitions.find((p) => other.partitions.includes(p));
            if (shared === undefined) continue;
            const who = `${e.member} and ${other.member}`;
            const message = `group ${e.group} assigned ${shared.name} to both ${who} in generation ${e.generation}`;
            context.report({ message, evidence: [e.seq], atUs: e.at, node: e.node, count: 1 });
          }
        },
        "consumer.rebalanced": (e) => {
          if (e.callback !== "assigned") return;
          for (const other of context.view.groups.membershipsOf(e.group)) {
            if (other.node === e.node || !isCurrent(context, other, e)) continue;
            const shared = e.partitions.find((p) => other.owned.has(p.index));
            if (shared !== undefined) reportBelief(context, e, other, shared);
          }
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};

function isCurrent(
  { view }: CheckerContext,
  other: MembershipView,
  e: KafkaEvent<"consumer.rebalanced">,
): boolean {
  if (!other.joined || other.group !== e.group || other.generation !== e.generation) return false;
  return view.groups.get(e.group)?.members.has(other.member) ?? false;
}

function reportBelief(
  { hosts, report }: CheckerContext,
  e: KafkaEvent<"consumer.rebalanced">,
  other: MembershipView,
  shared: TopicPartition,
): void {
  const message = `${hosts.name(e.node)} took ${shared.name} in generation ${e.generation} of group ${e.group} while ${hosts.name(other.node)} of the same generation still owned it`;
  report({ message, evidence: [e.seq], atUs: e.at, node: e.node, count: 1 });
}
