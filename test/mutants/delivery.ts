// Bugs of producers and consumers, and of what a broker tells them.
import { type Case, PRODUCER, producers, READER } from "./case.ts";

const FAR = "{ latency: 20ms }";
const KILLED =
  "[{ kind: ProcessChaos, action: kill, at: 3s, selector: [broker-1], duration: 11s }]";
const ANSWERS_LOST =
  "[{ kind: MessageChaos, action: drop, rpc: Produce, phase: response, to: p, count: 2, at: 3s }]";

export const DELIVERY: readonly Case[] = [
  {
    bug: "ack-before-replicated",
    caughtBy: "durability",
    alone: true,
    source: "KafkaProducer acks=all",
    story: "followers are far away, and nothing happens",
    network: FAR,
    duration: "3s",
  },
  {
    bug: "ack-before-replicated",
    caughtBy: "lost-write",
    source: "KafkaProducer acks=all",
    story: "the leader dies with acknowledged records its distant followers have not fetched",
    network: FAR,
    faults: KILLED,
    duration: "16s",
  },
  {
    bug: "fetch-ignores-high-watermark",
    caughtBy: "fetch-bounds",
    alone: true,
    source: "FetchIsolation.HIGH_WATERMARK",
    story: "followers are far away, the consumer is as fast as ever",
    network: FAR,
    duration: "3s",
  },
  {
    bug: "fetch-ignores-high-watermark",
    caughtBy: "repeatable-read",
    source: "FetchIsolation.HIGH_WATERMARK",
    story: "a consumer reads what the leader alone has, and the leader dies",
    faults: `[
      { kind: NetworkChaos, action: delay, latency: 300ms, at: 1s, duration: 4s, selector: [broker-1], target: [broker-2, broker-3] },
      { kind: ProcessChaos, action: kill, at: 3s, selector: [broker-1], duration: 11s }]`,
    duration: "16s",
  },
  {
    bug: "duplicate-append-on-leader",
    caughtBy: "duplicate",
    alone: true,
    source: "KIP-98",
    story: "nothing happens at all, and the producer may not retry",
    producers: producers("acks: all, retries: 0"),
    duration: "3s",
  },
  {
    bug: "sequences-ignored",
    caughtBy: "duplicate",
    alone: true,
    source: "KIP-98",
    story: "an answer to the producer is lost, and it sends again",
    faults: ANSWERS_LOST,
  },
  {
    bug: "sequences-ignored",
    caughtBy: "nonmonotonic-send",
    alone: true,
    source: "KIP-98",
    story: "a request is refused while later ones are on their way, and is sent again behind them",
    network: FAR,
    faults:
      "[{ kind: ErrorChaos, selector: [broker-1], rpc: Produce, error: NOT_ENOUGH_REPLICAS, count: 1, at: 3s }]",
  },
  {
    bug: "producer-id-repeats",
    caughtBy: "producer-identity",
    alone: true,
    source: "KIP-730",
    story: "producers of three topics ask the same broker for an id",
    topics:
      "[{ name: t, replicas: { 0: [1, 2, 3] } }, { name: u, replicas: { 0: [1, 2, 3] } }, { name: v, replicas: { 0: [1, 2, 3] } }]",
    producers: `[${PRODUCER}, ${PRODUCER.replace("name: p, topic: t", "name: q, topic: u")}, ${PRODUCER.replace("name: p, topic: t", "name: r, topic: v")}]`,
    duration: "3s",
  },
  {
    bug: "forgets-attempts",
    caughtBy: "aborted-read",
    alone: true,
    source: "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    story: "answers are lost, and the producer may not send again",
    producers: producers("acks: all, retries: 0"),
    faults: ANSWERS_LOST,
  },
  {
    bug: "producer-forgets-batch",
    caughtBy: "sends-resolved",
    alone: true,
    source: "Sender.handleProduceResponse",
    story: "the connection breaks under an answer to the producer",
    faults: ANSWERS_LOST,
  },
  {
    bug: "keys-over-available-partitions",
    caughtBy: "key-order",
    alone: true,
    source: "DefaultPartitioner, KIP-480",
    story: "a partition has no leader for a while, with records that nobody has read yet",
    topics: "[{ name: t, replicas: { 0: [1], 1: [2] } }]",
    config: "min.insync.replicas: 1",
    producers:
      "[{ name: p, topic: t, config: { acks: all }, records: { size: 100B, keys: { distribution: uniform, cardinality: 20 } }, load: { rate: 50/s } }]",
    consumers:
      "[{ name: c, topics: [t], config: { auto.offset.reset: earliest, fetch.min.bytes: 100000, fetch.max.wait.ms: 400ms } }]",
    faults: KILLED,
    duration: "20s",
  },
  {
    bug: "consumer-skips-batch",
    caughtBy: "poll-skip",
    alone: true,
    source: "FetchCollector",
    story: "two consumers pass over different batches, so that each record is read by one of them",
    producers: `[${PRODUCER.replace("rate: 50/s", "rate: 50/s, total: 95").replace("topic: t", "topic: t, start: 1s")}]`,
    consumers: `[${READER}, { name: d, start: 1150ms, topics: [t], config: { auto.offset.reset: latest } }]`,
    duration: "3s",
  },
  {
    bug: "consumer-repeats-batch",
    caughtBy: "nonmonotonic-poll",
    alone: true,
    source: "FetchCollector",
    story: "nothing happens at all",
    duration: "3s",
  },
  {
    bug: "consumer-misreads-batch",
    caughtBy: "inconsistent-offsets",
    alone: true,
    source: "CompletedFetch.nextFetchedRecord",
    story: "one consumer takes a few records a poll, another all there are",
    producers: producers("acks: all, linger.ms: 200"),
    consumers: `[${READER}, { name: few, topics: [t], config: { auto.offset.reset: earliest, max.poll.records: 3 } }]`,
    duration: "3s",
  },
  {
    bug: "validation-never-ends",
    caughtBy: "lag-drained",
    alone: true,
    source: "KIP-320",
    story: "the leader is stopped in good order; another consumer begins after that",
    consumers: `[${READER}, { name: late, start: 6s, topics: [t], config: { auto.offset.reset: earliest } }]`,
    faults:
      "[{ kind: ProcessChaos, action: terminate, at: 3s, selector: [broker-1], duration: 5s }]",
  },
];
