// Keeps a client's metadata fresh (NetworkClient.DefaultMetadataUpdater): one request at a time to the least loaded broker, when it is due.
import type { KafkaHost, Reply } from "../protocol/kafka-host.ts";
import { type Micros, ms, type Timer } from "../sim/kernel.ts";
import type { Metadata } from "./metadata.ts";
import type { NetworkClient, NetworkConfig } from "./network-client.ts";

export class MetadataUpdater {
  readonly #host: KafkaHost;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #noBrokerPause: Micros;
  readonly #updated: () => void;
  #timer: Timer | undefined;
  #timerAt: Micros = 0;
  #isInProgress = false;
  #isStopped = false;

  constructor(
    host: KafkaHost,
    metadata: Metadata,
    network: NetworkClient,
    config: NetworkConfig,
    updated: () => void,
  ) {
    this.#host = host;
    this.#metadata = metadata;
    this.#network = network;
    this.#noBrokerPause = Math.max(1, ms(config["reconnect.backoff.ms"]));
    this.#updated = updated;
    metadata.onRefreshWanted(() => this.#schedule());
    network.onConnection((_broker, isUp) => {
      if (!isUp) metadata.requestUpdate();
      this.#schedule();
    });
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #schedule(): void {
    if (this.#isInProgress || this.#isStopped) return;
    this.#wakeAt(this.#metadata.nextUpdateAt(this.#host.now));
  }

  #wakeAt(at: Micros): void {
    if (this.#timer !== undefined) {
      if (this.#timerAt <= at) return;
      this.#timer.cancel();
    }
    this.#timerAt = at;
    this.#timer = this.#host.after(at - this.#host.now, () => {
      this.#timer = undefined;
      this.#maybeUpdate();
    });
  }

  #maybeUpdate(): void {
    const now = this.#host.now;
    if (this.#isInProgress || this.#isStopped) return;
    const due = this.#metadata.nextUpdateAt(now);
    if (due > now) return this.#wakeAt(due);
    const broker = this.#network.leastLoaded(this.#metadata.brokers);
    // A connection that is being made wakes this again when it is up or has failed.
    if (broker === undefined || !this.#network.ready(broker)) {
      return this.#wakeAt(now + this.#noBrokerPause);
    }
    this.#isInProgress = true;
    this.#network.send(broker, "Metadata", { topics: this.#metadata.topics }, (reply) =>
      this.#answered(reply),
    );
  }

  #answered(reply: Reply<"Metadata">): void {
    this.#isInProgress = false;
    if (reply.ok) this.#metadata.update(reply.response, this.#host.now);
    else this.#metadata.failed(this.#host.now);
    this.#schedule();
    if (reply.ok) this.#updated();
  }
}
