import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scenarioJsonSchema } from "../../src/scenario/json-schema.ts";
import { type LoadOptions, loadScenario, ScenarioError } from "../../src/scenario/load.ts";

const HEAD = "apiVersion: faultline/v1\nname: x\ntitle: X\nduration: 60s\n";
const TOPIC = "topics: [{ name: orders, partitions: 2, replicationFactor: 3 }]\n";
const BASE = `${HEAD}${TOPIC}`;

const load = (text: string, options: LoadOptions = {}) => loadScenario(text, "x.yaml", options);
const one = (text: string, options: LoadOptions = {}) => {
  const [scenario] = load(text, options).scenarios;
  if (scenario === undefined) throw new Error("no scenario");
  return scenario;
};

function errors(text: string, options: LoadOptions = {}): string[] {
  try {
    load(text, options);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.diagnostics.map(
      (d) =>
        `${d.file}:${d.line}:${d.column} ${d.message}${d.hint === undefined ? "" : ` | ${d.hint}`}`,
    );
  }
  return [];
}

describe("mistakes of form do not hide mistakes of meaning", () => {
  const FAULT = "faults: [{ kind: ProcessChaos, action: kill, at: 5s, selector: [broker-9] }";
  const NO_BROKER_9 = 'there is no node "broker-9" | did you mean "broker-1"?';

  it("tells a bad fault, a bad setting and a bad duration together with a broker that does not exist", () => {
    const text = `${BASE}clients: { producers: [{ name: p, topic: orders, config: { linger: 3 }, load: { rate: 1/s } }] }\n${FAULT}, { kind: ProcessChaos, action: kil, at: 5s, selector: [broker-1] }]\n`;
    expect(errors(text.replace("60s", "60 parsecs"))).toEqual([
      expect.stringContaining('x.yaml:4:11 "60 parsecs": a duration is'),
      expect.stringContaining('unknown producer setting "linger"'),
      expect.stringContaining(NO_BROKER_9),
      expect.stringContaining("must be one of kill, terminate, pause, restart"),
    ]);
  });

  it("invents no error from what is left out: an id of a broken hold can still be released", () => {
    const text = `${BASE}faults:\n  - { id: h, kind: MessageChaos, action: hold, rpc: Fetch, at: 1 s, bogus: 1 }\n  - { kind: MessageChaos, action: release, ref: h, at: 2s }\n`;
    expect(errors(text).filter((line) => !line.startsWith("x.yaml:7:"))).toEqual([]);
  });

  it("stays silent about meaning when names may have been lost with the mistake", () => {
    const text = `${HEAD}topic: [{ name: orders }]\nclients: { producers: [{ name: p, topic: orders }] }\n`;
    expect(errors(text)).toEqual(['x.yaml:5:1 unknown key "topic" | did you mean "topics"?']);
  });
});

