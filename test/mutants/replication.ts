// Bugs of replication: ISR, high watermark, truncation, leadership of partitions.
import { type Case, producers, QUIET } from "./case.ts";

const FAR = "{ latency: 20ms }";
/** Broker 1 keeps the second topic, so that followers go on fetching from it when it has lost the first. */
const PREFERS_TWO =
  "[{ name: t, replicas: { 0: [2, 1, 3] } }, { name: u, replicas: { 0: [1, 2, 3] } }]";
const SHORT_SESSIONS = "min.insync.replicas: 2, broker.session.timeout.ms: 3s";
const THREE_AWAY =
  "{ kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-3], duration: 4s }";
const TWO_AWAY =
  "{ kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-2], duration: 2s }";
const PREFERRED =
  "[{ at: 7s, run: kafka-leader-election, args: { election-type: preferred, all-topic-partitions: true } }]";

export const REPLICATION: readonly Case[] = [
  {
    bug: "elect-any-replica",
    caughtBy: "lost-write",
    source: "PartitionChangeBuilder.electLeader",
    story: "the first live replica of the assignment is not in the ISR when the leader dies",
    config: "min.insync.replicas: 2, replica.lag.time.max.ms: 3s",
    faults: `[
      { kind: NetworkChaos, action: partition, at: 1s, duration: 18s, selector: [broker-2], target: [broker-1, broker-3] },
      { kind: ProcessChaos, action: kill, at: 7s, selector: [broker-1], duration: 12s }]`,
    duration: "21s",
  },
  {
    bug: "hw-from-committed-isr",
    caughtBy: "leader-completeness",
    source: "KIP-497",
    story:
      "the controller has taken a follower into the ISR, the leader has not heard of it, and only that follower survives",
    config: "min.insync.replicas: 1, replica.lag.time.max.ms: 3s",
    faults: `[
      { id: shrink, kind: NetworkChaos, action: partition, at: 1s, duration: 8s, selector: [broker-1], target: [broker-2, broker-3] },
      { id: deaf, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: response, to: broker-1, count: 1, at: 8s },
      { kind: MessageChaos, action: hold, rpc: FetchMetadataLog, phase: response, to: broker-1, when: { event: isr.proposed, change: expand } },
      { kind: NetworkChaos, action: partition, when: { event: message.held, fault: deaf }, selector: [broker-1], target: [broker-2, broker-3] },
      { kind: ProcessChaos, action: kill, when: { event: message.held, fault: deaf, delay: 1s }, selector: [broker-1], duration: 11s }]`,
    duration: "24s",
  },
  {
    bug: "isr-expand-without-epoch-start",
    caughtBy: "isr-agreed",
    alone: true,
    source: "KAFKA-7128",
    story:
      "followers that missed records above the frozen high watermark come back to a leader that has begun a new epoch",
    rules: "controller.eligible-leader-replicas: off",
    config: "min.insync.replicas: 2, replica.lag.time.max.ms: 3s, broker.session.timeout.ms: 3s",
    producers: producers("acks: 1"),
    faults: `[
      { kind: NetworkChaos, action: partition, at: 1s, duration: 15s, selector: [broker-2, broker-3], target: [broker-1] },
      { kind: ProcessChaos, action: kill, at: 8s, selector: [broker-1], duration: 4s }]`,
    duration: "20s",
  },
  {
    bug: "isr-ignores-broker-epoch",
    caughtBy: "isr-agreed",
    alone: true,
    source: "KIP-903",
    story:
      "a follower is stopped and started while a proposal to take it into the ISR is on its way",
    config: SHORT_SESSIONS,
    faults: `[${THREE_AWAY},
      { id: late, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: request, from: broker-1, count: 1, at: 2s },
      { kind: ProcessChaos, action: terminate, when: { event: message.held, fault: late }, selector: [broker-3], duration: 4s },
      { kind: MessageChaos, action: release, ref: late, when: { event: broker.unfenced, broker: 3, nth: 2, after: 1s } }]`,
    duration: "16s",
  },
  {
    bug: "replication.isr-broker-epoch: off",
    caughtBy: "isr-sound",
    alone: true,
    source: "KAFKA-14139",
    story: "a follower's disk is replaced while a proposal to take it into the ISR is on its way",
    config: SHORT_SESSIONS,
    faults: `[${THREE_AWAY},
      { id: late, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: request, from: broker-1, count: 1, at: 2s },
      { kind: HostChaos, action: wipe, when: { event: message.held, fault: late }, selector: [broker-3], duration: 4s },
      { kind: NetworkChaos, action: partition, when: { event: message.held, fault: late }, selector: [broker-3], target: [broker-1], duration: 8s },
      { kind: MessageChaos, action: release, ref: late, when: { event: broker.unfenced, broker: 3, nth: 2, after: 1s } }]`,
    duration: "22s",
  },
  {
    bug: "epochs-outlive-records",
    caughtBy: "log-sound",
    alone: true,
    source: "LeaderEpochFileCache.truncateFromEnd",
    story: "a leader begins an epoch with records that nobody copies, and another takes over",
    topics: "[{ name: t, replicas: { 0: [2, 1, 3] } }]",
    faults: `[${TWO_AWAY},
      { kind: NetworkChaos, action: partition, at: 6500ms, duration: 3s, selector: [broker-2], target: [broker-1, broker-3] },
      { kind: ProcessChaos, action: terminate, at: 8s, selector: [broker-2], duration: 2s }]`,
    operations: PREFERRED,
    duration: "14s",
  },
  {
    bug: "isr-never-grows",
    caughtBy: "isr-full",
    alone: true,
    source: "Partition.maybeExpandIsr",
    story: "a follower is stopped and started",
    faults:
      "[{ kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-3], duration: 1s }]",
    duration: "5s",
  },
  {
    bug: "isr-adopts-late-answer",
    caughtBy: "epochs-monotonic",
    alone: true,
    source: "KIP-497",
    story: "a follower dies before its leader is told that it was taken into the ISR",
    config: SHORT_SESSIONS,
    faults: `[${THREE_AWAY},
      { id: late, kind: MessageChaos, action: hold, rpc: AlterPartition, phase: response, to: broker-1, count: 1, at: 2s },
      { kind: ProcessChaos, action: kill, when: { event: message.held, fault: late, delay: 1s }, selector: [broker-3], duration: 7s },
      { kind: MessageChaos, action: release, ref: late, when: { event: broker.fenced, broker: 3, after: 3s, delay: 1s } },
      { kind: ProcessChaos, action: terminate, at: 14s, selector: [broker-2], duration: 4s }]`,
    duration: "19s",
  },
  {
    bug: "high-watermark-ahead",
    caughtBy: "high-watermark-sound",
    source: "Partition.maybeIncrementLeaderHW",
    story: "the leader calls committed what no follower has",
    network: FAR,
    duration: "3s",
  },
  {
    bug: "follower-high-watermark-uncapped",
    caughtBy: "log-sound",
    alone: true,
    source: "UnifiedLog.updateHighWatermark",
    story: "a follower that was away catches up in several steps",
    config: "min.insync.replicas: 2, replica.fetch.max.bytes: 2000",
    faults:
      "[{ kind: ProcessChaos, action: terminate, at: 1s, selector: [broker-3], duration: 3s }]",
    duration: "8s",
  },
  {
    bug: "append-without-epoch-check",
    caughtBy: "follower-appends",
    source: "ReplicaFetcherThread.processPartitionData",
    story: "an old leader's answer arrives when its follower has been told of a new one",
    network: "{ latency: 30ms, jitter: 20ms }",
    topics: PREFERS_TWO,
    faults: `[${TWO_AWAY}]`,
    operations: PREFERRED,
    duration: "10s",
  },
  {
    bug: "truncate-nothing",
    caughtBy: "log-matching",
    source: "KIP-101",
    story: "a follower that is somewhat behind becomes leader",
    network: FAR,
    topics: PREFERS_TWO,
    producers: producers("acks: 1"),
    lessons: ["lost-write", "inconsistent-offsets", "durability", "nonmonotonic-send"],
    faults: `[${TWO_AWAY},
      { kind: NetworkChaos, action: delay, latency: 300ms, at: 5s, duration: 3s, selector: [broker-1], target: [broker-2] }]`,
    operations: PREFERRED,
    duration: "10s",
  },
  {
    bug: "replication.truncation: high-watermark",
    caughtBy: "truncation-sound",
    alone: true,
    source: "KIP-101",
    story: "another replica becomes leader, and nobody dies",
    network: FAR,
    topics: PREFERS_TWO,
    faults: `[${TWO_AWAY}]`,
    operations: PREFERRED,
    duration: "10s",
  },
  {
    bug: "replication.truncation: high-watermark",
    caughtBy: "true-high-watermark-monotonic",
    source: "KAFKA-1211",
    story: "another replica becomes leader and dies before the others have their records back",
    network: FAR,
    topics: PREFERS_TWO,
    faults: `[${TWO_AWAY},
      { kind: ProcessChaos, action: kill, when: { event: leader.elected, partition: t-0, leader: 2, after: 7s, delay: 50ms }, selector: [broker-1, broker-2], duration: 14s }]`,
    operations: PREFERRED,
    duration: "24s",
  },
  {
    bug: "deposed-leader-reigns-on",
    caughtBy: "single-leader-per-epoch",
    source: "ReplicaManager.applyDelta",
    story: "leadership goes back to the preferred replica, and nobody writes",
    ...QUIET,
    topics: PREFERS_TWO,
    faults: `[${TWO_AWAY}]`,
    operations: PREFERRED,
    duration: "10s",
  },
];
