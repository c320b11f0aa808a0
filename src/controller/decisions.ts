// What the controller decides about brokers' lives: which ISRs shrink and who leads then. Pure functions of the image.
// The truth: ReplicationControlManager (generateLeaderAndIsrUpdates and its callers).
import type {
  BrokerEpoch,
  BrokerId,
  MetadataRecord,
  PartitionRegistration,
  TopicImage,
} from "../protocol/types.ts";
import { NO_LEADER, UNASSIGNED } from "../protocol/types.ts";
import { buildChange, type ChangeRequest, type Election } from "./partition-change.ts";
import type { Policy } from "./policy.ts";
import type { MetadataImage } from "./state.ts";

/** What decisions depend on besides the image. */
export interface DecisionContext {
  readonly image: MetadataImage;
  readonly policy: Policy;
  /** Cluster defaults of the settings that topics may override. */
  readonly defaults: {
    readonly minInsyncReplicas: number;
    readonly uncleanLeaderElection: boolean;
  };
}

/** A broker is gone, or asked to be fenced: out of every ISR (not as the last member), then fenced. */
export function handleBrokerFenced(context: DecisionContext, id: BrokerId): MetadataRecord[] {
  const records = withoutBroker(context, id);
  const registration = context.image.brokers.get(id);
  if (registration === undefined || registration.fenced) return records;
  return [...records, registrationChange(id, registration.brokerEpoch, { fenced: true })];
}

/** A broker may serve: partitions without a leader may be waiting for it. */
export function handleBrokerUnfenced(
  context: DecisionContext,
  id: BrokerId,
  brokerEpoch: BrokerEpoch,
): MetadataRecord[] {
  const elections = updates(context, {
    concerns: (registration) =>
      registration.leader === NO_LEADER && !context.policy.unfenceElectsNobody,
    added: id,
  });
  return [registrationChange(id, brokerEpoch, { fenced: false }), ...elections];
}

export function handleControlledShutdown(
  context: DecisionContext,
  id: BrokerId,
  brokerEpoch: BrokerEpoch,
): MetadataRecord[] {
  const known = context.image.brokers.get(id)?.inControlledShutdown === true;
  const mark = registrationChange(id, brokerEpoch, { inControlledShutdown: true });
  return [...(known ? [] : [mark]), ...withoutBroker(context, id)];
}

/** A new incarnation registers: the old one is gone, whether it was missed or not. */
export function handleBrokerReplaced(
  context: DecisionContext,
  id: BrokerId,
  cleanShutdown: boolean,
): MetadataRecord[] {
  if (cleanShutdown || !context.policy.eligibleLeaderReplicas) return withoutBroker(context, id);
  return updates(context, {
    concerns: ({ isr, elr }) => isr.includes(id) || elr.includes(id),
    uncleanShutdown: id,
  });
}

/** Does the broker lead anything? */
export function hasLeaderships(image: MetadataImage, id: BrokerId): boolean {
  for (const topic of image.topics.values()) {
    if (topic.partitions.some((registration) => registration.leader === id)) return true;
  }
  return false;
}

export function minInsyncReplicas(context: DecisionContext, topic: TopicImage): number {
  const own = topic.config["min.insync.replicas"];
  return typeof own === "number" ? own : context.defaults.minInsyncReplicas;
}

export function uncleanElectionEnabled(context: DecisionContext, topic: TopicImage): boolean {
  if (!context.policy.automaticUncleanElection) return false;
  const own = topic.config["unclean.leader.election.enable"];
  return typeof own === "boolean" ? own : context.defaults.uncleanLeaderElection;
}

/** The request to change one partition, as every caller starts it. */
export function changeRequest(
  context: DecisionContext,
  topic: TopicImage,
  registration: PartitionRegistration,
): ChangeRequest {
  const automatic: Election = uncleanElectionEnabled(context, topic) ? "UNCLEAN" : "ONLINE";
  return {
    registration,
    policy: context.policy,
    minIsr: Math.min(minInsyncReplicas(context, topic), registration.replicas.length),
    isAcceptableLeader: (id) => context.image.isActive(id) && hasReplica(context, registration, id),
    defaultDir: (id) => context.image.brokers.get(id)?.logDir,
    election: automatic,
  };
}

/** LeaderAcceptor, BrokerRegistration.hasOnlineDir (KIP-858): the directory the replica lies in is one its broker has. */
function hasReplica(
  { image }: DecisionContext,
  { replicas, directories }: PartitionRegistration,
  id: BrokerId,
): boolean {
  const directory = directories?.[replicas.indexOf(id)] ?? UNASSIGNED;
  const online = image.brokers.get(id)?.logDir;
  return directory === UNASSIGNED || online === undefined || directory === online;
}

/** The record of a change, if there is one. */
export function changeRecord(request: ChangeRequest): MetadataRecord | undefined {
  const change = buildChange(request);
  if (change === undefined) return undefined;
  return { type: "PartitionChange", partition: request.registration.partition, change };
}

const withoutBroker = (context: DecisionContext, id: BrokerId): MetadataRecord[] =>
  updates(context, { concerns: ({ isr }) => isr.includes(id), removed: id });

interface Update {
  readonly concerns: (registration: PartitionRegistration) => boolean;
  readonly removed?: BrokerId;
  /** Counts as active though its record is only being written. */
  readonly added?: BrokerId;
  readonly uncleanShutdown?: BrokerId;
}

/** generateLeaderAndIsrUpdates. */
function updates(context: DecisionContext, update: Update): MetadataRecord[] {
  const { removed, added, uncleanShutdown } = update;
  const records: MetadataRecord[] = [];
  for (const topic of context.image.topics.values()) {
    for (const registration of topic.partitions) {
      if (!update.concerns(registration)) continue;
      const record = changeRecord({
        ...changeRequest(context, topic, registration),
        isAcceptableLeader: (id) =>
          id !== removed &&
          id !== uncleanShutdown &&
          (id === added || context.image.isActive(id)) &&
          hasReplica(context, registration, id),
        targetIsr: registration.isr.filter((id) => id !== removed && id !== uncleanShutdown),
        ...(uncleanShutdown === undefined ? {} : { uncleanShutdown }),
      });
      if (record !== undefined) records.push(record);
    }
  }
  return records;
}

function registrationChange(
  id: BrokerId,
  brokerEpoch: BrokerEpoch,
  change: { readonly fenced?: boolean; readonly inControlledShutdown?: boolean },
): MetadataRecord {
  return {
    type: "BrokerRegistrationChange",
    id,
    brokerEpoch,
    fenced: change.fenced,
    inControlledShutdown: change.inControlledShutdown,
  };
}
