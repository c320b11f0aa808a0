// A scenario with one thing changed: a setting flipped, or a fault left out. What to try is chosen by what the check is about.
import type { CheckName } from "../check/check-name.ts";
import type { ContractSettings } from "../check/contract-settings.ts";
import { contractSettings } from "../runner/settings.ts";
import type { ConsumerSpec, ProducerSpec, Scenario, TopicSpec } from "../scenario/model.ts";

export interface Change {
  readonly kind: "setting" | "fault";
  /** `acks=all`, `without fault leader-dies (ProcessChaos kill)` */
  readonly label: string;
  readonly scenario: Scenario;
}

type Theme = "loss" | "resend" | "group" | "any";

const THEMES: { readonly [K in CheckName]?: Theme } = {
  "lost-write": "loss",
  unseen: "loss",
  durability: "loss",
  "repeatable-read": "loss",
  "inconsistent-offsets": "loss",
  "true-high-watermark-monotonic": "loss",
  "leader-completeness": "loss",
  "isr-sound": "loss",
  "log-matching": "loss",
  duplicate: "resend",
  "nonmonotonic-send": "resend",
  "processed-twice": "group",
  "never-processed": "group",
  "committed-beyond-processed": "group",
  "committed-rewind": "group",
};

const MAX_FAULTS = 8;

export function changesFor(scenario: Scenario, check: CheckName): Change[] {
  const theme = THEMES[check] ?? "any";
  const settings = contractSettings(scenario);
  const flips: Change[] = [];
  const flip = (label: string, changed: Scenario | undefined): void => {
    if (changed !== undefined) flips.push({ kind: "setting", label, scenario: changed });
  };
  if (theme !== "resend" && (theme !== "group" || lossMayFollow(settings))) {
    for (const [label, changed] of replicationFlips(scenario, settings)) flip(label, changed);
  }
  if (theme === "resend" || theme === "any") {
    for (const [label, changed] of producerFlips(scenario, settings)) flip(label, changed);
  }
  if (theme === "group" || theme === "any") {
    for (const [label, changed] of consumerFlips(scenario, settings)) flip(label, changed);
  }
  return [...flips, ...withoutFaults(scenario)];
}

/** Work may be done twice, or never, because the log lost records. */
const lossMayFollow = (settings: ContractSettings): boolean =>
  settings.topics.some(({ unclean }) => unclean) ||
  settings.producers.some(({ acks }) => acks !== "all");

type Flip = readonly [label: string, changed: Scenario | undefined];

function* replicationFlips(scenario: Scenario, settings: ContractSettings): Generator<Flip> {
  yield [
    "acks=all",
    producersWith(scenario, settings, ({ acks }) => acks !== "all", { acks: "all" }),
  ];
  yield [
    "min.insync.replicas=2",
    topicsWith(
      scenario,
      settings,
      ({ minIsr, replicationFactor }) => minIsr < 2 && replicationFactor > 1,
      { "min.insync.replicas": 2 },
    ),
  ];
  yield [
    "unclean.leader.election.enable=false",
    topicsWith(scenario, settings, ({ unclean }) => unclean, {
      "unclean.leader.election.enable": false,
    }),
  ];
  yield ["replicationFactor: 3", moreReplicas(scenario)];
  if (scenario.faults.some(({ action }) => action === "poweroff")) {
    yield [
      "flush.messages=1",
      topicsWith(scenario, settings, ({ flushed }) => !flushed, { "flush.messages": 1 }),
    ];
  }
  yield ["eligible leader replicas (KIP-966)", settings.elr ? undefined : withElr(scenario)];
}

function* producerFlips(scenario: Scenario, settings: ContractSettings): Generator<Flip> {
  yield [
    "enable.idempotence=true",
    producersWith(
      scenario,
      settings,
      ({ idempotence, acks, maxInFlight }) => !idempotence && acks === "all" && maxInFlight <= 5,
      { "enable.idempotence": true },
    ),
  ];
  const plain = ({ idempotence }: ContractSettings["producers"][number]): boolean => !idempotence;
  yield [
    "max.in.flight.requests.per.connection=1",
    producersWith(scenario, settings, (p) => plain(p) && p.maxInFlight > 1, {
      "max.in.flight.requests.per.connection": 1,
    }),
  ];
  yield [
    "retries=0",
    producersWith(scenario, settings, (p) => plain(p) && p.retries > 0, { retries: 0 }),
  ];
}

