// Faults and operations of a scenario as deeds on real processes.
import type { FaultSpec, OperationSpec, Selector } from "../../../src/scenario/model.ts";
import type { RealClients } from "./clients.ts";
import type { RealCluster } from "./cluster.ts";
import type { NodeSpec, RealNode } from "./node.ts";
import { sleep } from "./processes.ts";

const GONE_WITHIN_MS = 40_000;

/** What the first sends no longer reaches the second. */
type Cut = readonly [from: NodeSpec, to: NodeSpec];

export class Deeds {
  readonly #cluster: RealCluster;
  readonly #clients: RealClients;
  /** By fault id: names of the machines it chose. */
  readonly #targets = new Map<string, readonly string[]>();
  readonly #open = new Set<FaultSpec>();
  /** Under way; each ends by itself. */
  readonly #restarts: Promise<void>[] = [];
  readonly #cuts = new Map<string, readonly Cut[]>();

  constructor(cluster: RealCluster, clients: RealClients) {
    this.#cluster = cluster;
    this.#clients = clients;
  }

  async inject(fault: FaultSpec): Promise<void> {
    const targets =
      "selector" in fault && fault.selector ? await this.#resolve(fault.selector) : [];
    this.#targets.set(fault.id, targets);
    if (fault.action !== "restart") this.#open.add(fault);
    if (fault.kind === "NetworkChaos") return this.#cut(fault, targets);
    for (const name of targets) await this.#begin(fault, name);
    if (fault.kind === "ClientChaos" && fault.action === "join")
      for (const name of fault.newcomers) await this.#clients.restart(name);
  }

