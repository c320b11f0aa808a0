// ConsumerPartitionAssignor: how the leader of a classic group (KIP-429) divides the partitions of the subscribed topics among the
// members. Pure: what a member remembers between generations travels in its subscription. Left out: onAssignment as a method (the
// caller keeps the last assignment and its generation).

export type AssignorName = "range" | "roundrobin" | "sticky" | "cooperative-sticky";
export type RebalanceProtocol = "EAGER" | "COOPERATIVE";

export interface AssignedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What an assignor adds to its member's subscription (Subscription.userData, after deserialization). */
export interface AssignorUserData {
  /** The last assignment: sticky only, whose members have given up what they owned before they join. */
  readonly partitions?: readonly AssignedPartition[];
  /** Of the last assignment, -1 for none; absent in data of version 0. */
  readonly generation?: number;
}

/** One member's subscription as the group's leader reads it from the JoinGroup response. */
export interface MemberSubscription {
  readonly memberId: string;
  readonly groupInstanceId?: string | undefined;
  readonly topics: readonly string[];
  /** Empty under EAGER. Kafka writes them sorted by topic and partition. */
  readonly ownedPartitions: readonly AssignedPartition[];
  /** Generation in which they were owned (KIP-792), or below zero: unknown. */
  readonly generationId: number;
  /** `client.rack` (KIP-881). */
  readonly rackId?: string | undefined;
  readonly userData?: AssignorUserData | undefined;
}

/** What the leader's metadata tells about topics. */
export interface AssignorCluster {
  /** Undefined when the topic is unknown. */
  partitionsOf(topic: string): number | undefined;
  /** Racks of the replicas, offline ones included; undefined for a broker without `broker.rack`. */
  racksOf?(topic: string, partition: number): readonly (string | undefined)[];
}

/** Every member has an entry, an empty one if need be. Members come in the order given. */
export type GroupAssignment = ReadonlyMap<string, readonly AssignedPartition[]>;

export interface Assignor {
  readonly name: AssignorName;
  /** Best first. */
  readonly supportedProtocols: readonly RebalanceProtocol[];
  /** `members` in the order of the JoinGroup response. */
  assign(cluster: AssignorCluster, members: readonly MemberSubscription[]): GroupAssignment;
  /** User data for the next JoinGroup, from the last assignment (undefined: none yet) and its generation. */
  subscriptionUserData(
    lastAssignment: readonly AssignedPartition[] | undefined,
    generation: number,
  ): AssignorUserData | undefined;
}
