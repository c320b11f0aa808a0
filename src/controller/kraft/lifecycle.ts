// A broker's life with the controller: registration, heartbeats, unfencing, controlled shutdown. The truth: BrokerLifecycleManager (KIP-631).
import type { BrokerHeartbeatRequest, BrokerHeartbeatResponse } from "../../protocol/apis.ts";
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { ControlledBroker } from "../../protocol/roles.ts";
import { type BrokerEpoch, type Offset, UNASSIGNED } from "../../protocol/types.ts";
import { type Micros, ms, seconds } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";
import type { ControllerChannel } from "./controller-channel.ts";

export type BrokerState =
  | "STARTING"
  | "RECOVERY"
  | "RUNNING"
  | "PENDING_CONTROLLED_SHUTDOWN"
  | "SHUTTING_DOWN";

export interface LifecycleOptions {
  readonly host: KafkaHost;
  readonly config: BrokerConfig;
  readonly channel: ControllerChannel;
  /** Offset of the last metadata record applied. */
  readonly appliedOffset: () => Offset;
  /** The controller agrees that this broker has read the metadata (initialCatchUpFuture). */
  readonly caughtUp: () => void;
}

const RETRY_BACKOFF = ms(100);
/** The second heartbeat of a controlled shutdown comes sooner than others. */
const FIRST_SHUTDOWN_HEARTBEAT = ms(50);
/** BrokerServer.shutdown gives up on the controller after this. */
const SHUTDOWN_TIMEOUT = seconds(300);
/** How often a broker that waits for its logs looks whether they are loaded. */
const READINESS_CHECK = ms(20);

export class BrokerLifecycleManager {
  readonly #options: LifecycleOptions;
  readonly #kick: Signal;
  readonly #ended: Signal;
  #broker: ControlledBroker | undefined;
  #state: BrokerState = "STARTING";
  #brokerEpoch: BrokerEpoch = -1;
  #hasBeenUnfenced = false;
  #gotShutdownResponse = false;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#kick = new Signal(options.host);
    this.#ended = new Signal(options.host);
  }

  get brokerEpoch(): BrokerEpoch {
    return this.#brokerEpoch;
  }

  /** A broker opens its ports to clients and other brokers when it is first unfenced (BrokerServer.startup); one that shuts down before never does. */
  get hasBeenUnfenced(): boolean {
    return this.#hasBeenUnfenced;
  }

  get state(): BrokerState {
    return this.#state;
  }

  start(broker: ControlledBroker): void {
    this.#broker = broker;
    this.#options.host.spawn(this.#live());
  }

  /** Returns when the broker may exit: the controller agreed, or it makes no sense to wait. */
  *controlledShutdown(): Process<void> {
    if (this.#state === "RUNNING") {
      this.#state = "PENDING_CONTROLLED_SHUTDOWN";
      this.#kick.notify();
      yield* this.#ended.waitAtMost(SHUTDOWN_TIMEOUT);
    }
    this.#state = "SHUTTING_DOWN";
  }

  *#live(): Process<void> {
    const registered = yield* this.#register();
    if (!registered) {
      this.#options.host.stop(false);
      return;
    }
    let failures = 0;
    while (this.#state !== "SHUTTING_DOWN") {
      const response = yield* this.#options.channel.call(
        "BrokerHeartbeat",
        () => this.#heartbeat(),
        ms(this.#options.config["broker.session.timeout.ms"]),
      );
      const failed = response === undefined || response.error !== "NONE";
      failures = failed ? failures + 1 : 0;
      yield* this.#wait(failed ? this.#backoff(failures - 1) : this.#use(response));
    }
  }

  *#register(): Process<boolean> {
    const { host, config, channel } = this.#options;
    const deadline = host.now + ms(config["initial.broker.registration.timeout.ms"]);
    const request = {
      brokerId: host.id,
      incarnation: host.incarnation,
      rack: host.rack,
      previousBrokerEpoch: this.#broker?.previousBrokerEpoch ?? -1,
      logDir: this.#broker?.logDir ?? UNASSIGNED,
    };
    for (let failures = 0; host.now < deadline; failures++) {
      const left = deadline - host.now;
      const response = yield* channel.call("BrokerRegistration", () => request, left);
      if (response?.error === "NONE") {
        this.#brokerEpoch = response.brokerEpoch;
        return true;
      }
      yield* host.sleep(this.#backoff(failures));
    }
    return false;
  }

  #heartbeat(): BrokerHeartbeatRequest {
    return {
      brokerId: this.#options.host.id,
      brokerEpoch: this.#brokerEpoch,
      currentMetadataOffset: this.#options.appliedOffset(),
      wantFence: this.#wantsFence,
      wantShutDown: this.#state === "PENDING_CONTROLLED_SHUTDOWN",
    };
  }

  /** Until its metadata is read and its logs are loaded. */
  get #wantsFence(): boolean {
    if (this.#state === "STARTING") return true;
    return this.#state === "RECOVERY" && this.#broker?.ready !== true;
  }

  /** What a heartbeat's answer means; returns the pause before the next. */
  #use({ isCaughtUp, isFenced, shouldShutDown }: BrokerHeartbeatResponse): Micros {
    const interval = ms(this.#options.config["broker.heartbeat.interval.ms"]);
    switch (this.#state) {
      case "STARTING":
        if (!isCaughtUp) return interval;
        this.#state = "RECOVERY";
        this.#options.caughtUp();
        return 0;
      case "RECOVERY":
        if (!isFenced) {
          this.#state = "RUNNING";
          this.#hasBeenUnfenced = true;
        }
        return interval;
      case "RUNNING":
        return interval;
      case "PENDING_CONTROLLED_SHUTDOWN": {
        const first = !this.#gotShutdownResponse;
        this.#gotShutdownResponse = true;
        if (shouldShutDown) {
          this.#state = "SHUTTING_DOWN";
          this.#ended.notify();
        }
        return first ? FIRST_SHUTDOWN_HEARTBEAT : interval;
      }
      case "SHUTTING_DOWN":
        return interval;
    }
  }

  /** Ends early when there is news for the controller. */
  *#wait(pause: Micros): Process<void> {
    const { host } = this.#options;
    const until = host.now + pause;
    while (host.now < until) {
      const fenced = this.#wantsFence;
      const caughtUp = this.#isCaughtUp;
      const waiting = this.#state === "STARTING" || this.#state === "RECOVERY";
      const step = waiting ? Math.min(READINESS_CHECK, until - host.now) : until - host.now;
      const kicked = yield* this.#kick.waitAtMost(step);
      if (kicked || fenced !== this.#wantsFence) return;
      if (this.#state === "STARTING" && this.#isCaughtUp && !caughtUp) return;
    }
  }

  get #isCaughtUp(): boolean {
    return this.#options.appliedOffset() >= this.#brokerEpoch;
  }

  #backoff(failures: number): Micros {
    const longest = ms(this.#options.config["broker.session.timeout.ms"]);
    return Math.min(longest, RETRY_BACKOFF << Math.min(failures, 10));
  }
}