  async heal(fault: FaultSpec): Promise<void> {
    if (!this.#open.delete(fault)) return;
    if (fault.kind === "NetworkChaos") return this.#reconnect(fault);
    const names =
      fault.kind === "ClientChaos" && fault.action === "join"
        ? fault.newcomers
        : (this.#targets.get(fault.id) ?? []);
    for (const name of names) await this.#undo(fault, name);
  }

  /** The duration is over: what can be undone is; a process killed without a duration stays dead. */
  async settle(): Promise<void> {
    for (const fault of [...this.#open]) if (!isForEver(fault)) await this.heal(fault);
    await Promise.all(this.#restarts);
  }

  async operate({ tool, args }: OperationSpec): Promise<unknown> {
    const { admin } = this.#cluster;
    if (tool === "kafka-topics") {
      if (args.alter !== true) throw new Error("kafka-topics: only --alter is played");
      return admin.ask("createPartitions", { topic: args.topic, count: Number(args.partitions) });
    }
    if (tool === "kafka-leader-election") {
      const type = String(args["election-type"] ?? "preferred").toUpperCase();
      const all = args["all-topic-partitions"] === true;
      return admin.ask("electLeaders", {
        type,
        ...(all ? {} : { topic: args.topic, partition: Number(args.partition) }),
      });
    }
    throw new Error(`${tool} is not played`);
  }

  async #begin(fault: FaultSpec, name: string): Promise<void> {
    const node = this.#cluster.node(name);
    if (node !== undefined) {
      this.#beginOnNode(fault, node);
      if (fault.action !== "wipe") return;
      await node.gone(GONE_WITHIN_MS);
      return node.wipe();
    }
    const consumer = this.#clients.consumer(name);
    const driver = this.#clients.driverOf(name);
    switch (fault.action) {
      case "crash":
      case "kill":
        return this.#clients.crash(name);
      case "pause":
        return this.#clients.signal(name, "SIGSTOP");
      case "leave":
      case "terminate":
        if (consumer !== undefined) await this.#clients.closeConsumer(consumer);
        return;
      case "stopPolling":
        return void (await driver.ask("polling", { name, on: false }));
      case "processingTime":
        if (fault.kind === "ClientChaos")
          await driver.ask("processingTime", { name, timeMs: fault.timeUs / 1000 });
    }
  }

  async #cut(
    fault: FaultSpec & { readonly kind: "NetworkChaos" },
    sources: readonly string[],
  ): Promise<void> {
    const { network } = this.#cluster;
    if (network === undefined) throw new Error("this cluster has no network to cut");
    const peers = fault.target === undefined ? [] : await this.#resolve(fault.target);
    const cuts: Cut[] = [];
    for (const source of sources) {
      for (const peer of peers) {
        const [a, b] = [this.#cluster.node(source)?.spec, this.#cluster.node(peer)?.spec];
        if (a === undefined || b === undefined || a === b) continue;
        if (fault.direction !== "from") cuts.push([a, b]);
        if (fault.direction !== "to") cuts.push([b, a]);
      }
    }
    this.#cuts.set(fault.id, cuts);
    for (const [from, to] of cuts) network.cut(from.namespace as string, to.address);
  }

  #reconnect({ id }: FaultSpec): void {
    for (const [from, to] of this.#cuts.get(id) ?? [])
      this.#cluster.network?.heal(from.namespace as string, to.address);
  }

  #beginOnNode(fault: FaultSpec, node: RealNode): void {
    switch (fault.action) {
      case "kill":
      case "wipe":
        return node.kill();
      case "terminate":
        return node.terminate();
      case "pause":
        return node.pause();
      case "restart":
        node.terminate();
        this.#restarts.push(this.#startWhenGone(node, (fault.durationUs ?? 0) / 1000));
    }
  }

  async #undo(fault: FaultSpec, name: string): Promise<void> {
    const node = this.#cluster.node(name);
    if (node !== undefined) {
      if (fault.action === "pause") return node.resume();
      await node.gone(GONE_WITHIN_MS);
      return node.start();
    }
    const driver = this.#clients.driverOf(name);
    const consumer = this.#clients.consumer(name);
    if (fault.action === "pause") return this.#clients.signal(name, "SIGCONT");
    if (fault.action === "stopPolling")
      return void (await driver.ask("polling", { name, on: true }));
    if (fault.action === "processingTime")
      return void (await driver.ask("processingTime", {
        name,
        timeMs: (consumer?.processing.timeUs ?? 0) / 1000,
      }));
    if (fault.action === "join" && consumer !== undefined)
      return this.#clients.closeConsumer(consumer);
    await this.#clients.restart(name);
  }

  async #startWhenGone(node: RealNode, downForMs: number): Promise<void> {
    await node.gone(GONE_WITHIN_MS);
    await sleep(downForMs);
    node.start();
  }

  async #resolve(selector: Selector): Promise<readonly string[]> {
    const { admin } = this.#cluster;
    const nameOf = (id: number): string[] => {
      const node = this.#cluster.byId(id);
      return node === undefined ? [] : [node.spec.name];
    };
    switch (selector.kind) {
      case "names": {
        const known = selector.names.map((name) => this.#cluster.node(name)?.spec.name ?? name);
        return [...new Set(known)];
      }
      case "leaderOf":
      case "followersOf": {
        const topic = selector.partition.slice(0, selector.partition.lastIndexOf("-"));
        const known = (await admin.ask("leaders", { topics: [topic] }))[selector.partition];
        const followers = known.replicas.filter((id: number) => id !== known.leader);
        return (selector.kind === "leaderOf" ? [known.leader] : followers).flatMap(nameOf);
      }
      case "activeController":
        return nameOf(
          await admin.ask("activeController", { controlPlane: this.#cluster.controlPlane }),
        );
      case "coordinatorOf":
        return nameOf(await admin.ask("coordinator", { group: selector.group }));
      default:
        throw new Error(`selector ${selector.kind} is not played`);
    }
  }
}

function isForEver(fault: FaultSpec): boolean {
  if (fault.durationUs !== undefined) return false;
  if (fault.kind === "ClientChaos") return ["crash", "join", "leave"].includes(fault.action);
  return (fault.kind === "ProcessChaos" && fault.action !== "pause") || fault.kind === "HostChaos";
}