describe("settle", () => {
  const settle = (text: string) => `${BASE}settle: ${text}\n`;
  const HINT = "name brokers or controllers; without core every machine is healed";

  it("is a time, or a time and a core of selectors in any form", () => {
    expect(one(settle("90s"))).toMatchObject({ settleUs: 90_000_000 });
    expect(one(settle("{ within: 5s }"))).toMatchObject({ settleUs: 5_000_000 });
    expect([one(settle("90s")).core, one(settle("{}")).core]).toEqual([undefined, undefined]);
    expect(one(settle("{ core: broker-1 }"))).toMatchObject({ settleUs: 60_000_000 });
    const all = "[broker-1, { leaderOf: orders-0 }, { role: controller }]";
    expect(one(settle(`{ within: 5s, core: ${all} }`))).toMatchObject({
      settleUs: 5_000_000,
      core: [
        { kind: "names", names: ["broker-1"] },
        { kind: "leaderOf", partition: "orders-0" },
        { kind: "role", role: "controller" },
      ],
    });
  });

  it.each([
    ["{ core: [] }", `x.yaml:6:11 the core is empty | ${HINT}`],
    ["{ core: broker-9 }", 'x.yaml:6:17 there is no node "broker-9" | did you mean "broker-1"?'],
    ["{ core: [broker-1, { rack: az-a }] }", 'x.yaml:6:36 there is no rack "az-a"'],
    [
      "{ core: { role: client } }",
      `x.yaml:6:11 the core has no broker and no controller | ${HINT}`,
    ],
    [
      "{ core: { role: brokers } }",
      'x.yaml:6:25 must be one of broker, controller, client | did you mean "broker"?',
    ],
    ["{ cores: broker-1 }", 'x.yaml:6:11 unknown key "cores" | did you mean "core"?'],
    ["{ within: 5 parsecs, core: broker-1 }", '"5 parsecs": a duration is'],
    ["[broker-1]", "x.yaml:6:1 must be a duration like 60s, or { within, core }"],
  ])("%s", (text, message) => {
    expect(errors(settle(text)).join("\n")).toContain(message);
  });

  it("warns of a core in which nobody can be elected", () => {
    const warnings = (text: string) => load(settle(text)).warnings.map(({ message }) => message);
    expect(warnings("{ core: [broker-1, broker-2] }")).toEqual([
      "the core has 0 of 3 voters of the controller quorum: no leader can be elected in it",
    ]);
    expect(warnings("{ core: [broker-1, controller-1, controller-2] }")).toEqual([]);
    expect(warnings("{ core: { mode: one, of: { role: broker } } }")).toEqual([]);
  });
});

