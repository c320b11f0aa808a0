// Plays one scenario on a running cluster and tells what happened.
import type { Scenario } from "../../../src/scenario/model.ts";
import type { ComparableTrace } from "../comparable.ts";
import { RealClients } from "./clients.ts";
import type { RealCluster } from "./cluster.ts";
import { decisionsOf } from "./decisions.ts";
import { Deeds } from "./deeds.ts";
import type { Observation } from "./driver.ts";
import { groupsOf, type Look, lookAt, partitionNames, pointOf } from "./observe.ts";
import { type Plan, planOf, type Step } from "./plan.ts";
import { sleep } from "./processes.ts";
import { consumerTraces, generations, recordResults } from "./told.ts";
import type { ControllerBroker } from "./zookeeper-told.ts";

/** From the last preparation to time zero. */
const LEAD_IN_MS = 1_500;
const SETTLE_STEP_MS = 300;
/** Settled means calm for this long: high watermarks are checkpointed each second. */
const SETTLE_CALM_MS = 2_500;

export interface Played {
  readonly trace: ComparableTrace;
  /** Only with ZooKeeper: in KRaft mode no broker is the controller. */
  readonly controllerBrokers?: readonly ControllerBroker[];
}

export async function play(cluster: RealCluster, scenario: Scenario): Promise<Played> {
  const plan = planOf(scenario, cluster.controlPlane);
  const observations: Observation[] = [];
  cluster.observer = (observation) => observations.push(observation);
  const clients = new RealClients(cluster, scenario, plan.ownProcess);
  try {
    return await new Performance(cluster, scenario, plan, clients, observations).run();
  } finally {
    cluster.observer = () => undefined;
    await clients.end();
  }
}

class Performance {
  readonly #cluster: RealCluster;
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #clients: RealClients;
  readonly #observations: Observation[];
  readonly #deeds: Deeds;
  readonly #looks: Look[] = [];
  readonly #failures: Error[] = [];
  #zero = 0;

  constructor(
    cluster: RealCluster,
    scenario: Scenario,
    plan: Plan,
    clients: RealClients,
    observations: Observation[],
  ) {
    this.#cluster = cluster;
    this.#scenario = scenario;
    this.#plan = plan;
    this.#clients = clients;
    this.#observations = observations;
    this.#deeds = new Deeds(cluster, clients);
  }

