// Bugs of consumer groups: of the coordinator, of members, of the applications behind them.
import { type Case, member, PRODUCER, READER } from "./case.ts";

const TWO_PARTITIONS = "[{ name: t, replicas: { 0: [1, 2, 3], 1: [2, 3, 1] } }]";
const SYNC = "processing: { time: 1ms, commit: sync }";

export const GROUPS: readonly Case[] = [
  {
    bug: "commit-any-generation",
    caughtBy: "commit-sound",
    alone: true,
    source: "ClassicGroup.validateOffsetCommit",
    story: "a member that was removed long ago still commits",
    producers: `[${PRODUCER.replace("load: { rate: 50/s }", "load: { rate: 50/s, total: 150 }")}]`,
    consumers: `[${member("c", "instances: 2, processing: { time: 40ms, commit: sync, deduplicate: true }", ", max.poll.interval.ms: 7s, session.timeout.ms: 6s")}]`,
    faults: "[{ kind: ProcessChaos, action: pause, at: 9s, selector: [c-1], duration: 14s }]",
    duration: "26s",
  },
  {
    bug: "assigns-all-but-last",
    caughtBy: "unseen",
    alone: true,
    source: "planted",
    story: "nothing happens at all",
    topics: TWO_PARTITIONS,
    consumers: `[${member("c", SYNC)}]`,
    duration: "6s",
  },
  {
    bug: "cooperative-hands-over-at-once",
    caughtBy: "exclusive-assignment",
    alone: true,
    source: "KAFKA-14639",
    story: "a second member joins while the first is busy with records of the partition it keeps",
    topics: TWO_PARTITIONS,
    producers:
      "[{ name: p, topic: t, config: { acks: all }, records: { size: 100B, keys: [a] }, load: { rate: 20/s } }]",
    consumers: `[
      ${member("c", "processing: { time: 40ms, commit: sync }", ", partition.assignment.strategy: cooperative-sticky")},
      ${member("d", "start: 6s, processing: { time: 1ms, commit: sync }", ", partition.assignment.strategy: cooperative-sticky")}]`,
    duration: "12s",
  },
  {
    bug: "generation-starts-over",
    caughtBy: "generation-monotonic",
    alone: true,
    source: "ClassicGroup.initNextGeneration",
    story: "the only member leaves, and another comes",
    consumers: `[${member("c", `stop: 5s, ${SYNC}`)}, ${member("d", `start: 6s, ${SYNC}`)}]`,
    duration: "12s",
  },
  {
    bug: "sessions-never-end",
    caughtBy: "groups-stable",
    alone: true,
    source: "ClassicGroup.completeClassicGroupSession",
    story: "a member dies that had no partition",
    consumers: `[${member("c", `instances: 2, ${SYNC}`, ", session.timeout.ms: 6s")}]`,
    faults: "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [c-2] }]",
    duration: "14s",
  },
  {
    bug: "commits-what-poll-returns",
    caughtBy: "committed-beyond-processed",
    alone: true,
    source: "KAFKA-2942",
    story: "nothing happens at all",
    consumers: `[${member("c", "processing: { time: 5ms, commit: auto }", ", auto.commit.interval.ms: 200ms")}]`,
    duration: "6s",
  },
  {
    bug: "resumes-one-too-far",
    caughtBy: "never-processed",
    alone: true,
    source: "planted",
    story: "the only member dies, and another takes over; somebody else reads everything",
    consumers: `[${member("c", SYNC, ", session.timeout.ms: 6s")}, ${member("d", `start: 8s, ${SYNC}`)}, ${READER.replace("name: c", "name: all")}]`,
    faults: "[{ kind: ProcessChaos, action: kill, at: 5s, selector: [c] }]",
    duration: "18s",
    lessons: ["processed-twice"],
  },
  {
    bug: "async-commits-retried",
    caughtBy: "committed-rewind",
    alone: true,
    source: "KafkaConsumer.commitAsync",
    story: "a commit is lost with its connection",
    consumers: `[${member("c", "processing: { time: 1ms, commit: async }")}]`,
    faults:
      "[{ kind: MessageChaos, action: drop, rpc: OffsetCommit, phase: request, from: c, count: 1, at: 5s }]",
    duration: "10s",
  },
  {
    bug: "memory-of-the-process",
    caughtBy: "processed-twice",
    alone: true,
    source: "idempotent consumer",
    story: "a member dies between its effects and its commit, and is started again",
    consumers: `[${member("c", "processing: { time: 1ms, commit: auto, deduplicate: true }", ", session.timeout.ms: 6s")}]`,
    faults: "[{ kind: ProcessChaos, action: kill, at: 7s, selector: [c], duration: 1s }]",
    duration: "18s",
  },
];
