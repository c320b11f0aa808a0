// Whole scenarios drawn by fast-check: a cluster with settings that promise everything, a workload, and faults that may be anything.
// Absolute times, stable names: a fault taken out moves no other.
import fc from "fast-check";

const RELEASES = ["3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9", "4.0", "4.1"] as const;
const COMBINED = "{ count: 3, mode: combined }";

/** One fault as a line of the scenario; `n` brokers. */
function faultOf(n: number, dedicated: boolean): fc.Arbitrary<string> {
  const broker = fc.integer({ min: 1, max: n }).map((id) => `[broker-${id}]`);
  const someone = fc.oneof(
    { weight: 3, arbitrary: broker },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "{ leaderOf: t-0 }",
        "{ leaderOf: t-1 }",
        "{ followersOf: t-0 }",
        "{ mode: one, of: { role: broker } }",
        "{ coordinatorOf: g }",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "{ activeController: true }",
        dedicated ? "[controller-1]" : "[broker-1]",
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom("[p]", "[c]") },
  );
  const times = fc
    .tuple(fc.integer({ min: 1, max: 25 }), fc.constantFrom("1s", "3s", "8s", "15s", "25s"))
    .map(([at, duration]) => `at: ${at}s, duration: ${duration}`);
  const line = (kind: string, rest: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.tuple(times, rest).map(([when, how]) => `{ kind: ${kind}, ${when}, ${how} }`);
  const named = (text: string) => someone.map((who) => `${text}, selector: ${who}`);
  const server = fc.oneof(broker, fc.constantFrom("{ leaderOf: t-0 }", "{ leaderOf: t-1 }"));
  const onServer = (text: string) => server.map((who) => `${text}, selector: ${who}`);
  const cut = fc
    .tuple(someone, fc.option(broker, { nil: undefined }), fc.constantFrom("to", "from", "both"))
    .map(
      ([who, target, direction]) =>
        `action: partition, selector: ${who}, direction: ${direction}${target === undefined ? "" : `, target: ${target}`}`,
    );
  const shape = fc
    .constantFrom("halves", "ring", "bridge")
    .map((topology) => `action: partition, topology: ${topology}`);
  const rpc = fc
    .tuple(
      fc.constantFrom("Fetch", "Produce", "AlterPartition", "BrokerHeartbeat", "OffsetCommit"),
      fc.constantFrom("request", "response"),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom("drop", "hold"),
    )
    .map(
      ([api, phase, count, action]) =>
        `action: ${action}, rpc: ${api}, phase: ${phase}, count: ${count}`,
    );
  return fc.oneof(
    { weight: 4, arbitrary: line("NetworkChaos", cut) },
    { weight: 1, arbitrary: line("NetworkChaos", shape) },
    {
      weight: 1,
      arbitrary: line("NetworkChaos", named("action: delay, latency: 300ms, jitter: 200ms")),
    },
    { weight: 1, arbitrary: line("NetworkChaos", named("action: loss, loss: 20%")) },
    { weight: 3, arbitrary: line("ProcessChaos", named("action: kill")) },
    { weight: 2, arbitrary: line("ProcessChaos", named("action: pause")) },
    { weight: 2, arbitrary: line("ProcessChaos", onServer("action: terminate")) },
    { weight: 1, arbitrary: line("HostChaos", onServer("action: poweroff")) },
    { weight: 1, arbitrary: line("IOChaos", onServer("action: latency, latency: 200ms")) },
    { weight: 1, arbitrary: line("IOChaos", onServer("action: fault, errno: EIO, percent: 20%")) },
    { weight: 1, arbitrary: line("TimeChaos", onServer("action: timeOffset, timeOffset: 20s")) },
    { weight: 2, arbitrary: line("MessageChaos", rpc) },
  );
}

const consumers = fc.oneof(
  fc.constant("{ name: c, topics: [t], config: { auto.offset.reset: earliest } }"),
  fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom("auto", "sync", "async", "before"),
      fc.constantFrom("range", "cooperative-sticky"),
      fc.constantFrom("1ms", "5ms"),
    )
    .map(
      ([instances, commit, assignor, time]) =>
        `{ name: c, instances: ${instances}, topics: [t], config: { group.id: g, auto.offset.reset: earliest, partition.assignment.strategy: ${assignor} }, processing: { time: ${time}, commit: ${commit} } }`,
    ),
);

/** The text of a scenario with correct settings: acks=all, two in-sync replicas of three, no unclean elections, idempotence. */
const correct: fc.Arbitrary<string> = fc
  .record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    release: fc.constantFrom(...RELEASES),
    brokers: fc.constantFrom(3, 3, 4, 5),
    controllers: fc.constantFrom("3", "3", COMBINED, "1"),
    partitions: fc.constantFrom(2, 3, 6),
    lag: fc.constantFrom("5s", "10s", "30s"),
    latency: fc.constantFrom("500us", "2ms", "20ms"),
    rate: fc.constantFrom("50/s", "200/s", "600/s"),
    producer: fc.constantFrom(
      "acks: all",
      "acks: all, linger.ms: 20",
      "acks: all, max.in.flight.requests.per.connection: 1",
      "acks: all, delivery.timeout.ms: 12s, request.timeout.ms: 5s",
    ),
    keys: fc.constantFrom("", ", keys: { distribution: uniform, cardinality: 50 }"),
    consumers,
  })
  .chain((base) =>
    fc
      .array(faultOf(base.brokers, base.controllers === "3"), { maxLength: 5 })
      .map((faults) => textOf(base, faults)),
  );

interface Base {
  readonly seed: number;
  readonly release: string;
  readonly brokers: number;
  readonly controllers: string;
  readonly partitions: number;
  readonly lag: string;
  readonly latency: string;
  readonly rate: string;
  readonly producer: string;
  readonly keys: string;
  readonly consumers: string;
}

function textOf(b: Base, faults: readonly string[]): string {
  const grouped = b.consumers.includes("group.id");
  // A selector must name what exists.
  const real = faults
    .map((fault) => (grouped ? fault : fault.replace("{ coordinatorOf: g }", "{ leaderOf: t-0 }")))
    .map((fault) =>
      fault.replace("[c]", b.consumers.includes("instances: 1") || !grouped ? "[c]" : "[c-1]"),
    )
    .map((fault) => fault.replace("OffsetCommit", grouped ? "OffsetCommit" : "Fetch"));
  return `apiVersion: faultline/v1
name: generated
title: generated
seed: ${b.seed}
duration: 40s
settle: 150s
cluster:
  version: "${b.release}"
  brokers: ${b.brokers}
  controllers: ${b.controllers}
  config: { min.insync.replicas: 2, replica.lag.time.max.ms: ${b.lag}, offsets.topic.num.partitions: 4 }
  network: { latency: ${b.latency}, jitter: 100us }
topics:
  - { name: t, partitions: ${b.partitions}, replicationFactor: 3 }
clients:
  producers: [{ name: p, topic: t, config: { ${b.producer} }, records: { size: 100B${b.keys} }, load: { rate: ${b.rate} } }]
  consumers: [${b.consumers}]
faults:${real.length === 0 ? " []" : `\n${real.map((fault) => `  - ${fault}`).join("\n")}`}
`;
}

/** The first `count` generated scenarios of a seed: always the same. */
export const generated = (seed: number, count: number): readonly string[] =>
  fc.sample(correct, { seed, numRuns: count });
