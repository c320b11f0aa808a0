// A real cluster on loopback for one cluster section of a scenario, in KRaft mode or with ZooKeeper.
import { mkdirSync } from "node:fs";
import type { ClusterSpec } from "../../../src/scenario/model.ts";
import type { ControlPlane } from "../recorded.ts";
import { Driver, type Observation } from "./driver.ts";
import type { Jars } from "./jars.ts";
import { kraftNodes } from "./kraft.ts";
import { Network } from "./network.ts";
import type { RealNode } from "./node.ts";
import { sleep } from "./processes.ts";
import { nameWithZookeeper, ZOOKEEPER, zookeeperNodes } from "./zookeeper.ts";

const BOOT_WITHIN_MS = 120_000;

export class RealCluster {
  readonly nodes: readonly RealNode[];
  readonly admin: Driver;
  readonly dir: string;
  readonly jars: Jars;
  readonly controlPlane: ControlPlane;
  readonly offsetsPartitions: number;
  /** Of clusters in which something is cut off. */
  readonly network: Network | undefined;
  /** Whoever plays a scenario now. */
  observer: (observation: Observation) => void = () => undefined;

  private constructor(
    jars: Jars,
    dir: string,
    spec: ClusterSpec,
    controlPlane: ControlPlane,
    nodes: readonly RealNode[],
    network: Network | undefined,
  ) {
    this.network = network;
    this.controlPlane = controlPlane;
    this.jars = jars;
    this.dir = dir;
    this.nodes = nodes;
    this.offsetsPartitions = Number(spec.config["offsets.topic.num.partitions"] ?? 50);
    this.admin = new Driver(jars, dir, "driver", (o) => this.observer(o));
  }

  static async start(
    jars: Jars,
    spec: ClusterSpec,
    controlPlane: ControlPlane,
    dir: string,
    canBeCut: boolean,
  ): Promise<RealCluster> {
    mkdirSync(dir, { recursive: true });
    const network = canBeCut ? new Network() : undefined;
    const nodesOf = controlPlane === "zookeeper" ? zookeeperNodes : kraftNodes;
    const nodes = await nodesOf(jars, dir, spec, network);
    const cluster = new RealCluster(jars, dir, spec, controlPlane, nodes, network);
    for (const node of nodes) node.start();
    await cluster.admin.ask("connect", { bootstrap: cluster.bootstrap });
    await cluster.allUnfenced(BOOT_WITHIN_MS);
    await cluster.#createOffsetsTopic(spec);
    return cluster;
  }

  get bootstrap(): string {
    return this.brokers.map(({ spec }) => `${spec.address}:${spec.port}`).join(",");
  }

  get brokers(): RealNode[] {
    return this.nodes.filter(({ spec }) => spec.isBroker);
  }

  /** The node that a scenario's name stands for. */
  node(name: string): RealNode | undefined {
    const wanted = this.controlPlane === "zookeeper" ? nameWithZookeeper(name) : name;
    return this.nodes.find(({ spec }) => spec.name === wanted);
  }

  byId(id: number): RealNode | undefined {
    return this.nodes.find(({ spec }) => spec.id === id);
  }

  async allUnfenced(withinMs: number): Promise<void> {
    const until = Date.now() + withinMs;
    const wanted = this.brokers.length;
    for (;;) {
      const ids = await this.admin.ask("brokers").catch(() => []);
      if (ids.length === wanted) return;
      const dead = this.nodes.filter(({ state }) => state === "down");
      if (dead.length > 0)
        throw new Error(`${dead.map(({ spec }) => spec.name)} ended at start-up; see ${this.dir}`);
      if (Date.now() > until)
        throw new Error(`only brokers [${ids}] are unfenced after ${withinMs} ms; see ${this.dir}`);
      await sleep(200);
    }
  }

  /**
   * As brokers create it when they first need it, but with its leaders where a reader can see them: partition p begins on broker p + 1.
   * Where Kafka would draw, the scenario's seed is such that the simulator draws the same coordinator, if it matters.
   */
  async #createOffsetsTopic({ config }: ClusterSpec): Promise<void> {
    const ids = this.brokers.map(({ spec }) => spec.id);
    const factor = Number(config["offsets.topic.replication.factor"] ?? 3);
    const replicas = Array.from({ length: this.offsetsPartitions }, (_, p) =>
      Array.from({ length: Math.min(factor, ids.length) }, (_, i) => ids[(p + i) % ids.length]),
    );
    const topic = {
      name: "__consumer_offsets",
      replicas,
      config: {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": 104_857_600,
      },
    };
    await this.admin.ask("createTopics", { topics: [topic] });
  }

  /** Leadership of __consumer_offsets back where it was at the start, with a whole ISR. */
  async preferredCoordinators(withinMs: number): Promise<void> {
    const topics = ["__consumer_offsets"];
    const until = Date.now() + withinMs;
    for (;;) {
      const known = await this.admin.ask("leaders", { topics });
      const rows: { leader: number; isr: number[]; replicas: number[] }[] = Object.values(known);
      const isWhole = rows.every(({ isr, replicas }) => isr.length === replicas.length);
      if (isWhole && rows.every(({ leader, replicas }) => leader === replicas[0])) return;
      if (Date.now() > until) throw new Error("__consumer_offsets did not become whole again");
      if (isWhole) await this.admin.ask("electLeaders", { type: "PREFERRED" });
      await sleep(500);
    }
  }

  /** Which broker is the controller at time zero is the harness's choice: the others give way until it is. */
  async moveController(to: number): Promise<void> {
    await this.admin.ask("moveController", { connect: this.#zookeeper, to });
  }

  async deleteTopics(topics: readonly string[]): Promise<void> {
    await this.admin.ask("deleteTopics", { topics });
    if (this.controlPlane === "zookeeper")
      await this.admin.ask("awaitDeletions", { connect: this.#zookeeper });
  }

  get #zookeeper(): string {
    const { address, port } = (this.node(ZOOKEEPER) as RealNode).spec;
    return `${address}:${port}`;
  }

  /** Everything ended, by process id. */
  async stop(): Promise<void> {
    for (const node of this.nodes) {
      node.resume();
      node.kill();
    }
    await this.admin.end();
    await Promise.all(this.nodes.map((node) => node.gone(5_000)));
    this.network?.remove();
  }
}
