// What exists only while a controller is the active one: the image with what is not committed yet, the brokers' sessions, the periodic work.
// The truth: QuorumController.claim and its periodic tasks.
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { MetadataBatch, TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms, seconds, type Timer } from "../../sim/kernel.ts";
import { type DecisionContext, handleBrokerFenced } from "../decisions.ts";
import { balancePartitionLeaders, isImbalanced, sweepUncleanElections } from "../elections.ts";
import { BrokerHeartbeatManager } from "../heartbeats.ts";
import type { Fact, MetadataImage } from "../state.ts";
import type { TopicContext } from "../topics.ts";
import type { Outcome } from "./outcome.ts";

/** The controller it belongs to. */
interface Owner {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly config: BrokerConfig;
  contextOf(image: MetadataImage): DecisionContext;
  submit(decide: () => Outcome<undefined>, answer: () => void): void;
}

export class ActiveController {
  readonly epoch: number;
  /** Every record appended so far. */
  readonly image: MetadataImage;
  readonly heartbeats: BrokerHeartbeatManager;
  readonly #controller: Owner;
  /** Partitions not led by their first replica. */
  readonly #imbalanced = new Set<TopicPartition>();
  readonly #timers = new Set<Timer>();
  #fencing: Timer | undefined;
  #balancing: Timer | undefined;

  constructor(controller: Owner, epoch: number, image: MetadataImage) {
    this.#controller = controller;
    this.epoch = epoch;
    this.image = image;
    this.heartbeats = new BrokerHeartbeatManager(
      ms(controller.config["broker.session.timeout.ms"]),
    );
  }

  get context(): DecisionContext {
    return this.#controller.contextOf(this.image);
  }

  get topicContext(): TopicContext {
    const { env, host, config } = this.#controller;
    const rng = host.rng("placement");
    return {
      ...this.context,
      names: env.partitions,
      random: { nextInt: (bound) => rng.integer(0, bound - 1) },
      topicDefaults: {
        partitions: config["num.partitions"],
        replicationFactor: config["default.replication.factor"],
      },
    };
  }

  /** Nobody knows when the brokers were last heard of: every session starts anew. */
  start(): void {
    const { config, host } = this.#controller;
    for (const { id, brokerEpoch, fenced } of this.image.brokers.values()) {
      this.heartbeats.register(id, fenced);
      if (!fenced) this.heartbeats.contact(id, brokerEpoch, host.now);
    }
    for (const topic of this.image.topics.values()) {
      for (const registration of topic.partitions) {
        if (isImbalanced(registration)) this.#imbalanced.add(registration.partition);
      }
    }
    this.#every(ms(config["metadata.max.idle.interval.ms"]), () => ({
      records: [{ type: "NoOp" }],
      response: undefined,
      why: "idle",
    }));
    if (this.context.policy.automaticUncleanElection) {
      this.#every(ms(config["unclean.leader.election.interval.ms"]), () => ({
        records: sweepUncleanElections(this.context),
        response: undefined,
        why: "unclean.leader.election.enable allows it",
      }));
    }
    this.afterEvent();
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#fencing?.cancel();
    this.#balancing?.cancel();
  }

  replay(batch: MetadataBatch): void {
    batch.records.forEach((record, index) => {
      const fact = this.image.replay(record, batch.baseOffset + index);
      if (fact !== undefined) this.#note(fact);
    });
  }

  /** What the last event may have made necessary. */
  afterEvent(): void {
    this.#scheduleFencing();
    const { config, host } = this.#controller;
    if (!config["auto.leader.rebalance.enable"]) return;
    if (this.#imbalanced.size === 0 || this.#balancing !== undefined) return;
    const interval = seconds(config["leader.imbalance.check.interval.seconds"]);
    this.#balancing = host.after(interval, () => this.#balance());
  }

  #note(fact: Fact): void {
    if (fact.kind === "topicDeleted") {
      for (const { partition } of fact.topic.partitions) this.#imbalanced.delete(partition);
    } else if (fact.kind === "partition") {
      const { partition } = fact.after;
      if (isImbalanced(fact.after)) this.#imbalanced.add(partition);
      else this.#imbalanced.delete(partition);
    } else if (fact.kind === "broker" && fact.after.brokerEpoch !== fact.before?.brokerEpoch) {
      this.heartbeats.register(fact.after.id, fact.after.fenced);
    }
  }

  #submit(decide: () => Outcome<undefined>): void {
    this.#controller.submit(decide, () => undefined);
  }

  #every(interval: Micros, decide: () => Outcome<undefined>): void {
    if (interval > 0) {
      this.#timers.add(this.#controller.host.every(interval, () => this.#submit(decide)));
    }
  }

  #scheduleFencing(): void {
    if (this.#fencing !== undefined) return;
    const next = this.heartbeats.nextCheck;
    if (next === undefined) return;
    const { host } = this.#controller;
    this.#fencing = host.after(Math.max(0, next - host.now), () => {
      this.#submit(() => {
        this.#fencing = undefined;
        return this.#fenceOneStaleBroker();
      });
    });
  }

  #fenceOneStaleBroker(): Outcome<undefined> {
    const id = this.heartbeats.findStaleBroker(this.#controller.host.now);
    if (id === undefined) return { records: [], response: undefined, why: "" };
    this.heartbeats.endSession(id);
    const registration = this.image.brokers.get(id);
    const records =
      registration === undefined || registration.fenced ? [] : handleBrokerFenced(this.context, id);
    this.heartbeats.touch(id, true, -1);
    return { records, response: undefined, why: `broker-${id}'s session timed out` };
  }

  #balance(): void {
    this.#submit(() => {
      this.#balancing = undefined;
      const records = balancePartitionLeaders(this.context, this.#imbalanced);
      return { records, response: undefined, why: "preferred leader election" };
    });
  }
}
