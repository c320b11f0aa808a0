// A classic consumer group as its coordinator knows it (ClassicGroup): members, generation and state. No timers, no log: those are rebalance.ts.
// Members iterate as in java.util.HashMap, which decides who leads when a leader goes. Left out: protocol types other than "consumer".
import type { ErrorName } from "../../protocol/errors.ts";
import type { GroupMember, GroupState } from "../../protocol/group-apis.ts";
import { JavaHashMap, stringHash } from "../../protocol/java-hash.ts";
import { assert } from "../../sim/assert.ts";
import type { Micros } from "../../sim/kernel.ts";
import { ClassicMember, type MemberTerms, type Protocols } from "./classic-member.ts";
import type { GroupMetadata } from "./records.ts";

export const CONSUMER_PROTOCOL_TYPE = "consumer";

const VALID_PREVIOUS_STATES: Readonly<Record<GroupState, readonly GroupState[]>> = {
  Empty: ["PreparingRebalance"],
  PreparingRebalance: ["Stable", "CompletingRebalance", "Empty"],
  CompletingRebalance: ["PreparingRebalance"],
  Stable: ["CompletingRebalance"],
  Dead: ["Stable", "PreparingRebalance", "CompletingRebalance", "Empty", "Dead"],
};

export class ClassicGroup {
  readonly groupId: string;
  generationId = 0;
  protocolName: string | undefined;
  leaderId: string | undefined;
  /** Someone joined during the initial rebalance since its delay was last extended. */
  newMemberAdded = false;
  subscribedTopics: ReadonlySet<string> | undefined;
  /** Members of the generation whose SyncGroup has not come. */
  readonly pendingSyncMembers = new Set<string>();
  #protocolType: string | undefined;
  #state: GroupState = "Empty";
  #previousState: GroupState = "Dead";
  #currentStateTimestamp: Micros;
  readonly #members = new JavaHashMap<string, ClassicMember>(stringHash);
  readonly #staticMembers = new Map<string, string>();
  /** Ids given out (KIP-394) to clients that have not come back with them. */
  readonly #pendingJoinMembers = new Set<string>();
  /** How many members support a protocol. */
  readonly #supportedProtocols = new JavaHashMap<string, number>(stringHash);

  constructor(groupId: string, now: Micros) {
    this.groupId = groupId;
    this.#currentStateTimestamp = now;
  }

  static fromMetadata(groupId: string, metadata: GroupMetadata): ClassicGroup {
    const { members, protocolName, protocolType, leader } = metadata;
    const group = new ClassicGroup(groupId, metadata.currentStateTimestamp);
    group.#state = members.length === 0 ? "Empty" : "Stable";
    group.generationId = metadata.generationId;
    group.#protocolType = protocolType === "" ? undefined : protocolType;
    group.protocolName = protocolName;
    group.leaderId = leader;
    for (const member of members) {
      group.#insert(ClassicMember.fromMetadata(member, protocolName));
    }
    group.subscribedTopics = group.#computeSubscribedTopics();
    return group;
  }

  get state(): GroupState {
    return this.#state;
  }

  get previousState(): GroupState {
    return this.#previousState;
  }

  get currentStateTimestamp(): Micros {
    return this.#currentStateTimestamp;
  }

  get protocolType(): string | undefined {
    return this.#protocolType;
  }

  get size(): number {
    return this.#members.size;
  }

  get numPendingJoinMembers(): number {
    return this.#pendingJoinMembers.size;
  }

  /** Made by commits alone: no member ever joined. */
  get isSimple(): boolean {
    return (
      this.#protocolType === undefined &&
      this.#state === "Empty" &&
      this.#pendingJoinMembers.size === 0
    );
  }

  // Members

  has(memberId: string): boolean {
    return this.#members.has(memberId);
  }

  member(memberId: string): ClassicMember {
    const member = this.#members.get(memberId);
    assert(member !== undefined, () => `${this.groupId} has no member ${memberId}`);
    return member;
  }

  get members(): ClassicMember[] {
    return [...this.#members.values()];
  }

  isLeader(memberId: string): boolean {
    return this.leaderId === memberId;
  }

  isPending(memberId: string): boolean {
    return this.#pendingJoinMembers.has(memberId);
  }

  addPending(memberId: string): void {
    assert(!this.has(memberId), () => `${memberId} is already a member of ${this.groupId}`);
    this.#pendingJoinMembers.add(memberId);
  }

  staticMemberId(groupInstanceId: string | undefined): string | undefined {
    return groupInstanceId === undefined ? undefined : this.#staticMembers.get(groupInstanceId);
  }

  add(member: ClassicMember): void {
    if (this.size === 0) this.#protocolType = CONSUMER_PROTOCOL_TYPE;
    assert(this.supports(member.protocols), () => `${member.memberId} shares no protocol`);
    this.#insert(member);
  }

  #insert(member: ClassicMember): void {
    const { memberId, groupInstanceId } = member;
    if (groupInstanceId !== undefined) {
      const known = this.#staticMembers.has(groupInstanceId);
      assert(!known, () => `${groupInstanceId} is already a static member of ${this.groupId}`);
      this.#staticMembers.set(groupInstanceId, memberId);
    }
    this.leaderId ??= memberId;
    this.#members.set(memberId, member);
    this.#count(member.protocols, 1);
    this.#pendingJoinMembers.delete(memberId);
  }

