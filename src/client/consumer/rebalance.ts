// What a consumer does before, during and after a rebalance (ConsumerCoordinator): the last commit, the callbacks of EAGER and COOPERATIVE
// (KIP-429), and as leader the assignment. Left out: pattern subscriptions, changes of the subscription.
import type { Environment } from "../../protocol/environment.ts";
import type { JoinGroupRequest, SyncGroupRequest } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { assert } from "../../sim/assert.ts";
import type { Micros } from "../../sim/kernel.ts";
import type {
  AssignorCluster,
  AssignorUserData,
  MemberSubscription,
} from "../assignor/assignor.ts";
import { assignAtOnce } from "../assignor/sticky.ts";
import type { KnownPartition, Metadata } from "../metadata.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Commit, OffsetCommits } from "./commits.ts";
import { type GroupSettings, isRetriable } from "./group-settings.ts";
import type { JoinGroupAnswer, RebalanceSteps } from "./joining.ts";
import type { Generation, Membership } from "./membership.ts";
import { type SubscriptionState, sorted } from "./subscription-state.ts";

/** The application's ConsumerRebalanceListener, as far as it acts. */
export interface RebalanceListener {
  onPartitionsAssigned(partitions: readonly TopicPartition[]): void;
}

export interface RebalanceParts {
  readonly metadata: Metadata;
  readonly arrivals: Arrivals;
  readonly subscriptions: SubscriptionState;
  readonly listener: RebalanceListener;
  readonly membership: Membership;
  readonly commits: OffsetCommits;
}

export class Rebalance implements RebalanceSteps {
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #settings: GroupSettings;
  readonly #metadata: Metadata;
  readonly #arrivals: Arrivals;
  readonly #subscriptions: SubscriptionState;
  readonly #listener: RebalanceListener;
  readonly #commits: OffsetCommits;
  readonly #membership: Membership;
  /** All topics the group is interested in, while this member leads it. */
  #watched: readonly string[];
  /** The group's leader hands out partitions by racks (KIP-881). */
  readonly #isRackAware: boolean;
  /** This member would assign anew when replicas change racks. */
  readonly #minds: boolean;
  /** What the topics were like when this member made the assignment; undefined: it does not lead. */
  #assignedFor: string | undefined;
  #prepareDeadline: Micros | undefined;
  #commitBefore: Commit | undefined;
  #lastAssignment: readonly TopicPartition[] | undefined;
  #lastGeneration = -1;

  constructor(host: KafkaHost, env: Environment, settings: GroupSettings, parts: RebalanceParts) {
    this.#host = host;
    this.#env = env;
    this.#settings = settings;
    this.#metadata = parts.metadata;
    this.#arrivals = parts.arrivals;
    this.#subscriptions = parts.subscriptions;
    this.#listener = parts.listener;
    this.#membership = parts.membership;
    this.#commits = parts.commits;
    this.#watched = parts.subscriptions.topics;
    this.#isRackAware = env.rules["consumer.rack-aware-assignment"] === "on";
    this.#minds = this.#isRackAware && host.rack !== undefined;
  }

