// Producer ids for idempotent producers (TransactionCoordinator.handleInitProducerId without a transactional id, RPCProducerIdManager; KIP-730).
// A broker hands out ids of a block that the controller gave it, and asks for the next block before the last is used up.
// Left out: transactional ids.
import type { InitProducerIdRequest } from "../protocol/group-apis.ts";
import type { Call, KafkaHost, Process } from "../protocol/kafka-host.ts";
import type { Rules } from "../protocol/releases.ts";
import type { ControlPlane, ProducerIdsBlock } from "../protocol/roles.ts";
import { type Micros, ms } from "../sim/kernel.ts";

/** The next block is fetched when this part of the present one is used. */
const PREFETCH_THRESHOLD = 0.9;
const RETRY_BACKOFF = ms(50);

export class ProducerIdManager {
  readonly #host: KafkaHost;
  readonly #controlPlane: ControlPlane;
  readonly #repeats: boolean;
  #block: ProducerIdsBlock = { first: 0, count: 0 };
  #used = 0;
  #nextBlock: ProducerIdsBlock | undefined;
  #isRequested = false;
  #notBefore: Micros = 0;

  constructor(host: KafkaHost, controlPlane: ControlPlane, rules: Rules) {
    this.#repeats = rules.mutant === "producer-id-repeats";
    this.#host = host;
    this.#controlPlane = controlPlane;
  }

  handle(request: InitProducerIdRequest, call: Call<"InitProducerId">): void {
    if (request.transactionalId !== undefined) {
      call.reply({ error: "UNSUPPORTED_VERSION", producerId: -1, producerEpoch: -1 });
      return;
    }
    const producerId = this.#generate();
    // The client asks again: nobody waits for the controller on a request thread.
    if (producerId === undefined) {
      call.reply({ error: "COORDINATOR_LOAD_IN_PROGRESS", producerId: -1, producerEpoch: -1 });
    } else call.reply({ error: "NONE", producerId, producerEpoch: 0 });
  }

  #generate(): number | undefined {
    if (this.#used === this.#block.count) {
      const next = this.#nextBlock;
      if (next === undefined) {
        this.#request();
        return undefined;
      }
      this.#block = next;
      this.#nextBlock = undefined;
      this.#used = 0;
    }
    if (this.#used === Math.floor(this.#block.count * PREFETCH_THRESHOLD)) this.#request();
    return this.#block.first + (this.#repeats ? 0 : this.#used++);
  }

  #request(): void {
    if (this.#isRequested || this.#nextBlock !== undefined) return;
    if (this.#host.now < this.#notBefore) return;
    this.#isRequested = true;
    this.#host.spawn(this.#fetch());
  }

  *#fetch(): Process {
    const block = yield* this.#controlPlane.producerIds();
    this.#isRequested = false;
    if (block === undefined) this.#notBefore = this.#host.now + RETRY_BACKOFF;
    else this.#nextBlock = block;
  }
}