function* consumerFlips(scenario: Scenario, settings: ContractSettings): Generator<Flip> {
  const processing = (
    wanted: (p: ConsumerSpec["processing"]) => boolean,
    change: Partial<ConsumerSpec["processing"]>,
  ): Scenario | undefined => {
    const hit = (c: ConsumerSpec, i: number): boolean =>
      settings.consumers[i]?.application !== undefined && wanted(c.processing);
    return consumersWith(scenario, hit, (c) => ({
      ...c,
      processing: { ...c.processing, ...change },
    }));
  };
  yield ["commit: sync", processing(({ commit }) => commit !== "sync", { commit: "sync" })];
  yield ["deduplicate: true", processing(({ deduplicate }) => !deduplicate, { deduplicate: true })];
  yield [
    "externalOffsets: true",
    processing(({ externalOffsets }) => !externalOffsets, {
      externalOffsets: true,
      commit: "none",
    }),
  ];
  yield ["handOff: false", processing(({ handOff }) => handOff, { handOff: false })];
  const reset = (c: ConsumerSpec): boolean => c.config["auto.offset.reset"] !== "earliest";
  yield [
    "auto.offset.reset=earliest",
    consumersWith(
      scenario,
      (c, i) => settings.consumers[i]?.autoOffsetReset === "latest" && reset(c),
      (c) => ({
        ...c,
        config: { ...c.config, "auto.offset.reset": "earliest" },
      }),
    ),
  ];
  for (const key of TIMEOUTS)
    yield [`${key} as Kafka has it by default`, withoutTimeout(scenario, key)];
}

/** Settings that are often set low to see something happen. */
const TIMEOUTS = ["max.poll.interval.ms", "session.timeout.ms", "auto.commit.interval.ms"] as const;

function withoutTimeout(scenario: Scenario, key: string): Scenario | undefined {
  return consumersWith(
    scenario,
    (c) => key in c.config,
    (c) => {
      const { [key]: _, ...config } = c.config;
      return { ...c, config };
    },
  );
}

function withoutFaults(scenario: Scenario): Change[] {
  return scenario.faults
    .filter(({ action }) => action !== "release")
    .slice(0, MAX_FAULTS)
    .map((fault) => ({
      kind: "fault" as const,
      label: `without fault ${fault.id} (${fault.kind} ${fault.action})`,
      scenario: {
        ...scenario,
        faults: scenario.faults.filter(
          (other) => other !== fault && !("ref" in other && other.ref === fault.id),
        ),
      },
    }));
}

function producersWith(
  scenario: Scenario,
  settings: ContractSettings,
  hit: (p: ContractSettings["producers"][number]) => boolean,
  config: ProducerSpec["config"],
): Scenario | undefined {
  if (!settings.producers.some(hit)) return undefined;
  const producers = scenario.producers.map((p, i) => {
    const known = settings.producers[i];
    return known !== undefined && hit(known) ? { ...p, config: { ...p.config, ...config } } : p;
  });
  return { ...scenario, producers };
}

function topicsWith(
  scenario: Scenario,
  settings: ContractSettings,
  hit: (t: ContractSettings["topics"][number]) => boolean,
  config: TopicSpec["config"],
): Scenario | undefined {
  if (!settings.topics.some(hit)) return undefined;
  const topics = scenario.topics.map((t, i) => {
    const known = settings.topics[i];
    return known !== undefined && hit(known) ? { ...t, config: { ...t.config, ...config } } : t;
  });
  return { ...scenario, topics };
}

function consumersWith(
  scenario: Scenario,
  hit: (c: ConsumerSpec, index: number) => boolean,
  change: (c: ConsumerSpec) => ConsumerSpec,
): Scenario | undefined {
  if (!scenario.consumers.some(hit)) return undefined;
  return {
    ...scenario,
    consumers: scenario.consumers.map((c, i) => (hit(c, i) ? change(c) : c)),
  };
}

function moreReplicas(scenario: Scenario): Scenario | undefined {
  const ids = scenario.cluster.brokers.map(({ id }) => id);
  if (ids.length < 3 || scenario.topics.every((t) => t.replicationFactor >= 3)) return undefined;
  const topics = scenario.topics.map((t) => {
    if (t.replicationFactor >= 3) return t;
    const replicas = t.replicas?.map((list) =>
      [...list, ...ids.filter((id) => !list.includes(id))].slice(0, 3),
    );
    return { ...t, replicationFactor: 3, replicas };
  });
  return { ...scenario, topics };
}

const withElr = (scenario: Scenario): Scenario => ({
  ...scenario,
  cluster: {
    ...scenario.cluster,
    rules: { ...scenario.cluster.rules, "controller.eligible-leader-replicas": "on" },
  },
});