  /** Only the leader looks for changes of the topics. */
  checkMetadata(): void {
    const membership = this.#membership;
    if (this.#assignedFor === undefined || membership.isRejoinNeededOrPending) return;
    if (this.#env.rules.mutant === "new-partitions-overlooked") return;
    if (this.#assignedFor !== this.#snapshot())
      membership.requestRejoin("cached metadata has changed");
  }

  /** Numbers of partitions; for a leader with a rack also where their replicas are, a dead broker being nowhere (KIP-881). */
  #snapshot(): string {
    const topics = this.#watched.map((topic) => {
      const partitions = this.#metadata.partitionsOf(topic);
      if (!this.#minds) return `${topic}:${partitions.length}`;
      const racks = partitions.map((known) => [...new Set(this.#racksOf(known))].sort().join("+"));
      return `${topic}:${racks.join("|")}`;
    });
    return topics.join();
  }

  #racksOf({ replicas }: KnownPartition): readonly (string | undefined)[] {
    return replicas.map((broker) => this.#metadata.rackOf(broker));
  }

  protocols(): JoinGroupRequest["protocols"] {
    // On the wire topics are in order (ConsumerProtocol.serializeSubscription), whatever order they were subscribed in.
    const topics = this.#subscriptions.topics.toSorted();
    const { assigned } = this.#subscriptions;
    const generationId = this.#membership.generation.generationId;
    return this.#settings.assignors.map((assignor) => ({
      name: assignor.name,
      subscription: {
        topics,
        ownedPartitions: assigned,
        generationId,
        rackId: this.#host.rack,
        userData: assignor.subscriptionUserData(this.#lastAssignment, this.#lastGeneration),
      },
    }));
  }

  // Before

  *onJoinPrepare(deadline: Micros, before: Generation): Process<boolean> {
    if (!(yield* this.#commitFirst(deadline))) return false;
    const { assigned } = this.#subscriptions;
    if (before.generationId < 0 || before.memberId === "") {
      if (assigned.length > 0) {
        this.#call("lost", assigned);
        this.#subscriptions.assignFromSubscribed([]);
      }
    } else if (this.#settings.protocol === "EAGER") {
      this.#call("revoked", assigned);
      this.#subscriptions.assignFromSubscribed([]);
    }
    this.#assignedFor = undefined;
    this.#watched = this.#subscriptions.topics;
    this.#prepareDeadline = undefined;
    this.#commitBefore = undefined;
    return true;
  }

  /** The automatic commit before a rebalance, tried again for as long as the coordinator waits for this member. */
  *#commitFirst(deadline: Micros): Process<boolean> {
    const commits = this.#commits;
    const { rebalanceTimeoutUs, retryBackoffUs, protocol } = this.#settings;
    const giveUpAt = this.#prepareDeadline ?? this.#host.now + rebalanceTimeoutUs;
    this.#prepareDeadline = giveUpAt;
    if (commits.isAutomatic && this.#commitBefore === undefined) {
      if (protocol === "EAGER") this.#subscriptions.markPendingRevocation();
      this.#commitBefore = commits.autoCommit();
    }
    const commit = this.#commitBefore;
    if (commit === undefined) return true;
    const until = Math.min(deadline, giveUpAt);
    yield* this.#arrivals.until(() => commit.isDone, until);
    if (this.#host.now >= giveUpAt) return true;
    const hasFailed = commit.error !== undefined && isRetriable(commit.error);
    if (commit.isDone) this.#commitBefore = undefined;
    if (commit.isDone && !hasFailed) return true;
    const pause = Math.min(until - this.#host.now, retryBackoffUs);
    if (pause > 0) yield* this.#host.sleep(pause);
    return false;
  }

  #call(callback: "revoked" | "assigned" | "lost", partitions: readonly TopicPartition[]): void {
    const { groupId: group } = this.#settings;
    const generation = this.#membership.generation.generationId;
    this.#host.emit("consumer.rebalanced", { group, generation, callback, partitions });
  }

  // During

  *onLeaderElected(answer: JoinGroupAnswer): Process<SyncGroupRequest["assignments"]> {
    const topics = new Set(this.#subscriptions.topics);
    for (const { subscription } of answer.members)
      for (const topic of subscription.topics) topics.add(topic);
    this.#watched = [...topics];
    yield* this.#freshMetadata();
    this.#assignedFor = this.#snapshot();
    if (answer.skipAssignment) return [];
    const { assignors } = this.#settings;
    const assignor = assignors.find(({ name }) => name === answer.protocolName);
    assert(assignor !== undefined, () => `no assignor ${answer.protocolName}`);
    const { mutant } = this.#env.rules;
    const assign = mutant === "cooperative-hands-over-at-once" ? assignAtOnce : assignor.assign;
    const divided = assign(this.#cluster(), answer.members.map(memberSubscription));
    const assignments = [...divided].map(([memberId, partitions]) => ({
      memberId,
      assignment: { partitions: partitions.map(this.#interned), userData: undefined },
    }));
    this.#tell(answer, assignments);
    return assignments;
  }

  #tell(
    { generationId, protocolName, members }: JoinGroupAnswer,
    assignments: SyncGroupRequest["assignments"],
  ): void {
    const subscribed = new Set(members.flatMap(({ subscription }) => subscription.topics));
    const known = [...subscribed].flatMap((topic) => this.#metadata.partitionsOf(topic));
    this.#host.note("consumer.assignedGroup", {
      group: this.#settings.groupId,
      generation: generationId,
      protocol: protocolName,
      known: known.map(({ partition }) => partition),
      claimed: members.flatMap(({ subscription }) => subscription.ownedPartitions),
      assignments: assignments.map(({ memberId: member, assignment: { partitions } }) => ({
        member,
        partitions,
      })),
    });
  }

  #cluster(): AssignorCluster {
    const unassigned = this.#env.rules.mutant === "assigns-all-but-last" ? 1 : 0;
    const partitionsOf = (topic: string): number | undefined =>
      this.#metadata.partitionsOf(topic).length - unassigned || undefined;
    if (!this.#isRackAware) return { partitionsOf };
    const racksOf = (topic: string, number: number): readonly (string | undefined)[] => {
      const known = this.#metadata.partitionsOf(topic)[number];
      return known === undefined ? [] : this.#racksOf(known);
    };
    return { partitionsOf, racksOf };
  }

  readonly #interned = (one: { topic: string; partition: number }): TopicPartition =>
    this.#env.partitions.of(one.topic, one.partition);

  /** The leader has to know every topic of the group before it assigns; one that does not exist is asked for once. */
  *#freshMetadata(): Process {
    const metadata = this.#metadata;
    const isNew = metadata.addTopics(this.#watched);
    const isMissing = this.#watched.some((topic) => metadata.partitionsOf(topic).length === 0);
    if (!isNew && !isMissing) return;
    const { version } = metadata;
    metadata.requestUpdate();
    yield* this.#arrivals.until(() => metadata.version > version, Number.POSITIVE_INFINITY);
  }

  // After

  onJoinComplete(generation: Generation, partitions: readonly TopicPartition[]): void {
    const { topics, assigned: owned } = this.#subscriptions;
    const membership = this.#membership;
    const assigned = sorted(partitions);
    if (assigned.some(({ topic }) => !topics.includes(topic))) {
      membership.requestRejoin("received assignment does not match the current subscription");
      return;
    }
    if (this.#settings.protocol === "COOPERATIVE") {
      const revoked = owned.filter((partition) => !assigned.includes(partition));
      if (revoked.length > 0) {
        this.#call("revoked", revoked);
        membership.requestRejoin("need to revoke partitions and re-join");
      }
    }
    this.#lastAssignment = partitions;
    this.#lastGeneration = generation.generationId;
    this.#commits.rescheduleAutoCommit();
    this.#subscriptions.assignFromSubscribed(assigned);
    const added = assigned.filter((partition) => !owned.includes(partition));
    this.#call("assigned", added);
    this.#listener.onPartitionsAssigned(added);
  }

  /** close(): partitions are revoked, or lost when the membership has ended before or is being renewed. */
  onLeavePrepare(): void {
    const { assigned } = this.#subscriptions;
    if (assigned.length === 0) return;
    const membership = this.#membership;
    const { generationId, memberId } = membership.generation;
    const isLost = generationId < 0 || memberId === "" || membership.isRebalancing;
    this.#call(isLost ? "lost" : "revoked", assigned);
    this.#subscriptions.assignFromSubscribed([]);
  }
}

function memberSubscription(member: JoinGroupAnswer["members"][number]): MemberSubscription {
  const { memberId, groupInstanceId, subscription } = member;
  const { topics, ownedPartitions, generationId, rackId } = subscription;
  const userData = subscription.userData as AssignorUserData | undefined;
  return { memberId, groupInstanceId, topics, ownedPartitions, generationId, rackId, userData };
}
