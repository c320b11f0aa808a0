// Hand-made run reports: a plain pass, a lesson (the settings permit the loss) and a bug (nothing permits it).
import type {
  CheckEntry,
  PartitionSummary,
  RunReport,
  RunResult,
} from "../../src/runner/result.ts";

const NO_RECORDS = {
  sent: 0,
  acked: 0,
  failed: 0,
  unknown: 0,
  delivered: 0,
  lost: 0,
  duplicated: 0,
};

export const check = (name: string, over: Partial<CheckEntry> = {}): CheckEntry => ({
  name,
  kind: "always",
  status: "held",
  count: 0,
  forms: {},
  permittedBy: null,
  expected: true,
  first: null,
  note: null,
  explanation: [],
  ...over,
});

export const resultOf = (over: Partial<RunResult> = {}): RunResult => ({
  apiVersion: "faultline.result/v1",
  scenario: "steady",
  variant: null,
  seed: "42",
  version: "0.1.0",
  outcome: "as-expected",
  traceHash: "0123456789abcdef",
  events: 123_456,
  virtualTimeMs: 120_000,
  checks: [
    check("lost-write"),
    check("duplicate"),
    check("poll-skip", { status: "not-exercised" }),
  ],
  assertions: [{ text: "isr(orders-0) at end equals [1,2,3]", ok: true, actual: [1, 2, 3] }],
  thresholds: [{ text: "produce_latency_ms p(99)<250", ok: true, actual: 12.41 }],
  records: { ...NO_RECORDS, sent: 60_000, acked: 60_000, delivered: 60_000 },
  topics: [{ topic: "orders", ...NO_RECORDS, sent: 60_000, acked: 60_000, delivered: 60_000 }],
  ledger: { partitions: [], clients: [], cutMs: 0, sides: [] },
  metrics: {
    produce_latency_ms: {
      count: 60_000,
      min: 1.02,
      avg: 3.456,
      med: 3,
      p90: 5,
      p95: 6.5,
      p99: 12.41,
      p999: 40,
      max: 300,
    },
  },
  warnings: [],
  replay: "faultline run scenarios/steady.yaml --seed 42",
  ...over,
});

type Lead = readonly [fromS: number, toS: number, leader: number, epoch: number];

export const partition = (
  name: string,
  leaders: readonly Lead[],
  over: Partial<PartitionSummary> = {},
): PartitionSummary => ({
  name,
  leader: leaders.at(-1)?.[2] ?? -1,
  leaderEpoch: leaders.at(-1)?.[3] ?? 0,
  replicas: [1, 2, 3],
  isr: [1, 2, 3],
  highWatermark: 60_000,
  logEndOffset: 60_000,
  leaders: leaders.map(([from, to, leader, leaderEpoch]) => ({
    fromUs: from * 1e6,
    toUs: to * 1e6,
    leader,
    leaderEpoch,
  })),
  ...over,
});

export const reportOf = (
  over: Partial<RunReport> = {},
  result: Partial<RunResult> = {},
): RunReport => ({
  result: resultOf(result),
  title: "A steady load on a healthy cluster",
  story: undefined,
  source: undefined,
  timeline: [],
  timelineOmitted: 0,
  partitions: [partition("orders-0", [[0, 120, 1, 0]])],
  groups: [],
  clusterText: "Kafka 4.1, KRaft, 3 brokers, 3 controllers",
  ...over,
});

export const passing = (): RunReport => reportOf();

const LOSS = {
  event: 4302,
  atMs: 60_012.3,
  message: "v17 was acked at orders-0@17 (#4211), then broker-2 became leader without it",
};

