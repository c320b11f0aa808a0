// The time of a producer's I/O thread (kafka-producer-network-thread), where there is something that takes it: compressing the rest of a batch when it is
// closed, interceptors and callbacks on acknowledgement. One thing after the other; what comes while it is busy waits.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Station } from "../../sim/station.ts";
import type { ProducerBatch } from "./batch.ts";

export class SenderThread {
  readonly #station: Station;
  readonly #perRecord: Micros;
  #isRunQueued = false;
  /** Parts of a microsecond that were not spent yet. */
  #rest = 0;

  constructor(host: KafkaHost, perRecord: Micros) {
    this.#station = host.station("sender", { servers: 1 });
    this.#perRecord = perRecord;
  }

  get isBusy(): boolean {
    return this.#station.busy > 0;
  }

  /** onAcknowledgement of every record. A batch that was given up meanwhile has been through it. */
  acknowledgementUs(batches: readonly ProducerBatch[]): Micros {
    if (this.#perRecord === 0) return 0;
    return batches.reduce(
      (us, { count, isDone }) => us + (isDone ? 0 : count * this.#perRecord),
      0,
    );
  }

  /** `then` when the thread has done it. */
  work(us: Micros, then: () => void): void {
    const wanted = us + this.#rest;
    const whole = Math.floor(wanted);
    this.#rest = wanted - whole;
    if (whole === 0 && !this.isBusy) then();
    else this.#station.submit(whole, then);
  }

  /** The next round of the sender, when what came before it is done. */
  runLater(run: () => void): void {
    if (this.#isRunQueued) return;
    this.#isRunQueued = true;
    this.#station.submit(0, () => {
      this.#isRunQueued = false;
      run();
    });
  }
}
