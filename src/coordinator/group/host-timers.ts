// Timers by key on a host's clock (CoordinatorTimer): a key has one timer, and unloading cancels them all.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { ms, type Timer } from "../../sim/kernel.ts";
import type { Timers } from "./services.ts";

export class HostTimers implements Timers {
  readonly #host: KafkaHost;
  readonly #byKey = new Map<string, Timer>();

  constructor(host: KafkaHost) {
    this.#host = host;
  }

  schedule(key: string, delayMs: number, action: () => void): void {
    // Replaced, not deleted and set anew: a map that is churned is copied over and over.
    this.#byKey.get(key)?.cancel();
    const timer = this.#host.after(ms(delayMs), () => {
      // A paused process finds its timers due only after they may have been replaced.
      if (this.#byKey.get(key) !== timer) return;
      this.#byKey.delete(key);
      action();
    });
    this.#byKey.set(key, timer);
  }

  cancel(key: string): void {
    this.#byKey.get(key)?.cancel();
    this.#byKey.delete(key);
  }

  cancelAll(): void {
    for (const timer of this.#byKey.values()) timer.cancel();
    this.#byKey.clear();
  }
}
