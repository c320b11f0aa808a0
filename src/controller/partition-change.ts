// How one partition changes: elections, leader epoch bumps, eligible leader replicas.
// The truth: PartitionChangeBuilder and PartitionRegistration.merge. Pure functions.
import type {
  BrokerId,
  DirectoryId,
  PartitionChange,
  PartitionRegistration,
} from "../protocol/types.ts";
import { NO_LEADER, UNASSIGNED } from "../protocol/types.ts";
import type { Policy } from "./policy.ts";
import { completedReassignment, type Reassignment } from "./reassignment.ts";

/** PREFERRED: the first replica if it may lead, else as ONLINE. UNCLEAN: outside the ISR when nobody in it lives. */
export type Election = "PREFERRED" | "ONLINE" | "UNCLEAN";

export interface ChangeRequest {
  readonly registration: PartitionRegistration;
  readonly policy: Policy;
  /** Effective min ISR: no more than there are replicas. */
  readonly minIsr: number;
  /** Active: registered, unfenced, not shutting down; and with the directory that the replica lies in. */
  readonly isAcceptableLeader: (id: BrokerId) => boolean;
  readonly election?: Election;
  /** Absent: the ISR stays. */
  readonly targetIsr?: readonly BrokerId[];
  /** Absent: the reassignment under way goes on, if there is one. */
  readonly reassignment?: Reassignment;
  readonly targetRecoveryState?: PartitionRegistration["leaderRecoveryState"];
  /** A broker that came back without what it had not flushed: not eligible (KIP-966). */
  readonly uncleanShutdown?: BrokerId;
  /** Where new replicas of a broker lie (DefaultDirProvider); undefined: nobody knows. */
  readonly defaultDir?: (id: BrokerId) => DirectoryId | undefined;
  /** A broker has told where its replica lies. */
  readonly movedTo?: { readonly brokerId: BrokerId; readonly directory: DirectoryId };
}

type Draft = { -readonly [K in keyof PartitionChange]: PartitionChange[K] };

/** What the builder works towards. */
interface Target {
  isr: readonly BrokerId[];
  replicas: readonly BrokerId[];
  adding: readonly BrokerId[];
  removing: readonly BrokerId[];
  elr: readonly BrokerId[];
}

/** PartitionRegistration.merge: every change raises the partition epoch; a leader in it raises the leader epoch. */
export function merge(
  registration: PartitionRegistration,
  change: PartitionChange,
): PartitionRegistration {
  return {
    ...registration,
    ...change,
    leaderEpoch: registration.leaderEpoch + (change.leader === undefined ? 0 : 1),
    partitionEpoch: registration.partitionEpoch + 1,
  };
}

/** The change record of one partition, or undefined when nothing would change. */
export function buildChange(request: ChangeRequest): PartitionChange | undefined {
  const { registration, policy } = request;
  const target = targetOf(request);
  const draft: Draft = {};
  tryElection(request, target, draft);
  if (draft.leader === undefined && !containsAll(target.replicas, registration.replicas)) {
    // Followers that were dropped must notice.
    draft.leader = registration.leader;
  }
  updateElr(request, target, draft);
  // Without ELR the last member stays in the ISR: it alone can bring the partition back without loss.
  const mayStore = target.isr.length > 0 || policy.eligibleLeaderReplicas;
  if (draft.isr === undefined && mayStore && !sameList(target.isr, registration.isr)) {
    draft.isr = target.isr;
  }
  bumpOnShrink(request, draft);
  updateLastKnownLeader(request, draft);
  updateDirectories(request, target, draft);
  if (!sameList(target.replicas, registration.replicas)) draft.replicas = target.replicas;
  if (!sameList(target.removing, registration.removingReplicas)) {
    draft.removingReplicas = target.removing;
  }
  if (!sameList(target.adding, registration.addingReplicas)) draft.addingReplicas = target.adding;
  const recovery = request.targetRecoveryState ?? registration.leaderRecoveryState;
  if (recovery !== registration.leaderRecoveryState) draft.leaderRecoveryState = recovery;
  return Object.keys(draft).length === 0 ? undefined : draft;
}

function targetOf(request: ChangeRequest): Target {
  const { registration } = request;
  const { replicas, addingReplicas: adding, removingReplicas: removing } = registration;
  const target: Target = {
    isr: request.targetIsr ?? registration.isr,
    ...(request.reassignment ?? { replicas, adding, removing }),
    elr: registration.elr,
  };
  const completed = completedReassignment(target, target.isr);
  if (completed !== undefined) {
    target.isr = completed.isr;
    target.replicas = completed.replicas;
    target.adding = [];
    target.removing = [];
  }
  if (request.policy.eligibleLeaderReplicas) target.elr = eligible(request, target);
  return target;
}

