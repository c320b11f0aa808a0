// Processes that take memory of a machine (StressChaos memory). The page cache shrinks by as much; when there is no page cache left to give, the kernel
// kills the process with the highest score until the rest fits: its share of the machine's memory in thousandths and its oom_score_adj (oom_badness).
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { MemorySpec, MemoryStress } from "../../scenario/model.ts";
import type { PageCache } from "../../sim/page-cache.ts";

/** The kernel does not kill a process with this adjustment. */
const OOM_SCORE_ADJ_MIN = -1000;

export class MemoryStressor {
  readonly #host: KafkaHost;
  readonly #memory: MemorySpec;
  readonly #stress: MemoryStress;
  readonly #pageCache: PageCache;
  #workers = 0;
  /** In which life the host's process was killed; 0: it was not. */
  #killedLife = 0;
  #pressureBefore = 0;
  #bit = false;

  constructor(host: KafkaHost, memory: MemorySpec, stress: MemoryStress) {
    this.#host = host;
    this.#memory = memory;
    this.#stress = stress;
    this.#pageCache = host.disk.pageCache as PageCache;
  }

  begin(): void {
    this.#pressureBefore = this.#pageCache.pressure;
    this.#workers = this.#stress.workers;
    this.#pageCache.take(this.#heldBytes);
    while (this.#pageCache.missingBytes > 0 && this.#workers > 0) this.#kill();
  }

  heal(): void {
    this.#bit = this.bit();
    this.#pageCache.take(-this.#heldBytes);
    this.#workers = 0;
    if (this.#killedLife === 0) return;
    // The process has its memory again when it starts.
    this.#pageCache.take(this.#memory.heapBytes);
    const { state, incarnation } = this.#host;
    if (state === "down" && incarnation === this.#killedLife) this.#host.boot();
  }

  bit(): boolean {
    return this.#bit || this.#killedLife > 0 || this.#pageCache.pressure > this.#pressureBefore;
  }

  get #heldBytes(): number {
    return this.#workers * this.#workerBytes;
  }

  get #workerBytes(): number {
    return Math.floor(this.#stress.bytes / this.#stress.workers);
  }

  /** One process: the stressed one, or a worker. */
  #kill(): void {
    const { sizeBytes, heapBytes } = this.#memory;
    const { oomScoreAdj } = this.#stress;
    const scoreOfWorker = (this.#workerBytes / sizeBytes) * 1000 + oomScoreAdj;
    const scoreOfHost = (heapBytes / sizeBytes) * 1000;
    const spared = oomScoreAdj === OOM_SCORE_ADJ_MIN || scoreOfHost > scoreOfWorker;
    if (spared && this.#host.state !== "down") {
      this.#killedLife = this.#host.incarnation;
      this.#host.crash("oom");
      this.#pageCache.take(-heapBytes);
    } else {
      this.#workers--;
      this.#host.emit("host.stressorKilled", { bytes: this.#workerBytes });
      this.#pageCache.take(-this.#workerBytes);
    }
  }
}