  remove(memberId: string): void {
    const member = this.#members.get(memberId);
    if (member !== undefined) {
      this.#members.delete(memberId);
      this.#count(member.protocols, -1);
      if (member.groupInstanceId !== undefined) this.#staticMembers.delete(member.groupInstanceId);
    }
    if (this.isLeader(memberId)) this.leaderId = this.members[0]?.memberId;
    this.#pendingJoinMembers.delete(memberId);
    this.pendingSyncMembers.delete(memberId);
  }

  /** KIP-345: the same instance under a new id. What the old one has parked is the caller's business. */
  replaceStatic(groupInstanceId: string, oldMemberId: string, newMemberId: string): ClassicMember {
    const old = this.member(oldMemberId);
    const member = new ClassicMember({ ...old.identity, memberId: newMemberId }, old);
    member.assignment = old.assignment;
    this.#members.delete(oldMemberId);
    this.#members.set(newMemberId, member);
    if (this.isLeader(oldMemberId)) this.leaderId = newMemberId;
    this.#staticMembers.set(groupInstanceId, newMemberId);
    return member;
  }

  update(member: ClassicMember, terms: MemberTerms): void {
    this.#count(member.protocols, -1);
    this.#count(terms.protocols, 1);
    member.protocols = terms.protocols;
    member.rebalanceTimeoutMs = terms.rebalanceTimeoutMs;
    member.sessionTimeoutMs = terms.sessionTimeoutMs;
  }

  /** Is this the group's member, and this instance's current id? */
  memberError(memberId: string, groupInstanceId: string | undefined): ErrorName {
    if (groupInstanceId !== undefined) {
      const current = this.#staticMembers.get(groupInstanceId);
      if (current === undefined) return "UNKNOWN_MEMBER_ID";
      if (current !== memberId) return "FENCED_INSTANCE_ID";
    }
    return this.has(memberId) ? "NONE" : "UNKNOWN_MEMBER_ID";
  }

  // Joining

  get numAwaitingJoin(): number {
    return this.members.filter((member) => member.awaitingJoin !== undefined).length;
  }

  get notYetRejoined(): ClassicMember[] {
    return this.members.filter((member) => member.awaitingJoin === undefined);
  }

  get hasAllMembersJoined(): boolean {
    return this.notYetRejoined.length === 0 && this.#pendingJoinMembers.size === 0;
  }

  /** The longest of its members': the slowest decides how long a join phase may take. */
  get rebalanceTimeoutMs(): number {
    return this.members.reduce((max, member) => Math.max(max, member.rebalanceTimeoutMs), 0);
  }

  /** The leader keeps its place if it has rejoined. False: nobody has, or there is no leader. */
  maybeElectNewJoinedLeader(): boolean {
    if (this.leaderId === undefined) return false;
    if (this.member(this.leaderId).awaitingJoin !== undefined) return true;
    const joined = this.members.find((member) => member.awaitingJoin !== undefined);
    if (joined === undefined) return false;
    this.leaderId = joined.memberId;
    return true;
  }

  // Protocols

  /** Does the member share a protocol with all others? */
  supports(protocols: Protocols): boolean {
    if (this.#state === "Empty") return protocols.length > 0;
    if (this.#protocolType === undefined) return false;
    return protocols.some(({ name }) => (this.#supportedProtocols.get(name) ?? 0) === this.size);
  }

  /** Each member votes for the first of its protocols that all support; most votes win. */
  selectProtocol(): string {
    const candidates = new Set<string>();
    for (const [name, supporters] of this.#supportedProtocols)
      if (supporters === this.size) candidates.add(name);
    const votes = new JavaHashMap<string, number>(stringHash);
    for (const member of this.members) {
      const vote = member.vote(candidates);
      votes.set(vote, (votes.get(vote) ?? 0) + 1);
    }
    let best: readonly [string, number] | undefined;
    for (const entry of votes) if (best === undefined || entry[1] > best[1]) best = entry;
    assert(best !== undefined, () => `${this.groupId} has no members to vote`);
    return best[0];
  }

  #count(protocols: Protocols, by: 1 | -1): void {
    for (const name of new Set(protocols.map((protocol) => protocol.name)))
      this.#supportedProtocols.set(name, (this.#supportedProtocols.get(name) ?? 0) + by);
  }

  isSubscribedTo(topic: string): boolean {
    return this.subscribedTopics?.has(topic) ?? this.#protocolType !== undefined;
  }

  #computeSubscribedTopics(): ReadonlySet<string> | undefined {
    if (this.#protocolType === undefined) return undefined;
    if (this.size === 0) return new Set();
    if (this.protocolName === undefined) return undefined;
    return new Set(this.members.flatMap((m) => m.subscription(this.protocolName).topics));
  }

  // State

  get canRebalance(): boolean {
    return VALID_PREVIOUS_STATES.PreparingRebalance.includes(this.#state);
  }

  transitionTo(state: GroupState, now: Micros): void {
    const from = this.#state;
    const valid = VALID_PREVIOUS_STATES[state].includes(from);
    assert(valid, () => `group ${this.groupId} cannot go from ${from} to ${state}`);
    this.#previousState = from;
    this.#state = state;
    this.#currentStateTimestamp = now;
  }

  initNextGeneration(now: Micros): void {
    this.generationId++;
    const isEmpty = this.size === 0;
    this.protocolName = isEmpty ? undefined : this.selectProtocol();
    this.subscribedTopics = this.#computeSubscribedTopics();
    this.transitionTo(isEmpty ? "Empty" : "CompletingRebalance", now);
    this.pendingSyncMembers.clear();
  }

  /** What the leader is told of its members. */
  get subscriptions(): GroupMember[] {
    return this.members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      subscription: member.subscription(this.protocolName),
    }));
  }
}
