// A KRaft controller: a voter of the quorum and, while it leads, the one that decides. The truth: QuorumController.
// One event at a time; records are replayed when they are appended, and a request is answered when its records are committed.
// Left out: snapshots, feature levels, dynamic configuration.
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { ClusterView } from "../../protocol/roles.ts";
import type { MetadataBatch, Offset } from "../../protocol/types.ts";
import { type Micros, ms, us } from "../../sim/kernel.ts";
import type { Station } from "../../sim/station.ts";
import { type DecisionContext, minInsyncReplicas } from "../decisions.ts";
import { policyFor } from "../policy.ts";
import { changesImage, type Fact, MetadataImage } from "../state.ts";
import { ActiveController } from "./active-controller.ts";
import { type ControllerFront, controllerHandlers } from "./controller-handlers.ts";
import { tellDecisions } from "./decision-events.ts";
import type { Outcome } from "./outcome.ts";
import { endOf } from "./raft/log.ts";
import { RaftNode } from "./raft/raft-node.ts";

export interface ControllerSettings {
  readonly config: BrokerConfig;
}

/** What the cluster layer may look at. */
export interface ControllerProgram {
  /** Epoch in which this node is the active controller. */
  readonly activeEpoch: number | undefined;
  /** Committed metadata, as far as this node knows. */
  readonly image: ClusterView;
  /** Ends a leadership before the process ends: the others need not wait for a timeout. Returns when there is another leader, or soon. */
  handOver(): Process<void>;
}

/** What a controller runs, called again at each boot. */
export function kraftController(
  host: KafkaHost,
  env: Environment,
  settings: ControllerSettings,
): ControllerProgram {
  return new QuorumController(host, env, settings.config);
}

/** What one event costs the event thread, and each record it writes. */
const EVENT_US = us(50);
const RECORD_US = us(5);
/** KafkaRaftClient waits this long for a successor. */
const SHUTDOWN_MS = 5000;

interface Deferred {
  readonly offset: Offset;
  readonly done: (committed: boolean) => void;
}

class QuorumController implements ControllerProgram, ControllerFront {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly config: BrokerConfig;
  readonly #raft: RaftNode;
  readonly #station: Station;
  readonly #committed = new MetadataImage();
  #active: ActiveController | undefined;
  /** Answers that wait for their records, by offset. */
  #deferred: Deferred[] = [];
  #appended: Offset = 0;

  constructor(host: KafkaHost, env: Environment, config: BrokerConfig) {
    this.host = host;
    this.env = env;
    this.config = config;
    this.#station = host.station("controller", { servers: 1 });
    this.#raft = new RaftNode(host, env, config, {
      committed: (batch) => this.#commit(batch),
      claimed: (epoch) => this.#activate(epoch),
      renounced: (why) => this.#renounce(why),
    });
    host.serve(controllerHandlers(this));
    // On a combined node the broker goes first, and decides when the process ends.
    if (!env.brokers.includes(host.id)) host.onTerminate(() => host.spawn(this.#shutDown()));
  }

  get activeEpoch(): number | undefined {
    return this.#active?.epoch;
  }

  get active(): ActiveController | undefined {
    return this.#active;
  }

  get image(): ClusterView {
    return this.#committed;
  }

  /** Queues an event. `answer` hears undefined when this is not, or no longer, the active controller. */
  submit<R>(
    decide: (active: ActiveController, waited: Micros) => Outcome<R>,
    answer: (response: R | undefined) => void,
  ): void {
    const active = this.#active;
    if (active === undefined) return answer(undefined);
    const arrived = this.host.now;
    this.#station.submit(EVENT_US, () => {
      if (this.#active !== active) return answer(undefined);
      const outcome = decide(active, this.host.now - arrived);
      this.#write(active, outcome);
      // Even an answer without records waits: it may rest on records that are not committed yet.
      this.#defer((committed) => answer(committed ? outcome.response : undefined));
    });
  }

  /** What decisions are made from. */
  contextOf(image: MetadataImage): DecisionContext {
    const changed = image.brokerConfigs.get(undefined) ?? {};
    const minIsr = changed["min.insync.replicas"];
    const unclean = changed["unclean.leader.election.enable"];
    return {
      image,
      policy: policyFor(this.env.rules),
      defaults: {
        minInsyncReplicas: typeof minIsr === "number" ? minIsr : this.config["min.insync.replicas"],
        uncleanLeaderElection:
          typeof unclean === "boolean" ? unclean : this.config["unclean.leader.election.enable"],
      },
    };
  }

  #write<R>(active: ActiveController, { records, why, written }: Outcome<R>): void {
    if (records.length > 0) {
      const batch = this.#raft.append(records);
      this.env.decisions.add(batch, why);
      this.#appended = endOf(batch);
      active.replay(batch);
      this.#station.submit(RECORD_US * records.length, () => undefined);
    }
    written?.(this.#appended - 1);
    active.afterEvent();
  }

  #defer(done: (committed: boolean) => void): void {
    if (this.#raft.highWatermark >= this.#appended) done(true);
    else this.#deferred.push({ offset: this.#appended, done });
  }

  #commit(batch: MetadataBatch): void {
    const facts: Fact[] = [];
    batch.records.forEach((record, index) => {
      const fact = this.#committed.replay(record, batch.baseOffset + index);
      if (fact !== undefined) facts.push(fact);
    });
    if (changesImage(batch)) {
      const { offset, digest } = this.#committed;
      this.host.note("metadata.applied", { by: "controller", offset, digest });
    }
    const why = this.#raft.duties === undefined ? undefined : this.env.decisions.take(batch);
    if (why !== undefined) {
      const context = this.contextOf(this.#committed);
      tellDecisions(this.host, why, facts, ({ topic }) => minInsyncReplicas(context, topic));
    }
    const end = endOf(batch);
    while (this.#deferred.length > 0 && (this.#deferred[0] as Deferred).offset <= end) {
      (this.#deferred.shift() as Deferred).done(true);
    }
  }

  #activate(epoch: number): void {
    this.#appended = this.#committed.offset + 1;
    this.host.emit("controller.activated", { epoch });
    this.#active = new ActiveController(this, epoch, this.#committed.clone());
    this.#active.start();
  }

  #renounce(why: string): void {
    const active = this.#active;
    if (active === undefined) return;
    this.#active = undefined;
    active.stop();
    this.host.emit("controller.deactivated", { epoch: active.epoch, why });
    for (const { done } of this.#deferred.splice(0)) done(false);
  }

  /** KafkaRaftClient.shutdown. */
  *handOver(): Process<void> {
    const raft = this.#raft;
    if (raft.role.kind !== "leader" || raft.voters.length === 1) return;
    raft.resign("shutting down", ms(SHUTDOWN_MS));
    const { epoch } = raft.role;
    const deadline = this.host.now + ms(SHUTDOWN_MS);
    while (raft.role.epoch === epoch && this.host.now < deadline) yield* this.host.sleep(ms(10));
  }

  *#shutDown(): Process<void> {
    yield* this.handOver();
    this.host.stop(true);
  }
}
