// Bugs of the control plane: the quorum, the active controller, and how brokers follow the metadata log.
import { type Case, producers, QUIET } from "./case.ts";

const VOTERS = "[controller-1, controller-2, controller-3]";
const ALONE = (at: string, duration: string): string =>
  `[{ kind: NetworkChaos, action: partition, at: ${at}, duration: ${duration}, selector: { activeController: true }, target: ${VOTERS} }]`;

export const CONTROLLER: readonly Case[] = [
  {
    bug: "quorum-commits-alone",
    caughtBy: "quorum-commit",
    alone: true,
    source: "LeaderState.maybeUpdateHighWatermark",
    story: "the leader of the quorum is cut off from the other voters",
    ...QUIET,
    faults: ALONE("2s", "1500ms"),
    duration: "6s",
  },
  {
    bug: "quorum-hides-divergence",
    caughtBy: "metadata-log-matching",
    alone: true,
    source: "KIP-595",
    story: "a leader of the quorum comes back with records that it wrote while it was cut off",
    ...QUIET,
    faults: ALONE("2s", "8s"),
    duration: "14s",
  },
  {
    bug: "voter-forgets-epoch",
    caughtBy: "quorum-state",
    alone: true,
    source: "FileQuorumStateStore",
    story: "a voter that stood for election in vain is killed and started again",
    ...QUIET,
    rules: "raft.pre-vote: off",
    faults: `[
      { kind: NetworkChaos, action: partition, at: 1s, duration: 10s, selector: [controller-3], target: ${VOTERS} },
      { kind: ProcessChaos, action: kill, at: 9s, selector: [controller-3], duration: 1s }]`,
    duration: "14s",
  },
  {
    bug: "double-vote",
    caughtBy: "election-safety",
    alone: true,
    source: "QuorumState.canGrantVote",
    story: "several voters stand for election at the same time",
    ...QUIET,
    controllers: 5,
    rules: "raft.pre-vote: off",
    faults:
      "[{ kind: ProcessChaos, action: kill, at: 1s, selector: { activeController: true }, duration: 6s }]",
    duration: "9s",
  },
  {
    bug: "isr-takes-fenced",
    caughtBy: "registration-sound",
    alone: true,
    source: "KAFKA-13916",
    story:
      "a follower loses its controllers while a proposal to take it into the ISR is on its way",
    config: "min.insync.replicas: 2, broker.session.timeout.ms: 3s",
    faults: `[
      { kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-3], duration: 4s },
      { id: late, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: request, from: broker-1, count: 1, at: 2s },
      { kind: NetworkChaos, action: partition, when: { event: message.held, fault: late }, selector: [broker-3], target: ${VOTERS}, duration: 6s },
      { kind: MessageChaos, action: release, ref: late, when: { event: broker.fenced, broker: 3, after: 5s } }]`,
    duration: "16s",
  },
  {
    bug: "unfence-elects-nobody",
    caughtBy: "leaders-elected",
    alone: true,
    source: "ReplicationControlManager.handleBrokerUnfenced",
    story: "the only replica of a partition is stopped and started",
    topics: "[{ name: t, replicas: { 0: [1] } }]",
    config: "min.insync.replicas: 1",
    producers: producers("acks: all, delivery.timeout.ms: 5s, request.timeout.ms: 2s"),
    consumers: "[]",
    faults:
      "[{ kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-1], duration: 4s }]",
    duration: "8s",
  },
  {
    bug: "config-changes-overlooked",
    caughtBy: "metadata-image",
    alone: true,
    source: "MetadataDelta.replay",
    story: "the retention of a topic is changed",
    ...QUIET,
    operations: `[{ at: 1s, run: kafka-configs, args: { entity-type: topics, entity-name: t, alter: true, add-config: "retention.ms=60000" } }]`,
    duration: "3s",
  },
  {
    bug: "deposed-leader-reigns-on",
    caughtBy: "metadata-agreement",
    alone: true,
    source: "ReplicaManager.applyDelta",
    story: "the new leader dies before it hears of its election",
    ...QUIET,
    topics: "[{ name: t, replicas: { 0: [2, 1, 3] } }]",
    config: "min.insync.replicas: 2, broker.session.timeout.ms: 3s",
    faults: `[
      { kind: ProcessChaos, action: kill, at: 1s, selector: [broker-2], duration: 4s },
      { kind: ProcessChaos, action: kill, when: { event: leader.elected, leader: 2, after: 8s }, selector: [broker-2], duration: 5s }]`,
    operations:
      "[{ at: 9s, run: kafka-leader-election, args: { election-type: preferred, all-topic-partitions: true } }]",
    duration: "20s",
  },
  {
    bug: "metadata-changes-coalesced",
    caughtBy: "metadata-image",
    source: "MetadataDelta.replay",
    story:
      "the leader changes twice while a follower is cut off from the controllers, and nobody writes",
    ...QUIET,
    topics: "[{ name: t, replicas: { 0: [2, 1, 3] } }]",
    config: "min.insync.replicas: 2, replica.lag.time.max.ms: 60s",
    faults: `[
      { kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-2], duration: 2s },
      { kind: NetworkChaos, action: partition, at: 6s, duration: 3s, selector: [broker-3], target: ${VOTERS} },
      { kind: ProcessChaos, action: terminate, at: 8s, selector: [broker-2], duration: 3s }]`,
    operations:
      "[{ at: 7s, run: kafka-leader-election, args: { election-type: preferred, all-topic-partitions: true } }]",
    duration: "18s",
  },
];
