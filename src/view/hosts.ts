// The machines of a run, by node id: who they are (told at the start) and whether their process runs (told by events).
import { ByNode } from "./by-node.ts";
import type { Listeners } from "./listeners.ts";

export interface HostInfo {
  readonly id: number;
  readonly name: string;
  /** A combined node is a broker. */
  readonly kind: "broker" | "controller" | "client";
  readonly rack?: string | undefined;
}

/** Names and kinds of the hosts of a run. Node 0 is the scenario itself. */
export class HostDirectory {
  readonly hosts: readonly HostInfo[];
  readonly #byId = new ByNode<HostInfo>();
  readonly #byName = new Map<string, HostInfo>();

  constructor(hosts: readonly HostInfo[]) {
    this.hosts = hosts;
    for (const host of hosts) {
      this.#byId.set(host.id, host);
      this.#byName.set(host.name, host);
    }
  }

  get(id: number): HostInfo | undefined {
    return this.#byId.get(id);
  }

  named(name: string): HostInfo | undefined {
    return this.#byName.get(name);
  }

  name(id: number): string {
    if (id === 0) return "scenario";
    return this.#byId.get(id)?.name ?? (id < 0 ? "none" : `node-${id}`);
  }
}

export interface HostView extends HostInfo {
  readonly state: "alive" | "paused" | "down";
  readonly incarnation: number;
  /** Lives that ended without a clean shutdown. */
  readonly crashes: number;
}

type Mutable = { -readonly [K in keyof HostView]: HostView[K] };

export class HostsFold {
  readonly listeners: Listeners;
  readonly #hosts = new ByNode<Mutable>();

  constructor(directory: HostDirectory) {
    for (const host of directory.hosts) {
      this.#hosts.set(host.id, { ...host, state: "down", incarnation: 0, crashes: 0 });
    }
    this.listeners = {
      "host.booted": (e) => {
        const host = this.#at(e.node);
        host.state = "alive";
        host.incarnation = e.incarnation;
      },
      "host.crashed": (e) => {
        const host = this.#at(e.node);
        host.state = "down";
        host.crashes++;
      },
      "host.stopped": (e) => {
        this.#at(e.node).state = "down";
      },
      "host.paused": (e) => {
        this.#at(e.node).state = "paused";
      },
      "host.resumed": (e) => {
        this.#at(e.node).state = "alive";
      },
    };
  }

  get(id: number): HostView | undefined {
    return this.#hosts.get(id);
  }

  isAlive(id: number): boolean {
    return this.#hosts.get(id)?.state === "alive";
  }

  all(): IterableIterator<HostView> {
    return this.#hosts.values();
  }

  #at(id: number): Mutable {
    let host = this.#hosts.get(id);
    if (host === undefined) {
      host = { id, name: `node-${id}`, kind: "client", state: "down", incarnation: 0, crashes: 0 };
      this.#hosts.set(id, host);
    }
    return host;
  }
}
