// The trace's account of the controller's decisions: told by the quorum leader when it knows them committed, and told once.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type {
  BrokerRegistration,
  MetadataBatch,
  PartitionRegistration,
} from "../../protocol/types.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import type { Fact } from "../state.ts";

interface Note {
  readonly why: string;
  told: boolean;
}

/**
 * Beside each batch, why it was written and whether it has been told. Nodes share batch objects, so a leader that inherits
 * a batch, and learns only later that it was committed, neither tells it twice nor leaves it out. Nothing in the world reads this.
 */
const notes = new WeakMap<MetadataBatch, Note>();

export function noteReason(batch: MetadataBatch, why: string): void {
  notes.set(batch, { why, told: false });
}

/** Emits what a committed batch changed. */
export function tellDecisions(
  host: KafkaHost,
  batch: MetadataBatch,
  facts: readonly Fact[],
  minIsrOf: (fact: Extract<Fact, { readonly kind: "partition" }>) => number,
): void {
  const note = notes.get(batch);
  if (note === undefined || note.told) return;
  note.told = true;
  for (const fact of facts) {
    switch (fact.kind) {
      case "broker":
        tellBroker(host, fact.before, fact.after, note.why);
        break;
      case "topicDeleted":
        host.emit("topic.deleted", { topic: fact.topic.name });
        break;
      case "topicCreated":
        tellTopic(host, fact.topic.name, facts);
        break;
      case "partition":
        if (fact.before !== undefined) tellChange(host, fact.before, fact.after, note.why);
        else {
          const { replicas } = fact.after;
          const minIsr = minIsrOf(fact);
          host.emit("partition.created", { ...about(fact.after), replicas, minIsr });
        }
    }
  }
}

function tellTopic(host: KafkaHost, topic: string, facts: readonly Fact[]): void {
  let partitions = 0;
  let replicationFactor = 0;
  for (const fact of facts) {
    if (fact.kind !== "partition" || fact.topic.name !== topic) continue;
    partitions++;
    replicationFactor = fact.after.replicas.length;
  }
  host.emit("topic.created", { topic, partitions, replicationFactor });
}

function tellBroker(
  host: KafkaHost,
  before: BrokerRegistration | undefined,
  after: BrokerRegistration,
  why: string,
): void {
  const { id: broker, brokerEpoch, incarnation } = after;
  if (before?.brokerEpoch !== brokerEpoch) {
    if (before !== undefined && !before.fenced) host.emit("broker.fenced", { broker, why });
    host.emit("broker.registered", { broker, brokerEpoch, incarnation });
    return;
  }
  if (!before.inControlledShutdown && after.inControlledShutdown) {
    host.emit("broker.shuttingDown", { broker });
  }
  if (before.fenced === after.fenced) return;
  if (after.fenced) host.emit("broker.fenced", { broker, why });
  else host.emit("broker.unfenced", { broker });
}

function tellChange(
  host: KafkaHost,
  before: PartitionRegistration,
  after: PartitionRegistration,
  why: string,
): void {
  const { partition } = after;
  const previous = before.leader;
  if (after.leaderEpoch !== before.leaderEpoch) {
    if (after.leader === NO_LEADER) host.emit("leader.lost", { ...about(after), previous, why });
    else {
      const unclean = !before.isr.includes(after.leader) && !before.elr.includes(after.leader);
      host.emit("leader.elected", { ...about(after), previous, unclean, why });
    }
  }
  const removed = before.isr.filter((id) => !after.isr.includes(id));
  const added = after.isr.filter((id) => !before.isr.includes(id));
  if (removed.length > 0) host.emit("isr.shrunk", { ...about(after), removed, why });
  if (added.length > 0) host.emit("isr.expanded", { ...about(after), added, why });
  if (after.replicas !== before.replicas) {
    const { replicas, addingReplicas: adding, removingReplicas: removing } = after;
    host.emit("replicas.changed", { partition, replicas, adding, removing });
  }
  if (after.elr !== before.elr) host.emit("elr.changed", { partition, elr: after.elr });
}

function about(
  registration: PartitionRegistration,
): Pick<PartitionRegistration, "partition" | "leader" | "leaderEpoch" | "partitionEpoch" | "isr"> {
  const { partition, leader, leaderEpoch, partitionEpoch, isr } = registration;
  return { partition, leader, leaderEpoch, partitionEpoch, isr };
}
