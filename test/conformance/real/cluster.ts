// A real KRaft cluster on loopback for one cluster section of a scenario.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterSpec } from "../../../src/scenario/model.ts";
import { Driver, type Observation } from "./driver.ts";
import { CACHE, type Jars, SetupError } from "./jars.ts";
import { Network } from "./network.ts";
import { type Format, type NodeSpec, RealNode } from "./node.ts";
import { exited, freePorts, sleep, startJava } from "./processes.ts";

const FIRST_CONTROLLER = 3001;
const BOOT_WITHIN_MS = 120_000;

export class RealCluster {
  readonly nodes: readonly RealNode[];
  readonly admin: Driver;
  readonly dir: string;
  readonly jars: Jars;
  readonly offsetsPartitions: number;
  /** Of clusters in which something is cut off. */
  readonly network: Network | undefined;
  /** Whoever plays a scenario now. */
  observer: (observation: Observation) => void = () => undefined;

  private constructor(
    jars: Jars,
    dir: string,
    spec: ClusterSpec,
    nodes: readonly RealNode[],
    network: Network | undefined,
  ) {
    this.network = network;
    this.jars = jars;
    this.dir = dir;
    this.nodes = nodes;
    this.offsetsPartitions = Number(spec.config["offsets.topic.num.partitions"] ?? 50);
    this.admin = new Driver(jars, dir, "driver", (o) => this.observer(o));
  }

  static async start(
    jars: Jars,
    spec: ClusterSpec,
    dir: string,
    canBeCut: boolean,
  ): Promise<RealCluster> {
    mkdirSync(dir, { recursive: true });
    const format = await formatFor(jars);
    const network = canBeCut ? new Network() : undefined;
    const specs = await nodeSpecs(spec, network);
    const voters = specs
      .filter((node) => node.roles.includes("controller"))
      .map(({ id, address, controllerPort }) => `${id}@${address}:${controllerPort}`)
      .join(",");
    const nodes = specs.map((node) => new RealNode(jars, dir, node, voters, format));
    const cluster = new RealCluster(jars, dir, spec, nodes, network);
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
    return this.nodes.filter((node) => node.isBroker());
  }

  node(name: string): RealNode | undefined {
    return this.nodes.find(({ spec }) => spec.name === name);
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

async function nodeSpecs(spec: ClusterSpec, network: Network | undefined): Promise<NodeSpec[]> {
  const { count, mode } = spec.controllers;
  const combined = mode === "combined";
  const total = spec.brokers.length + (combined ? 0 : count);
  const ports = await freePorts(2 * total);
  const next = (): number => ports.pop() as number;
  const controllers = combined
    ? []
    : Array.from({ length: count }, (_, i) => ({
        id: FIRST_CONTROLLER + i,
        name: `controller-${i + 1}`,
        roles: ["controller"] as const,
        config: spec.config,
      }));
  const brokers = spec.brokers.map((broker, i) => ({
    id: broker.id,
    name: `broker-${broker.id}`,
    roles: combined && i < count ? (["broker", "controller"] as const) : (["broker"] as const),
    config: {
      ...spec.config,
      ...broker.config,
      ...(broker.rack === undefined ? {} : { "broker.rack": broker.rack }),
    },
  }));
  return [...controllers, ...brokers].map((node) => ({
    ...node,
    ...(network?.add() ?? { address: "127.0.0.1", namespace: undefined }),
    port: next(),
    controllerPort: next(),
  }));
}

/** The release's own StorageTool, run once: what it writes beside meta.properties is the same for every node. */
async function formatFor(jars: Jars): Promise<Format> {
  const dir = join(CACHE, jars.release, "format");
  const data = join(dir, "data");
  const bootstrapCheckpoint = join(data, "bootstrap.checkpoint");
  const clusterId = randomBytes(16).toString("base64url");
  if (existsSync(join(data, "meta.properties"))) return { clusterId, bootstrapCheckpoint };
  mkdirSync(dir, { recursive: true });
  const properties = join(dir, "server.properties");
  writeFileSync(
    properties,
    [
      "process.roles=controller",
      "node.id=1",
      "controller.quorum.voters=1@127.0.0.1:1",
      "controller.listener.names=CONTROLLER",
      "listeners=CONTROLLER://127.0.0.1:1",
      `log.dirs=${data}`,
      "",
    ].join("\n"),
  );
  const logFile = join(dir, "format.log");
  const tool = startJava({
    classPath: jars.classPath,
    main: "faultline.Driver",
    args: ["format", "format", "--cluster-id", clusterId, "--config", properties],
    logFile,
    logLevel: "warn",
  });
  if (!(await exited(tool, 60_000)) || tool.exitCode !== 0)
    throw new SetupError(`StorageTool of Kafka ${jars.release} failed: see ${logFile}`);
  return { clusterId, bootstrapCheckpoint };
}