describe("a mistake is told with its place and what to do", () => {
  it.each([
    [
      "an unknown key",
      `${BASE}fault: []\n`,
      'x.yaml:6:1 unknown key "fault" | did you mean "faults"?',
    ],
    [
      "a missing key",
      "apiVersion: faultline/v1\nname: x\ntitle: X\n",
      'x.yaml:1:1 missing key "duration"',
    ],
    ["a wrong kind of value", `${HEAD}topics: orders\n`, "x.yaml:5:9 must be a list"],
    [
      "a bad duration",
      BASE.replace("60s", "60 sec"),
      'x.yaml:4:11 "60 sec": a duration is a number with a unit (us, ms, s, m, h or d), like 250ms',
    ],
    [
      "a release without quotes",
      `${HEAD}cluster: { version: 4.1 }\n`,
      'x.yaml:5:21 must be a text | put it in quotes: version: "4.1"',
    ],
    [
      "an old release",
      `${HEAD}cluster: { version: "2.8" }\n`,
      "x.yaml:5:21 Kafka 2.8 is not supported yet | Kafka 3.3 to 4.1 are supported",
    ],
    [
      "zookeeper",
      `${HEAD}cluster: { controlPlane: zookeeper }\n`,
      "x.yaml:5:26 zookeeper is not supported yet | controlPlane: kraft",
    ],
    [
      "a misspelt setting",
      `${HEAD}cluster: { config: { min.insync.replica: 2 } }\n`,
      'x.yaml:5:22 unknown broker setting "min.insync.replica" | did you mean "min.insync.replicas"?',
    ],
    [
      "processors",
      `${BASE}clients: { processors: [] }\n`,
      "x.yaml:6:12 processors are not supported yet",
    ],
    [
      "a metric that there is not",
      `${BASE}expect: { assert: [{ at: end, metric: records_ackd, atLeast: 1 }] }\n`,
      'x.yaml:6:39 unknown metric "records_ackd" | did you mean "records_acked"?',
    ],
    [
      "a label that a metric does not have",
      `${BASE}expect: { assert: [{ at: end, metric: rebalances, labels: { topic: orders }, atLeast: 1 }] }\n`,
      'x.yaml:6:51 metric "rebalances" has no label "topic" | it has group',
    ],
    [
      "the metric of a client that is not there",
      `${BASE}expect: { assert: [{ at: end, metric: record-send-rate, labels: { client-id: nobody }, atLeast: 1 }] }\n`,
      'x.yaml:6:57 there is no client "nobody"',
    ],
    [
      "a threshold on a metric that there is not",
      `${BASE}thresholds: { "produce-latency-ms": "p(99)<5" }\n`,
      'x.yaml:6:15 unknown metric "produce-latency-ms" | did you mean "produce_latency_ms"?',
    ],
    [
      "the trend of a metric that there is not",
      `${BASE}expect: { assert: [{ from: 1s, to: 2s, slope: { metric: lag }, atLeast: 1 }] }\n`,
      'x.yaml:6:57 unknown metric "lag" | reports/reference/metrics.md has all',
    ],
    [
      "more memory stress than there is memory",
      `${BASE}faults: [{ kind: StressChaos, at: 1s, selector: broker-1, stressors: { memory: { size: 64GiB } } }]\n`,
      "x.yaml:6:88 a machine has 32GiB of memory | cluster: { memory: { size: ... } }",
    ],
    [
      "memory stress that is neither a size nor a share",
      `${BASE}faults: [{ kind: StressChaos, at: 1s, selector: broker-1, stressors: { memory: { size: 2GB } } }]\n`,
      "x.yaml:6:88 must be a size like 512MiB or a percentage like 80%",
    ],
    [
      "no stressor",
      `${BASE}faults: [{ kind: StressChaos, at: 1s, selector: broker-1, stressors: {} }]\n`,
      "x.yaml:6:59 needs a stressor | cpu: { load: 80% } or memory: { size: 2GiB }",
    ],
    [
      "an action without its stressor",
      `${BASE}faults: [{ kind: StressChaos, action: cpu, at: 1s, selector: broker-1, stressors: { memory: { size: 2GiB } } }]\n`,
      "x.yaml:6:39 stressors has no cpu",
    ],
    [
      "a heap that fills the machine",
      `${HEAD}cluster: { memory: { size: 1GiB, heap: 1GiB } }\n`,
      "x.yaml:5:12 a heap of 1GiB leaves nothing of 1GiB for the page cache | memory: { size: 32GiB, heap: 6GiB }",
    ],
    [
      "commits without a group",
      `${BASE}clients: { consumers: [{ name: c, topics: [orders], processing: { commit: sync } }] }\n`,
      "x.yaml:6:75 commit: sync needs group.id",
    ],
    [
      "commits that contradict the setting",
      `${BASE}clients: { consumers: [{ name: c, topics: [orders], config: { group.id: g, enable.auto.commit: true }, processing: { commit: sync } }] }\n`,
      "x.yaml:6:126 commit: sync contradicts enable.auto.commit: true",
    ],
    [
      "a group that is not there",
      `${BASE}faults: [{ kind: ProcessChaos, action: kill, at: 1s, selector: { coordinatorOf: g } }]\n`,
      'x.yaml:6:81 there is no group "g"',
    ],
    [
      "an error that Kafka does not have",
      `${BASE}faults: [{ kind: ErrorChaos, at: 1s, selector: broker-1, rpc: Fetch, error: NOT_LEADER }]\n`,
      'x.yaml:6:77 unknown error "NOT_LEADER"',
    ],
    [
      "a node that is not there",
      `${BASE}faults: [{ kind: ProcessChaos, action: kill, at: 1s, selector: broker-9 }]\n`,
      'x.yaml:6:64 there is no node "broker-9" | did you mean "broker-1"?',
    ],
    [
      "too few brokers",
      BASE.replace("replicationFactor: 3", "replicationFactor: 5"),
      "x.yaml:5:60 replicationFactor 5 needs 5 brokers, the cluster has 3",
    ],
    [
      "an unknown event",
      `${BASE}expect: { assert: [{ event: leader.electd }] }\n`,
      'x.yaml:6:29 unknown event "leader.electd" | did you mean "leader.elected"?',
    ],
    [
      "a duplicate key",
      `${HEAD}title: Y\n`,
      'x.yaml:5:1 key "title" is written twice in the same place',
    ],
    [
      "another file name",
      BASE.replace("name: x", "name: y"),
      "x.yaml:2:7 name must equal the file's name, x",
    ],
  ])("%s", (_, text, message) => {
    expect(errors(text)).toEqual([message]);
  });

  it("all of them at once, in the order of the text", () => {
    expect(errors(`${HEAD}topics: 1\nclients: 2\nfaults: 3\n`)).toHaveLength(3);
  });

  it("the text shows two lines, a caret and a hint, and cuts long lines", () => {
    const line = `topics: [${"{ name: aaaaaaaa }, ".repeat(20)}{ nme: b, name: c }]`;
    try {
      load(`${HEAD}${line}`);
      expect.unreachable();
    } catch (error) {
      expect((error as ScenarioError).message).toContain("...");
      const [, , text = "", carets = ""] = (error as ScenarioError).message.split("\n");
      expect(text.length).toBeLessThan(130);
      expect(text.slice(carets.indexOf("^")).startsWith("nme") || text.includes("name")).toBe(true);
    }
    expect(() => load(`${BASE}faul: []`)).toThrowErrorMatchingInlineSnapshot(`
      [ScenarioError: x.yaml:6:1: error: unknown key "faul"  (faul)
      5 | topics: [{ name: orders, partitions: 2, replicationFactor: 3 }]
      6 | faul: []
        | ^^^^

      1 error in x.yaml]
    `);
  });

  it("in a variant points into the patch, in --set into the argument", () => {
    const variants = `${BASE}variants:\n  a: { cluster: { brokers: none } }\n  b: {}\n`;
    expect(errors(variants)[0]).toMatch(/^x\.yaml:7:28 must be a number/);
    expect(errors(BASE, { set: ["duration=5 s"] })[0]).toMatch(/^--set:1:10 "5 s"/);
    expect(errors(BASE, { set: ["nope.x=1"] })[0]).toMatch(/^--set:1:8 unknown key "nope"/);
    expect(errors(variants, { variant: "c" })[0]).toMatch(/there is no variant "c"/);
  });
});

