// The trace's account of the controller's decisions: told by the quorum leader when it knows them committed, and told once.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { BrokerRegistration, PartitionRegistration } from "../../protocol/types.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import { nameOf } from "../configs.ts";
import type { Fact } from "../state.ts";

/** Emits what a committed batch changed. */
export function tellDecisions(
  host: KafkaHost,
  why: string,
  facts: readonly Fact[],
  minIsrOf: (fact: Extract<Fact, { readonly kind: "partition" }>) => number,
): void {
  for (const fact of facts) {
    switch (fact.kind) {
      case "broker":
        tellBroker(host, fact.before, fact.after, why);
        break;
      case "topicDeleted":
        host.emit("topic.deleted", { topic: fact.topic.name });
        break;
      case "config":
        tellConfig(host, fact);
        break;
      case "topicCreated":
        tellTopic(host, fact.topic.name, facts);
        break;
      case "partition":
        if (fact.before !== undefined) tellChange(host, fact.before, fact.after, why);
        else {
          const { replicas } = fact.after;
          const minIsr = minIsrOf(fact);
          host.emit("partition.created", { ...about(fact.after), replicas, minIsr });
        }
    }
  }
}

function tellConfig(
  host: KafkaHost,
  { resource, name, value }: Extract<Fact, { readonly kind: "config" }>,
): void {
  const whose = nameOf(resource);
  const named = whose === "" ? "brokers" : `${resource.type} ${whose}`;
  host.emit("config.altered", { resource: named, name, value: String(value ?? "") });
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
  const unclean = isUncleanElection(before, after);
  if (after.leaderEpoch !== before.leaderEpoch) {
    if (after.leader === NO_LEADER) host.emit("leader.lost", { ...about(after), previous, why });
    else host.emit("leader.elected", { ...about(after), previous, unclean, why });
  }
  // An unclean election replaces the ISR, and says so itself.
  if (!unclean) tellIsr(host, before, after, why);
  if (after.replicas !== before.replicas) {
    const { replicas, addingReplicas: adding, removingReplicas: removing } = after;
    host.emit("replicas.changed", { partition, replicas, adding, removing });
  }
  tellDirectories(host, before, after);
  if (after.elr !== before.elr) host.emit("elr.changed", { ...about(after), elr: after.elr });
}

/** Not of replicas that come and go. */
function tellDirectories(
  host: KafkaHost,
  before: PartitionRegistration,
  after: PartitionRegistration,
): void {
  if (after.directories === before.directories || after.replicas !== before.replicas) return;
  after.replicas.forEach((broker, i) => {
    if (after.directories?.[i] === before.directories?.[i]) return;
    host.emit("directories.changed", { ...about(after), broker });
  });
}

function tellIsr(
  host: KafkaHost,
  before: PartitionRegistration,
  after: PartitionRegistration,
  why: string,
): void {
  const removed = before.isr.filter((id) => !after.isr.includes(id));
  const added = after.isr.filter((id) => !before.isr.includes(id));
  if (removed.length > 0) host.emit("isr.shrunk", { ...about(after), removed, why });
  if (added.length > 0) host.emit("isr.expanded", { ...about(after), added, why });
}

/** From outside ISR and ELR. The ISR that completes a reassignment may bring its new leader along, and that is clean. */
function isUncleanElection(before: PartitionRegistration, after: PartitionRegistration): boolean {
  const { leader, leaderRecoveryState } = after;
  if (leader === NO_LEADER || leader === before.leader) return false;
  return (
    leaderRecoveryState === "RECOVERING" &&
    !before.isr.includes(leader) &&
    !before.elr.includes(leader)
  );
}

function about(
  registration: PartitionRegistration,
): Pick<PartitionRegistration, "partition" | "leader" | "leaderEpoch" | "partitionEpoch" | "isr"> {
  const { partition, leader, leaderEpoch, partitionEpoch, isr } = registration;
  return { partition, leader, leaderEpoch, partitionEpoch, isr };
}
