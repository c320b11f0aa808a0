// Who is alive, as the active controller knows it from heartbeats. The truth: BrokerHeartbeatManager, BrokerHeartbeatTracker.
// Soft state: a new active controller starts it afresh, so every session lives up to one timeout longer.

import type { BrokerHeartbeatRequest } from "../protocol/apis.ts";
import type { BrokerEpoch, BrokerId, Offset } from "../protocol/types.ts";
import { assert } from "../sim/assert.ts";
import type { Micros } from "../sim/kernel.ts";

export type BrokerControlState = "FENCED" | "UNFENCED" | "CONTROLLED_SHUTDOWN" | "SHUTDOWN_NOW";

interface Heartbeats {
  fenced: boolean;
  metadataOffset: Offset;
  /** -1: not shutting down. */
  controlledShutdownOffset: Offset;
}

interface Session {
  readonly brokerEpoch: BrokerEpoch;
  lastContact: Micros;
}

export class BrokerHeartbeatManager {
  readonly #timeout: Micros;
  readonly #brokers = new Map<BrokerId, Heartbeats>();
  readonly #sessions = new Map<BrokerId, Session>();

  constructor(sessionTimeout: Micros) {
    this.#timeout = sessionTimeout;
  }

  /** A registration was replayed. */
  register(id: BrokerId, fenced: boolean): void {
    if (!this.#brokers.has(id)) {
      this.#brokers.set(id, { fenced, metadataOffset: -1, controlledShutdownOffset: -1 });
    }
    this.touch(id, fenced, -1);
  }

  /** A sign of life. */
  contact(id: BrokerId, brokerEpoch: BrokerEpoch, now: Micros): void {
    const session = this.#sessions.get(id);
    if (session?.brokerEpoch === brokerEpoch) session.lastContact = now;
    else this.#sessions.set(id, { brokerEpoch, lastContact: now });
  }

  endSession(id: BrokerId): void {
    this.#sessions.delete(id);
  }

  hasValidSession(id: BrokerId, brokerEpoch: BrokerEpoch, now: Micros): boolean {
    const session = this.#sessions.get(id);
    return session?.brokerEpoch === brokerEpoch && !this.#isStale(session, now);
  }

  /** A heartbeat was processed. */
  touch(id: BrokerId, fenced: boolean, metadataOffset: Offset): void {
    const broker = this.#get(id);
    broker.fenced = fenced;
    broker.metadataOffset = metadataOffset;
    // A fenced broker is out of controlled shutdown: its next heartbeat lets it go at once.
    if (fenced) broker.controlledShutdownOffset = -1;
  }

  fence(id: BrokerId): void {
    this.#get(id).fenced = true;
  }

  /** Only the first time: later heartbeats must not push the goal away. */
  startControlledShutdown(id: BrokerId, offset: Offset): void {
    const broker = this.#get(id);
    if (broker.controlledShutdownOffset < 0) broker.controlledShutdownOffset = offset;
  }

  /** The broker that has been silent for longest, if too long. Brokers are fenced one at a time, so that each sees the effect of the last. */
  findStaleBroker(now: Micros): BrokerId | undefined {
    let stalest: BrokerId | undefined;
    let contact = now;
    for (const [id, session] of this.#sessions) {
      if (!this.#isStale(session, now) || session.lastContact >= contact) continue;
      stalest = id;
      contact = session.lastContact;
    }
    return stalest;
  }

  /** When the next session could be found stale. */
  get nextCheck(): Micros | undefined {
    let next: Micros | undefined;
    for (const { lastContact } of this.#sessions.values()) {
      const at = lastContact + this.#timeout + 1;
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** What a heartbeat makes of its broker. */
  nextState(
    request: BrokerHeartbeatRequest,
    registrationOffset: Offset,
    leads: () => boolean,
  ): { current: BrokerControlState; next: BrokerControlState } {
    const broker = this.#get(request.brokerId);
    if (broker.controlledShutdownOffset >= 0) {
      const done = !leads() && broker.controlledShutdownOffset <= this.#lowestActiveOffset();
      return {
        current: "CONTROLLED_SHUTDOWN",
        next: done ? "SHUTDOWN_NOW" : "CONTROLLED_SHUTDOWN",
      };
    }
    if (broker.fenced) {
      return { current: "FENCED", next: afterFenced(request, registrationOffset) };
    }
    return { current: "UNFENCED", next: afterUnfenced(request, leads) };
  }

  #get(id: BrokerId): Heartbeats {
    const broker = this.#brokers.get(id);
    assert(broker !== undefined, () => `heartbeat of unregistered broker ${id}`);
    return broker;
  }

  #isStale(session: Session, now: Micros): boolean {
    return session.lastContact + this.#timeout < now;
  }

  #lowestActiveOffset(): Offset {
    let lowest = Infinity;
    for (const broker of this.#brokers.values()) {
      if (broker.fenced || broker.controlledShutdownOffset >= 0) continue;
      lowest = Math.min(lowest, broker.metadataOffset);
    }
    return lowest;
  }
}

function afterFenced(request: BrokerHeartbeatRequest, registration: Offset): BrokerControlState {
  if (request.wantShutDown) return "SHUTDOWN_NOW";
  if (request.wantFence || request.currentMetadataOffset < registration) return "FENCED";
  return "UNFENCED";
}

function afterUnfenced(request: BrokerHeartbeatRequest, leads: () => boolean): BrokerControlState {
  if (request.wantFence) return request.wantShutDown ? "SHUTDOWN_NOW" : "FENCED";
  if (!request.wantShutDown) return "UNFENCED";
  return leads() ? "CONTROLLED_SHUTDOWN" : "SHUTDOWN_NOW";
}
