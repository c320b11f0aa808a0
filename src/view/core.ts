// Who has to be healthy while the run settles, and what stays wrong with the others. Before settling, and without a declared core, everybody is in it.
import type { KafkaEvent } from "../protocol/events.ts";
import { linkKey, linksOf } from "./cuts.ts";
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";

/** A fault in force, other than what hosts.ts tells of (processes that are down or paused). */
interface InForce {
  readonly fault: string;
  readonly nodes: ReadonlySet<number>;
  /** Directed links as cuts.ts has them. */
  readonly links: Set<number>;
}

const OF_PROCESSES = ["ProcessChaos", "HostChaos"];

export class CoreFold {
  readonly listeners: Listeners;
  readonly #hosts: HostDirectory;
  readonly #inForce = new Map<string, InForce>();
  #members: ReadonlySet<number> | undefined;

  constructor(hosts: HostDirectory) {
    this.#hosts = hosts;
    this.listeners = {
      "run.settling": (e) => {
        const ids = e.core?.map((name) => hosts.named(name)?.id ?? -1);
        this.#members = ids === undefined ? undefined : new Set(ids);
      },
      "fault.injected": (e) => {
        if (OF_PROCESSES.includes(e.kind) || e.action === "reset" || e.action === "release") return;
        this.#inForce.set(e.id, this.#bearing(e, e.targets));
      },
      "fault.healed": (e) => {
        if (e.remains === undefined) this.#inForce.delete(e.id);
        else if (this.#inForce.has(e.id) && e.kind !== "MessageChaos")
          this.#inForce.set(e.id, this.#bearing(e, e.remains));
      },
      // Whom MessageChaos hits shows when it does.
      "message.held": (e) => this.#inForce.get(e.fault)?.links.add(linkKey(e.from, e.to)),
    };
  }

  get isDeclared(): boolean {
    return this.#members !== undefined;
  }

  /** Declared, and when the time came it was nobody. */
  get isEmpty(): boolean {
    return this.#members?.size === 0;
  }

  has(node: number): boolean {
    return this.#members?.has(node) ?? true;
  }

  /** Why one machine cannot count on getting through to another and being served; undefined: nothing stands between them, as in the core. */
  between(a: number, b: number): string | undefined {
    if (!this.isDeclared || (this.has(a) && this.has(b))) return undefined;
    const links = [linkKey(a, b), linkKey(b, a)];
    for (const { fault, nodes, links: hit } of this.#inForce.values()) {
      if (links.some((link) => hit.has(link)))
        return `fault ${fault} stays between ${this.#hosts.name(a)} and ${this.#hosts.name(b)}`;
      for (const node of [a, b])
        if (nodes.has(node)) return `fault ${fault} stays on ${this.#hosts.name(node)}`;
    }
    return undefined;
  }

  #bearing(
    { id, kind }: KafkaEvent<"fault.injected" | "fault.healed">,
    targets: readonly string[],
  ) {
    const isOfLinks = kind === "NetworkChaos";
    const nodes = targets.flatMap((name) => this.#hosts.named(name)?.id ?? []);
    return {
      fault: id,
      nodes: new Set(isOfLinks ? [] : nodes),
      links: isOfLinks ? linksOf(this.#hosts, targets) : new Set<number>(),
    };
  }
}