/** Whoever left the ISR while it was below min ISR still holds everything up to the high watermark. */
function eligible(request: ChangeRequest, target: Target): readonly BrokerId[] {
  if (target.isr.length >= request.minIsr) return [];
  const candidates = new Set([...target.elr, ...request.registration.isr]);
  return [...candidates]
    .filter((id) => !target.isr.includes(id) && id !== request.uncleanShutdown)
    .sort((a, b) => a - b);
}

function tryElection(request: ChangeRequest, target: Target, draft: Draft): void {
  const { registration } = request;
  const { leader, unclean } = electLeader(request, target);
  if (leader === registration.leader) return;
  draft.leader = leader;
  if (target.elr.includes(leader)) {
    target.isr = [leader];
    target.elr = target.elr.filter((id) => id !== leader);
  }
  if (policyTakesOutsiders(request, target, leader)) target.isr = [...target.isr, leader];
  if (!unclean) return;
  draft.isr = [leader];
  if (registration.leaderRecoveryState !== "RECOVERING") draft.leaderRecoveryState = "RECOVERING";
}

/** Only the planted bug elects from outside without calling it unclean. */
const policyTakesOutsiders = (request: ChangeRequest, target: Target, leader: BrokerId): boolean =>
  request.policy.electAnyReplica && leader !== NO_LEADER && !target.isr.includes(leader);

interface Elected {
  readonly leader: BrokerId;
  readonly unclean: boolean;
}

function electLeader(request: ChangeRequest, target: Target): Elected {
  const { registration, policy, isAcceptableLeader } = request;
  const inSync = (id: BrokerId): boolean =>
    policy.electAnyReplica ||
    target.isr.includes(id) ||
    (target.isr.length === 0 && target.elr.includes(id));
  const isValid = (id: BrokerId): boolean => inSync(id) && isAcceptableLeader(id);
  const clean = (leader: BrokerId): Elected => ({ leader, unclean: false });

  const preferred = target.replicas[0];
  if (request.election === "PREFERRED" && preferred !== undefined && isValid(preferred)) {
    return clean(preferred);
  }
  // A leader that may stay stays.
  if (isValid(registration.leader)) return clean(registration.leader);
  const online = target.replicas.find(isValid);
  if (online !== undefined) return clean(online);
  const lastKnown = lastKnownLeader(request, target);
  if (lastKnown !== undefined) return { leader: lastKnown, unclean: true };
  if (request.election === "UNCLEAN") {
    const live = target.replicas.find(isAcceptableLeader);
    if (live !== undefined) return { leader: live, unclean: true };
  }
  return clean(NO_LEADER);
}

/** KIP-966: ISR and ELR are empty; the last leader is the best that is left. */
function lastKnownLeader(request: ChangeRequest, target: Target): BrokerId | undefined {
  const { registration, policy } = request;
  if (!policy.eligibleLeaderReplicas) return undefined;
  if (target.elr.length > 0 || target.isr.length > 0) return undefined;
  const [last, ...others] = registration.lastKnownElr;
  if (last === undefined || others.length > 0) return undefined;
  return request.isAcceptableLeader(last) ? last : undefined;
}

function updateElr(request: ChangeRequest, target: Target, draft: Draft): void {
  const unclean = draft.isr !== undefined;
  if (unclean || !request.policy.eligibleLeaderReplicas) target.elr = [];
  if (!sameList(target.elr, request.registration.elr)) draft.elr = target.elr;
}

function bumpOnShrink(request: ChangeRequest, draft: Draft): void {
  if (!request.policy.bumpLeaderEpochOnShrink) return;
  if (draft.leader !== undefined || draft.isr === undefined) return;
  if (!containsAll(draft.isr, request.registration.isr)) draft.leader = request.registration.leader;
}

/** Who led when the partition lost its leader is remembered until there is one again (KAFKA-19522). */
function updateLastKnownLeader(request: ChangeRequest, draft: Draft): void {
  const { registration, policy } = request;
  if (!policy.eligibleLeaderReplicas || draft.leader === undefined) return;
  const isKnown = registration.lastKnownElr.length > 0;
  if (draft.leader === NO_LEADER && !isKnown) draft.lastKnownElr = [registration.leader];
  else if (draft.leader !== NO_LEADER && isKnown) draft.lastKnownElr = [];
}

function updateDirectories(
  { registration, movedTo, defaultDir }: ChangeRequest,
  { replicas }: Target,
  draft: Draft,
): void {
  const known = registration.directories;
  if (known === undefined) return;
  const directories = replicas.map((id) => {
    if (id === movedTo?.brokerId) return movedTo.directory;
    return known[registration.replicas.indexOf(id)] ?? defaultDir?.(id) ?? UNASSIGNED;
  });
  if (!sameList(directories, known)) draft.directories = directories;
}

const containsAll = (list: readonly BrokerId[], members: readonly BrokerId[]): boolean =>
  members.every((id) => list.includes(id));

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
