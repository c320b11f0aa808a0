// The controller quorum as its nodes tell of it (QuorumState, KRaftClient): roles, epochs, metadata logs, who is active.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset } from "../protocol/types.ts";
import type { Listeners } from "./listeners.ts";

export type QuorumRole = KafkaEvent<"quorum.roleChanged">["role"];

export interface QuorumNodeView {
  readonly node: number;
  /** "none": down, or an observer that never said. */
  readonly role: QuorumRole | "none";
  readonly epoch: number;
  readonly leaderId: number;
  readonly logEndOffset: Offset;
  readonly highWatermark: Offset;
  /** Epoch in which it acts as the controller; -1: it does not. */
  readonly activeEpoch: number;
}

type Mutable = { -readonly [K in keyof QuorumNodeView]: QuorumNodeView[K] };

export class QuorumFold {
  readonly listeners: Listeners;
  readonly #nodes: (Mutable | undefined)[] = [];
  readonly #voters: number[] = [];

  constructor() {
    const down = (e: { readonly node: number }): void => {
      const node = this.#nodes[e.node];
      if (node === undefined) return;
      node.role = "none";
      node.activeEpoch = -1;
    };
    this.listeners = {
      "host.crashed": down,
      "host.stopped": down,
      "host.wiped": (e) => {
        const node = this.#nodes[e.node];
        if (node === undefined) return;
        node.logEndOffset = 0;
        node.highWatermark = 0;
      },
      "quorum.roleChanged": (e) => {
        const node = this.#at(e.node);
        if (!this.#voters.includes(e.node)) this.#voters.push(e.node);
        node.role = e.role;
        node.epoch = e.epoch;
        node.leaderId = e.leaderId;
      },
      "quorum.appended": (e) => {
        this.#at(e.node).logEndOffset = e.baseOffset + e.count;
      },
      "quorum.truncated": (e) => {
        this.#at(e.node).logEndOffset = e.to;
      },
      "quorum.hwAdvanced": (e) => {
        this.#at(e.node).highWatermark = e.to;
      },
      "controller.activated": (e) => {
        this.#at(e.node).activeEpoch = e.epoch;
      },
      "controller.deactivated": (e) => {
        this.#at(e.node).activeEpoch = -1;
      },
    };
  }

  get(node: number): QuorumNodeView | undefined {
    return this.#nodes[node];
  }

  *all(): IterableIterator<QuorumNodeView> {
    for (const node of this.#nodes) if (node !== undefined) yield node;
  }

  /** Nodes that ever took a role, in order of appearance. */
  get voters(): readonly number[] {
    return this.#voters;
  }

  /** The active controller of the highest epoch; -1: there is none. Another may think it still is. */
  get activeController(): number {
    let best: Mutable | undefined;
    for (const node of this.#nodes) {
      if (
        node !== undefined &&
        node.activeEpoch >= 0 &&
        node.activeEpoch > (best?.activeEpoch ?? -1)
      )
        best = node;
    }
    return best?.node ?? -1;
  }

  get epoch(): number {
    let epoch = -1;
    for (const node of this.#nodes)
      if (node !== undefined && node.epoch > epoch) epoch = node.epoch;
    return epoch;
  }

  /** The metadata high watermark anyone knows of. */
  get highWatermark(): Offset {
    let hw = 0;
    for (const node of this.#nodes)
      if (node !== undefined && node.highWatermark > hw) hw = node.highWatermark;
    return hw;
  }

  #at(id: number): Mutable {
    let node = this.#nodes[id];
    if (node === undefined) {
      node = {
        node: id,
        role: "none",
        epoch: -1,
        leaderId: -1,
        logEndOffset: 0,
        highWatermark: 0,
        activeEpoch: -1,
      };
      this.#nodes[id] = node;
    }
    return node;
  }
}