const unclean = (over: Partial<RunReport>, result: Partial<RunResult>): RunReport =>
  reportOf(
    {
      title: "Choosing availability elects an out-of-sync replica",
      story:
        "RF 3. The ISR shrinks to the leader, the leader dies, and an out-of-sync replica takes over.\n\nWhat only the dead leader had is gone.",
      source: "KIP-106",
      timeline: [
        {
          atUs: 30e6,
          event: 1200,
          who: "scenario",
          kind: "fault",
          text: "NetworkChaos partition broker-1 (cut)",
          times: 1,
          records: 0,
        },
        {
          atUs: 40_012_000,
          event: 1544,
          who: "controller-1",
          kind: "isr",
          text: "orders-0 ISR shrinks to [1], without [2, 3]: replica lag",
          times: 1,
          records: 0,
        },
        {
          atUs: 60e6,
          event: 4100,
          who: "scenario",
          kind: "fault",
          text: "ProcessChaos kill broker-1 (kill-1)",
          times: 1,
          records: 0,
        },
        {
          atUs: 60_000_120,
          event: 4101,
          who: "broker-1",
          kind: "host",
          text: "killed",
          times: 1,
          records: 0,
        },
        {
          atUs: 60_010_000,
          event: 4280,
          who: "controller-1",
          kind: "offline",
          text: "orders-0 has no leader (was broker-1), ISR [1]: broker fenced",
          times: 1,
          records: 0,
        },
        {
          atUs: 69e6,
          event: 4302,
          who: "controller-1",
          kind: "election",
          text: "orders-0 leader none -> broker-2, epoch 2, ISR [2] (UNCLEAN): unclean.leader.election.enable",
          times: 1,
          records: 0,
        },
        {
          atUs: 70e6,
          event: 4400,
          who: "scenario",
          kind: "fault",
          text: "NetworkChaos partition broker-1 ended (cut)",
          times: 1,
          records: 0,
        },
        {
          atUs: 71e6,
          event: 4410,
          who: "checkout",
          kind: "client",
          text: "retries: NOT_LEADER_OR_FOLLOWER",
          times: 12,
          records: 0,
        },
        {
          atUs: 100e6,
          event: 5000,
          who: "scenario",
          kind: "settling",
          text: "load stops, faults are healed, the cluster settles",
          times: 1,
          records: 0,
        },
      ],
      timelineOmitted: 3,
      partitions: [
        partition(
          "orders-0",
          [
            [0.2, 60.01, 1, 0],
            [60.01, 69, -1, 1],
            [69, 120, 2, 2],
          ],
          { isr: [2, 3] },
        ),
        partition("audit-0", [[0.2, 120, 3, 0]]),
      ],
      ...over,
    },
    { scenario: "unclean-election-loss", variant: "unclean", ...result },
  );

export const lesson = (): RunReport =>
  unclean(
    {},
    {
      checks: [
        check("lost-write", {
          status: "permitted",
          count: 12,
          permittedBy: "unclean.leader.election.enable=true",
          first: LOSS,
        }),
        check("duplicate"),
        check("isr-full", { kind: "eventually", note: "rightly stuck: broker-1 never comes back" }),
        check("poll-skip", { status: "not-exercised" }),
      ],
      replay: "faultline run scenarios/unclean-election-loss.yaml --variant unclean --seed 42",
    },
  );

export const bug = (): RunReport =>
  unclean(
    {},
    {
      outcome: "unexpected",
      checks: [
        check("lost-write", { status: "violated", count: 12, expected: false, first: LOSS }),
        check("duplicate", {
          status: "permitted",
          count: 2,
          permittedBy: "enable.idempotence=false",
          expected: false,
        }),
        check("poll-skip", { expected: false }),
        check("log-matching"),
      ],
      assertions: [
        { text: "isr(orders-0) at 55s equals [1]", ok: true, actual: [1] },
        { text: "lag(billing) at end atMost 0", ok: false, actual: 12 },
      ],
      thresholds: [{ text: "produce_latency_ms p(99)<250", ok: false, actual: 9_000.5 }],
      warnings: ["fault slow-disk never touched anything"],
      replay:
        "faultline run scenarios/unclean-election-loss.yaml --variant unclean --seed 42 --until 60.013s",
    },
  );