describe("a scenario becomes the model", () => {
  const clients = `${BASE}clients:
  producers: [{ name: p, instances: 2, topic: orders, config: { acks: -1, linger.ms: 1s }, load: { rate: 5/s } }]
  consumers: [{ name: c, instances: 3, topics: [orders] }]
`;
  it("instances are spelled out, consumers share partitions, settings are in Kafka's unit", () => {
    const scenario = one(clients);
    expect(scenario.producers.map(({ name }) => name)).toEqual(["p-1", "p-2"]);
    expect(scenario.producers[0]?.config).toEqual({ acks: "all", "linger.ms": 1000 });
    expect(scenario.consumers.map(({ share }) => share)).toEqual(
      [0, 1, 2].map((index) => ({ index, of: 3 })),
    );
    expect(scenario).toMatchObject({
      seed: "1",
      durationUs: 60e6,
      settleUs: 60e6,
      variant: undefined,
    });
  });

  it("--set reaches dotted names and --seed wins", () => {
    const set = [
      "clients.producers.0.config.linger.ms=7",
      "cluster.config.unclean.leader.election.enable=true",
    ];
    const scenario = one(clients, { set, seed: "9" });
    expect(scenario.producers[0]?.config["linger.ms"]).toBe(7);
    expect(scenario.cluster.config).toEqual({ "unclean.leader.election.enable": true });
    expect(scenario.seed).toBe("9");
  });

  it("variants merge maps and replace lists", () => {
    const text = `${BASE}cluster: { config: { num.partitions: 3 } }\nvariants: { a: { cluster: { config: { min.insync.replicas: 2 } } }, b: { topics: [] } }\n`;
    const { scenarios } = load(text);
    expect(scenarios.map((s) => s.variant)).toEqual(["a", "b"]);
    expect(scenarios[0]?.cluster.config).toEqual({ "num.partitions": 3, "min.insync.replicas": 2 });
    expect(scenarios[1]?.topics).toEqual([]);
  });

  it("the default delivery timeout is raised, an explicit one that is too short is an error", () => {
    const producer = (config: string) =>
      `${BASE}clients: { producers: [{ name: p, topic: orders, load: { rate: 1/s }, config: { ${config} } }] }\n`;
    expect(one(producer("linger.ms: 5m")).producers[0]?.config["delivery.timeout.ms"]).toBe(
      330_000,
    );
    expect(errors(producer("delivery.timeout.ms: 1s"))[0]).toContain(
      "at least linger.ms + request.timeout.ms",
    );
  });
});