  async run(): Promise<Played> {
    const { durationUs } = this.#scenario;
    await this.#prepare();
    this.#zero = Date.now() + LEAD_IN_MS;
    const background: Promise<void>[] = [];
    for (const step of this.#plan.steps) {
      await this.#until(step.atMs);
      const done = this.#perform(step).catch((error) => void this.#failures.push(error));
      // A look takes its time while the scenario goes on; a fault must have begun before the next step.
      if (step.do === "look" || step.do === "closeConsumer") background.push(done);
      else await done;
    }
    await this.#until(durationUs / 1000);
    await Promise.all(background);
    await this.#clients.stopLoads();
    await this.#deeds.settle();
    await this.#settled();
    this.#looks.push(await this.#look("end"));
    if (this.#failures[0] !== undefined) throw this.#failures[0];
    return this.#tell();
  }

  async #prepare(): Promise<void> {
    const topics = this.#scenario.topics.map(
      ({ name, partitions, replicationFactor, replicas, config }) => ({
        ...{ name, partitions, replicationFactor, replicas, config },
      }),
    );
    if (topics.length > 0) await this.#cluster.admin.ask("createTopics", { topics });
    await this.#clients.ready();
  }

  async #until(atMs: number): Promise<void> {
    const wait = this.#zero + atMs - Date.now();
    if (wait > 0) await sleep(wait);
  }

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case "openProducer":
        return this.#clients.openProducer(step.producer);
      case "closeProducer":
        return this.#clients.closeProducer(step.producer);
      case "openConsumer":
        return this.#clients.openConsumer(step.consumer);
      case "closeConsumer":
        return this.#clients.closeConsumer(step.consumer);
      case "send":
        return this.#clients.send(step.producer, step);
      case "inject":
        return this.#deeds.inject(step.fault);
      case "heal":
        return this.#deeds.heal(step.fault);
      case "operate":
        return void (await this.#deeds.operate(step.operation));
      case "look":
        this.#looks.push(await this.#look(step.atMs));
    }
  }

  #look(at: number | "end"): Promise<Look> {
    return lookAt(this.#cluster, this.#clients, this.#scenario, at);
  }

  async #settled(): Promise<void> {
    const until = Date.now() + this.#scenario.settleUs / 1000;
    let calmSince = 0;
    while (Date.now() < until) {
      const calm = await this.#isCalm().catch(() => false);
      if (!calm) calmSince = 0;
      else if (calmSince === 0) calmSince = Date.now();
      else if (Date.now() - calmSince >= SETTLE_CALM_MS) return;
      await sleep(SETTLE_STEP_MS);
    }
  }

  async #isCalm(): Promise<boolean> {
    const sent = this.#observations.filter(({ event }) => event === "sending").length;
    const answered = this.#observations.filter(({ event }) => event === "result").length;
    if (answered < sent) return false;
    const topics = this.#scenario.topics.map(({ name }) => name);
    const known = await this.#cluster.admin.ask("leaders", { topics });
    const alive = new Set(
      this.#cluster.brokers.filter(({ state }) => state !== "down").map(({ spec }) => spec.id),
    );
    const unfenced: number[] = await this.#cluster.admin.ask("brokers");
    if ([...alive].some((id) => !unfenced.includes(id))) return false;
    for (const { leader, isr, replicas } of Object.values<Known>(known)) {
      const live = replicas.filter((id) => alive.has(id));
      if (live.length > 0 && leader < 0) continue;
      if (live.some((id) => !isr.includes(id))) return false;
    }
    return this.#isDrained();
  }

  /** Groups with members are stable, and every consumer is where the high watermark is. */
  async #isDrained(): Promise<boolean> {
    const names = await partitionNames(this.#cluster, this.#scenario);
    const { admin } = this.#cluster;
    const groups = await admin.ask("groups", { groups: groupsOf(this.#scenario) });
    const states = Object.values<{ state: string }>(groups).map(({ state }) => state);
    if (states.some((state) => !["Stable", "Empty", "Dead"].includes(state))) return false;
    const ends = await admin.ask("latestOffsets", { partitions: names });
    for (const { name } of this.#clients.openConsumers) {
      const positions = await this.#clients.driverOf(name).ask("positions", { name });
      for (const [partition, position] of Object.entries(positions ?? {}))
        if (ends[partition] !== null && position !== ends[partition]) return false;
    }
    return true;
  }

  async #tell(): Promise<Played> {
    const scenario = this.#scenario;
    const zero = this.#zero;
    const topics = new Set(scenario.topics.map(({ name }) => name));
    const decisions = await decisionsOf(this.#cluster, topics, zero);
    const { partitions, brokers, controllers, controllerBrokers } = decisions;
    const groups = groupsOf(scenario);
    const rows = await this.#cluster.admin.ask("coordinatorLog", {
      groups,
      dirs: this.#cluster.brokers.map(({ logDir }) => logDir),
      partitions: this.#cluster.offsetsPartitions,
    });
    const trace = {
      ...{ partitions, brokers, controllers },
      producers: recordResults(this.#observations, scenario, zero),
      consumers: consumerTraces(this.#observations, scenario, zero),
      groups: generations(rows, groups, zero),
      transactions: {},
      points: this.#looks.map((look) => pointOf(look, partitions, zero)),
    };
    return { trace, ...(controllerBrokers === undefined ? {} : { controllerBrokers }) };
  }
}

interface Known {
  readonly leader: number;
  readonly isr: readonly number[];
  readonly replicas: readonly number[];
}
