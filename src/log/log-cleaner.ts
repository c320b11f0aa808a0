// LogCleaner: one thread of a broker that compacts the filthiest of its logs, one after the other, and rests when none needs it.
// Each replica is compacted by its own broker, when that broker comes to it: replicas differ in what they still hold.
// Left out: more threads, throttling (log.cleaner.io.max.bytes.per.second), the time of reading and of the offset map.
import type { TopicPartition } from "../protocol/types.ts";
import { ms } from "../sim/kernel.ts";
import type { Cleaning } from "./cleaner.ts";
import type { ReplicaLog } from "./log.ts";
import type { LogDirectory } from "./log-directory.ts";

interface Logs {
  readonly logs: Iterable<ReplicaLog>;
  get(partition: TopicPartition): ReplicaLog | undefined;
}

export class LogCleaner {
  readonly #directory: LogDirectory;
  readonly #logs: Logs;
  readonly #backoffMs: number;

  constructor(directory: LogDirectory, logs: Logs, backoffMs: number) {
    this.#directory = directory;
    this.#logs = logs;
    this.#backoffMs = backoffMs;
  }

  start(): void {
    this.#cleanFilthiest();
  }

  #rest(): void {
    // A thread that never rested would never let time pass.
    const backoff = Math.max(1, this.#backoffMs);
    this.#directory.host.after(ms(backoff), () => this.#cleanFilthiest());
  }

  #cleanFilthiest(): void {
    if (this.#directory.isOffline) return;
    const found = this.#filthiest();
    if (found === undefined) return this.#rest();
    const { host } = this.#directory;
    // Cleaned segments are fsynced before they take the old ones' place. A paused process hears of it when it goes on.
    host.disk.fsync(
      (ok) =>
        void host.after(0, () => {
          if (!ok) return this.#directory.fail("fsync", "EIO");
          this.#finish(found.log, found.cleaning);
          this.#cleanFilthiest();
        }),
      found.cleaning.bytesAfter,
    );
  }

  #filthiest(): { readonly log: ReplicaLog; readonly cleaning: Cleaning } | undefined {
    const now = this.#directory.host.clock.now();
    const { cleaner } = this.#directory.checkpoints;
    let best: { readonly log: ReplicaLog; readonly cleaning: Cleaning } | undefined;
    for (const log of this.#logs.logs) {
      const cleaning = log.cleaning(cleaner.of(log.partition), now);
      if (cleaning === undefined) continue;
      if (best === undefined || cleaning.cleanableRatio > best.cleaning.cleanableRatio)
        best = { log, cleaning };
    }
    return best;
  }

  #finish(log: ReplicaLog, cleaning: Cleaning): void {
    const { host, checkpoints, isOffline } = this.#directory;
    const { partition } = log;
    if (isOffline || this.#logs.get(partition) !== log || !log.replaceSegments(cleaning)) return;
    checkpoints.cleaner.set(partition, cleaning.to);
    checkpoints.cleaner.write();
    const { from, to, removed, kept, bytesBefore, bytesAfter } = cleaning;
    host.emit("log.cleaned", { partition, from, to, removed, kept, bytesBefore, bytesAfter });
  }
}
