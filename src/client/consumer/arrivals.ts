// What a poll of ConsumerNetworkClient waits for: any answer or change of a connection, or the end of its time.
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { Micros } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";

export class Arrivals {
  readonly #host: KafkaHost;
  readonly #signal: Signal;

  constructor(host: KafkaHost) {
    this.#host = host;
    this.#signal = new Signal(host);
  }

  notify(): void {
    this.#signal.notify();
  }

  /** False when nothing came in time. */
  waitAtMost(delay: Micros): Process<boolean> {
    return this.#signal.waitAtMost(delay);
  }

  /** Waits for the condition, looked at again with every arrival; false when the deadline came first. */
  *until(isMet: () => boolean, deadline: Micros): Process<boolean> {
    while (!isMet()) {
      const left = deadline - this.#host.now;
      if (left <= 0) return false;
      if (deadline === Number.POSITIVE_INFINITY) yield* this.#signal.wait();
      else yield* this.#signal.waitAtMost(left);
    }
    return true;
  }
}
