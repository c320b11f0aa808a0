// A member of a classic group (ClassicGroupMember): who it is, what it subscribed to, what it was assigned, and the request it has parked here.
import type {
  Assignment,
  JoinGroupRequest,
  JoinGroupResponse,
  Subscription,
  SyncGroupResponse,
} from "../../protocol/group-apis.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { assert } from "../../sim/assert.ts";
import type { MemberMetadata } from "./records.ts";

export type Protocols = JoinGroupRequest["protocols"];

export const EMPTY_ASSIGNMENT: Assignment = { partitions: [], userData: undefined };

export type MemberIdentity = Pick<
  MemberMetadata,
  "memberId" | "groupInstanceId" | "clientId" | "clientHost" | "client"
>;

export interface MemberTerms {
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly protocols: Protocols;
}

export class ClassicMember {
  readonly identity: MemberIdentity;
  rebalanceTimeoutMs: number;
  sessionTimeoutMs: number;
  protocols: Protocols;
  assignment: Assignment = EMPTY_ASSIGNMENT;
  /** A member that has not learned its id yet; it cannot send heartbeats. */
  isNew = false;
  awaitingJoin: ((response: JoinGroupResponse) => void) | undefined;
  awaitingSync: ((response: SyncGroupResponse) => void) | undefined;

  constructor(identity: MemberIdentity, terms: MemberTerms) {
    this.identity = identity;
    this.rebalanceTimeoutMs = terms.rebalanceTimeoutMs;
    this.sessionTimeoutMs = terms.sessionTimeoutMs;
    this.protocols = terms.protocols;
  }

  get memberId(): string {
    return this.identity.memberId;
  }

  get groupInstanceId(): string | undefined {
    return this.identity.groupInstanceId;
  }

  get isStatic(): boolean {
    return this.groupInstanceId !== undefined;
  }

  /** A member with a parked request cannot send heartbeats on that connection; a new one may expire all the same. */
  get hasSatisfiedHeartbeat(): boolean {
    if (this.isNew) return false;
    return this.awaitingJoin !== undefined || this.awaitingSync !== undefined;
  }

  subscription(protocolName: string | undefined): Subscription {
    const found = this.protocols.find(({ name }) => name === protocolName);
    assert(found !== undefined, () => `${this.memberId} does not support ${protocolName}`);
    return found.subscription;
  }

  matches(protocols: Protocols): boolean {
    return (
      protocols.length === this.protocols.length &&
      protocols.every(({ name, subscription }, i) => {
        const own = this.protocols[i];
        return own?.name === name && equalSubscriptions(own.subscription, subscription);
      })
    );
  }

  /** The first of its protocols that is a candidate. */
  vote(candidates: ReadonlySet<string>): string {
    const found = this.protocols.find(({ name }) => candidates.has(name));
    assert(found !== undefined, () => `${this.memberId} supports none of the candidates`);
    return found.name;
  }

  completeJoin(response: JoinGroupResponse): void {
    const reply = this.awaitingJoin;
    this.awaitingJoin = undefined;
    reply?.(response);
  }

  /** False when no SyncGroup was parked. */
  completeSync(response: SyncGroupResponse): boolean {
    const reply = this.awaitingSync;
    this.awaitingSync = undefined;
    reply?.(response);
    return reply !== undefined;
  }

  toMetadata(protocolName: string | undefined, assignment: Assignment): MemberMetadata {
    const { rebalanceTimeoutMs, sessionTimeoutMs } = this;
    const subscription = this.subscription(protocolName);
    return { ...this.identity, rebalanceTimeoutMs, sessionTimeoutMs, subscription, assignment };
  }

  static fromMetadata(metadata: MemberMetadata, protocolName: string | undefined): ClassicMember {
    const { subscription, assignment, rebalanceTimeoutMs, sessionTimeoutMs } = metadata;
    const { memberId, groupInstanceId, clientId, clientHost, client } = metadata;
    const protocols = [{ name: protocolName ?? "", subscription }];
    const member = new ClassicMember(
      { memberId, groupInstanceId, clientId, clientHost, client },
      { rebalanceTimeoutMs, sessionTimeoutMs, protocols },
    );
    member.assignment = assignment;
    return member;
  }
}

/** Kafka compares the serialized bytes. */
function equalSubscriptions(a: Subscription, b: Subscription): boolean {
  return (
    sameList(a.topics, b.topics) &&
    sameList<TopicPartition>(a.ownedPartitions, b.ownedPartitions) &&
    a.generationId === b.generationId &&
    a.rackId === b.rackId &&
    equalData(a.userData, b.userData)
  );
}

const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);

/** An assignor's own data: plain values, arrays, records and maps. */
function equalData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const left = a instanceof Map ? [...a] : Object.entries(a);
  const right = b instanceof Map ? [...b] : Object.entries(b);
  return left.length === right.length && left.every((item, i) => equalPair(item, right[i]));
}

const equalPair = (
  [key, value]: readonly [unknown, unknown],
  other: readonly [unknown, unknown] | undefined,
): boolean => other !== undefined && key === other[0] && equalData(value, other[1]);
