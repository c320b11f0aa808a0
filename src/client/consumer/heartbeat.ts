// The heartbeat thread of a group member (AbstractCoordinator.HeartbeatThread, Heartbeat): keeps the session alive while the application works,
// and gives the membership up when the application has not polled for max.poll.interval.ms (KIP-62).
// Kafka's thread looks around every retry.backoff.ms; here it wakes exactly when something is due.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Micros, Timer } from "../../sim/kernel.ts";
import type { Backoff } from "../backoff.ts";
import type { CoordinatorLink } from "./coordinator-link.ts";
import type { GroupSettings } from "./group-settings.ts";

/** What the thread does to the membership. */
export interface Heartbeating {
  /** False before the first JoinGroup was answered, and while one is under way. */
  readonly hasJoined: boolean;
  sendHeartbeat(): void;
  leave(why: string): void;
}

export class Heartbeat {
  readonly #host: KafkaHost;
  readonly #settings: GroupSettings;
  readonly #link: CoordinatorLink;
  readonly #backoff: Backoff;
  readonly #member: Heartbeating;
  #isEnabled = false;
  #heartbeatAt: Micros = 0;
  #sessionEndsAt: Micros = 0;
  #pollDueAt: Micros = 0;
  #attempts = 0;
  #timer: Timer | undefined;
  #timerAt: Micros = 0;

  constructor(
    host: KafkaHost,
    settings: GroupSettings,
    link: CoordinatorLink,
    backoff: Backoff,
    member: Heartbeating,
  ) {
    this.#host = host;
    this.#settings = settings;
    this.#link = link;
    this.#backoff = backoff;
    this.#member = member;
    link.onChange(
      () => {
        this.#sessionEndsAt = host.now + settings.sessionTimeoutUs;
      },
      (isUp) => {
        if (!isUp) this.#wakeAt(host.now);
      },
    );
  }

  /** The member has joined a generation. */
  enable(): void {
    const { now } = this.#host;
    this.#isEnabled = true;
    this.#heartbeatAt = now + this.#settings.heartbeatIntervalUs;
    this.#sessionEndsAt = now + this.#settings.sessionTimeoutUs;
    this.poll();
    this.#wakeAt(this.#heartbeatAt);
  }

  close(): void {
    this.#isEnabled = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The application has called poll(). */
  poll(): void {
    this.#pollDueAt = this.#host.now + this.#settings.rebalanceTimeoutUs;
  }

  received(): void {
    this.#attempts = 0;
    this.#sessionEndsAt = this.#host.now + this.#settings.sessionTimeoutUs;
  }

  failed(): void {
    this.#heartbeatAt = this.#host.now + this.#backoff(this.#attempts++);
    this.#wakeAt(this.#heartbeatAt);
  }

  #wakeAt(at: Micros): void {
    if (!this.#isEnabled) return;
    if (this.#timer !== undefined) {
      if (this.#timerAt <= at) return;
      this.#timer.cancel();
    }
    this.#timerAt = at;
    this.#timer = this.#host.after(at - this.#host.now, () => {
      this.#timer = undefined;
      this.#run();
    });
  }

  #run(): void {
    if (!this.#isEnabled) return;
    if (!this.#member.hasJoined) {
      this.#isEnabled = false;
      return;
    }
    const { now } = this.#host;
    if (!this.#link.isKnown) {
      this.#link.lookupOrDrop();
      this.#wakeAt(now + this.#settings.retryBackoffUs);
      return;
    }
    if (now >= this.#sessionEndsAt) {
      this.#link.markUnknown("session timed out without a heartbeat response");
      this.#wakeAt(now);
      return;
    }
    if (now >= this.#pollDueAt) {
      this.#isEnabled = false;
      this.#member.leave("consumer poll timeout has expired");
      return;
    }
    if (now >= this.#heartbeatAt) {
      this.#heartbeatAt = now + this.#settings.heartbeatIntervalUs;
      this.#member.sendHeartbeat();
    }
    this.#wakeAt(Math.min(this.#heartbeatAt, this.#sessionEndsAt, this.#pollDueAt));
  }
}
