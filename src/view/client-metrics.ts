// What producers and consumers report of themselves (SenderMetricsRegistry, BufferPool, FetchMetricsRegistry), as far as the trace tells it.
// A batch counts when a leader appends it, so that one sent twice counts as often as it was taken. Kafka's own topics do not count.
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";

export class ClientMetricsFold {
  readonly listeners: Listeners;
  #batches = 0;
  #records = 0;
  #bytes = 0;
  #waits = 0;
  #exhausted = 0;
  /** Nodes to which poll() has returned records. */
  readonly #fed = new Set<number>();
  /** Records that consumers have read from a broker of another rack; whoever has no rack does not count. */
  #crossRack = 0;

  constructor(hosts: HostDirectory) {
    const hasRacks = hosts.hosts.some(({ rack }) => rack !== undefined);
    this.listeners = {
      "log.appended": (e) => {
        if (!e.leader || e.partition.topic.startsWith("__")) return;
        this.#batches++;
        this.#records += e.count;
        this.#bytes += e.sizeBytes;
      },
      "producer.blocked": (e) => {
        if (e.why === "waits for buffer memory") this.#waits++;
      },
      "op.failed": (e) => {
        if (e.error === "BUFFER_EXHAUSTED") this.#exhausted += e.count;
      },
      "consumer.polled": (e) => {
        this.#fed.add(e.node);
        if (!hasRacks) return;
        const to = hosts.get(e.node)?.rack;
        const from = hosts.get(e.leader)?.rack;
        if (to !== undefined && from !== undefined && to !== from) this.#crossRack += e.count;
      },
    };
  }

  snapshot(): Record<string, number> {
    const perBatch = (sum: number): number => (this.#batches === 0 ? 0 : sum / this.#batches);
    return {
      batches_in: this.#batches,
      batch_size_avg: perBatch(this.#bytes),
      records_per_batch_avg: perBatch(this.#records),
      bufferpool_waits: this.#waits,
      buffer_exhausted_total: this.#exhausted,
      active_consumers: this.#fed.size,
      cross_rack_records_delivered: this.#crossRack,
    };
  }
}
