// Gets a producer id (Sender.maybeSendAndPollTransactionalRequest, InitProducerIdHandler): any broker will do, asked again until one answers.
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import type { Micros, Timer } from "../../sim/kernel.ts";
import type { Metadata } from "../metadata.ts";
import type { NetworkClient } from "../network-client.ts";

const REQUEST = {
  transactionalId: undefined,
  transactionTimeoutMs: 0x7fff_ffff,
  producerId: -1,
  producerEpoch: -1,
} as const;

export class ProducerIdRequest {
  readonly #host: KafkaHost;
  readonly #network: NetworkClient;
  readonly #metadata: Metadata;
  readonly #retryBackoff: Micros;
  readonly #granted: (producerId: number, producerEpoch: number) => void;
  #isInFlight = false;
  #retry: Timer | undefined;

  constructor(
    host: KafkaHost,
    parts: { readonly network: NetworkClient; readonly metadata: Metadata },
    retryBackoff: Micros,
    granted: (producerId: number, producerEpoch: number) => void,
  ) {
    this.#host = host;
    this.#network = parts.network;
    this.#metadata = parts.metadata;
    this.#retryBackoff = retryBackoff;
    this.#granted = granted;
  }

  /** Asks, unless it is asking already. */
  ensure(): void {
    if (this.#isInFlight || this.#retry !== undefined) return;
    const broker = this.#network.leastLoaded(this.#metadata.brokers);
    if (broker === undefined || !this.#network.ready(broker)) {
      this.#metadata.requestUpdate();
      this.#again();
      return;
    }
    this.#isInFlight = true;
    this.#network.send(broker, "InitProducerId", REQUEST, (reply) => this.#answered(reply));
  }

  #answered(reply: Reply<"InitProducerId">): void {
    this.#isInFlight = false;
    if (!reply.ok || reply.response.error !== "NONE") this.#again();
    else this.#granted(reply.response.producerId, reply.response.producerEpoch);
  }

  #again(): void {
    this.#retry = this.#host.after(this.#retryBackoff, () => {
      this.#retry = undefined;
      this.ensure();
    });
  }
}