describe("whatever the input, the answer is a scenario or diagnostics", () => {
  const seed = `${BASE}cluster: { version: "4.1", config: { min.insync.replicas: 2 } }
faults: [{ id: a, kind: ProcessChaos, action: kill, at: 1s, selector: { leaderOf: orders-0 } }]
expect: { violates: [lost-write], assert: [{ at: end, isr: orders-0, equals: [1] }] }
thresholds: { produce_latency_ms: "p(99)<250" }
variants: { a: { duration: 5s }, b: {} }
`;
  it("for mutated scenarios", () => {
    expect(errors(seed)).toEqual([]);
    const piece = fc.oneof(
      fc.constantFrom(
        "[",
        "{",
        "]",
        "}",
        ":",
        "\t",
        "\0",
        "&a ",
        "*a",
        "!!binary ",
        "null",
        ".nan",
        ".inf",
        "1e400",
        "\n",
        "- ",
        "__proto__: 1",
        "? [a]\n",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const cut = fc.tuple(fc.nat(seed.length), fc.nat(12), piece);
    fc.assert(
      fc.property(fc.array(cut, { minLength: 1, maxLength: 3 }), (cuts) => {
        let text = seed;
        for (const [at, length, by] of cuts)
          text = text.slice(0, at) + by + text.slice(at + length);
        errors(text);
      }),
      { numRuns: 300 },
    );
  });

  it("for empty, huge, deep and self-multiplying files", () => {
    const bomb = `a: &a [1,1]\n${[..."bcdefghijklm"].map((c, i) => `${c}: &${c} [${`*${"abcdefghijkl"[i]},`.repeat(9)}]`).join("\n")}`;
    for (const text of [
      "",
      "[]",
      "5",
      "a".repeat(10_000_000),
      "[".repeat(20_000),
      `${"{a: ".repeat(200)}`,
      bomb,
      "\ud800\u0000",
    ]) {
      expect(errors(text).length).toBeGreaterThan(0);
    }
  });
});

it("the JSON schema teaches every top-level key", () => {
  const schema = scenarioJsonSchema() as { properties: Record<string, { description?: string }> };
  for (const [key, value] of Object.entries(schema.properties))
    expect([key, value.description]).toEqual([key, expect.any(String)]);
  expect(Object.keys(schema.properties)).toContain("variants");
});

describe("a producer's partitioner, costs and compressibility", () => {
  const producer = (rest: string): string =>
    `${BASE}clients: { producers: [{ name: p, topic: orders, load: { rate: 1/s }, ${rest} }] }\n`;

  it("are spelled out", () => {
    const text = producer(
      "costs: { onSend: 5us }, records: { compressedTo: { gzip: 20% } }, partitioner: { regions: { eu: [1] } }",
    );
    const [spec] = one(text).producers;
    expect(spec?.costs).toEqual({ onSendUs: 5, serializersUs: 0, onAcknowledgementUs: 0 });
    expect(spec?.records.compressibility).toEqual({ gzip: 0.2, snappy: 0.5, lz4: 0.5, zstd: 0.35 });
    expect(spec?.partitioner).toEqual({
      separator: ":",
      regions: new Map([["eu", { kind: "partitions", partitions: [1] }]]),
    });
  });

  it("name what exists", () => {
    expect(errors(producer("partitioner: { regions: { eu: [2] } }"))).toEqual([
      expect.stringContaining('there is no partition "orders-2"'),
    ]);
    expect(errors(producer("partitioner: { regions: { eu: { leadersIn: mars } } }"))).toEqual([
      expect.stringContaining('there is no rack "mars"'),
    ]);
    expect(errors(producer("partitioner: { regions: { eu: mars } }"))).toEqual([
      expect.stringContaining("must be a list of partitions, or { leadersIn: rack }"),
    ]);
    expect(errors(producer("records: { compressedTo: 3 }"))).toEqual([
      expect.stringContaining("a percentage carries its sign"),
    ]);
    expect(errors(producer("records: { compressedTo: [3] }"))).toEqual([
      expect.stringContaining("must be a percentage like 40%, or one for each codec"),
    ]);
  });

  it("exclude a partitioner.class", () => {
    const text = producer(
      "config: { partitioner.class: RoundRobinPartitioner }, partitioner: { regions: { eu: [1] } }",
    );
    expect(errors(text)).toEqual([
      expect.stringContaining("does not go with a partitioner of the producer's own"),
    ]);
  });

  it.each([
    ["4.1", "partitioner.class: UniformStickyPartitioner", "was removed in Kafka 4.0"],
    ["3.7", "compression.gzip.level: 3", "exists since Kafka 3.8"],
    ["4.1", "compression.gzip.level: 0", "must not be 0"],
    ["4.1", "compression.type: brotli", "must be none, gzip, snappy, lz4 or zstd"],
  ])("with %s refuses %s: %s", (release, setting, problem) => {
    const text = `${producer(`config: { ${setting} }`)}cluster: { version: "${release}" }\n`;
    expect(errors(text)).toEqual([expect.stringContaining(problem)]);
  });
});

describe("what a demanding reader would stumble over", () => {
  const refused = (text: string, options: LoadOptions = {}) => errors(text, options).join("\n");

  it("says that something is nested too deeply, not that a stack overflowed", () => {
    expect(refused(`${HEAD}x: ${"[".repeat(5000)}${"]".repeat(5000)}\n`)).toMatch(
      /nested (too deeply|more than 40 levels deep)/,
    );
  });

  it("says that aliases repeat too much", () => {
    const rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 12; i++)
      rows.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    expect(refused(rows.join("\n"))).toBe(
      "x.yaml:1:1 the file cannot be read as YAML: its aliases (*name) repeat too much of it",
    );
  });

  it("says that a duration is negative", () => {
    expect(refused(HEAD.replace("60s", "-5s"))).toBe('x.yaml:4:11 "-5s": must not be negative');
  });

  it("points into --set: at the key when it is the key, and says what a list has", () => {
    expect(refused(BASE, { set: ["cluster.brokrs=5"] })).toBe(
      '--set:1:9 unknown key "brokrs" | did you mean "brokers"?',
    );
    expect(refused(BASE, { set: ["topics.orders.partitions=5"] })).toBe(
      '--set:1:1 "topics.orders.partitions=5": there is no item topics.orders: topics has 1 item: 0 | like clients.producers.0.config.acks=1',
    );
    expect(refused(BASE, { set: ["topics.3.partitions=5"] })).toContain(
      "there is no item topics.3: topics has 1 item: 0",
    );
  });

  it("says that there are no variants", () => {
    expect(refused(BASE, { variant: "nope" })).toBe(
      'x.yaml:1:1 there is no variant "nope" | the scenario has no variants',
    );
  });
});
