// Broker registrations as the controller committed them (ClusterControlManager): registered, fenced, shutting down.
import type { BrokerEpoch, BrokerId } from "../protocol/types.ts";
import type { Listeners } from "./listeners.ts";

export interface BrokerView {
  readonly id: BrokerId;
  readonly brokerEpoch: BrokerEpoch;
  readonly fenced: boolean;
  readonly shuttingDown: boolean;
  /** The process that runs now is the one that registered. */
  readonly current: boolean;
}

type Mutable = { -readonly [K in keyof BrokerView]: BrokerView[K] };

export class BrokersFold {
  readonly listeners: Listeners;
  readonly #brokers: (Mutable | undefined)[] = [];

  constructor() {
    const stale = (e: { readonly node: number }): void => {
      const broker = this.#brokers[e.node];
      if (broker !== undefined) broker.current = false;
    };
    this.listeners = {
      "host.booted": stale,
      "host.crashed": stale,
      "host.stopped": stale,
      "broker.registered": (e) => {
        this.#brokers[e.broker] = {
          id: e.broker,
          brokerEpoch: e.brokerEpoch,
          fenced: true,
          shuttingDown: false,
          current: true,
        };
      },
      "broker.fenced": (e) => {
        const broker = this.#brokers[e.broker];
        if (broker !== undefined) broker.fenced = true;
      },
      "broker.unfenced": (e) => {
        const broker = this.#brokers[e.broker];
        if (broker !== undefined) broker.fenced = false;
      },
      "broker.shuttingDown": (e) => {
        const broker = this.#brokers[e.broker];
        if (broker !== undefined) broker.shuttingDown = true;
      },
    };
  }

  get(id: BrokerId): BrokerView | undefined {
    return this.#brokers[id];
  }

  /** Registered by its present process and unfenced. */
  isActive(id: BrokerId): boolean {
    const broker = this.#brokers[id];
    return broker?.current === true && !broker.fenced;
  }

  *all(): IterableIterator<BrokerView> {
    for (const broker of this.#brokers) if (broker !== undefined) yield broker;
  }
}
