// What a voter keeps on its disk: the quorum-state file and the metadata log. The truth: FileQuorumStateStore, KafkaMetadataLog.
// A disk that fails ends the process, as a fault in KafkaRaftClient's thread does.
import type { KafkaHost } from "../../../protocol/kafka-host.ts";
import type { Rules } from "../../../protocol/releases.ts";
import type { MetadataBatch, Offset } from "../../../protocol/types.ts";
import type { File } from "../../../sim/disk.ts";
import { endOf, MetadataLog } from "./log.ts";
import type { ElectionState } from "./quorum-state.ts";

const LOG = "__cluster_metadata-0/00000000000000000000.log";
const QUORUM_STATE = "__cluster_metadata-0/quorum-state";

export class RaftStorage {
  readonly log: MetadataLog;
  readonly #host: KafkaHost;
  readonly #file: File<MetadataBatch>;

  readonly #isForgetful: boolean;

  constructor(host: KafkaHost, rules: Rules) {
    this.#host = host;
    this.#isForgetful = rules.mutant === "voter-forgets-epoch";
    this.#file = host.disk.file<MetadataBatch>(LOG);
    const damaged = Math.min(...this.#file.corrupted, this.#file.length);
    this.#file.truncate(damaged);
    this.log = new MetadataLog(this.#file);
  }

  get electionState(): ElectionState {
    const saved = this.#host.disk.read<ElectionState>(QUORUM_STATE);
    if (saved !== undefined && !this.#isForgetful) return saved;
    return { epoch: 0, leaderId: undefined, votedId: undefined };
  }

  save(state: ElectionState): void {
    this.#host.disk.write(QUORUM_STATE, state);
  }

  /** What was saved is on the platter when `done` is called. */
  sync(done: () => void): void {
    this.#host.disk.fsync((ok) => this.#then(ok, done));
  }

  /** All of the log is durable when `done` is called: at once, if it is. */
  settle(done: () => void): void {
    if (this.#file.syncedLength === this.#file.length) done();
    else this.#file.sync((ok) => this.#then(ok, done));
  }

  append(
    batches: readonly MetadataBatch[],
    leader: boolean,
    durable: (endOffset: Offset) => void,
  ): void {
    for (const batch of batches) {
      const outcome = this.log.append(batch);
      if (outcome !== "ok") return this.#fail("write", outcome === "ENOSPC" ? "ENOSPC" : "EIO");
      const { baseOffset, epoch, records } = batch;
      const count = records.length;
      this.#host.emit("quorum.appended", { baseOffset, count, epoch, leader });
    }
    const last = batches.at(-1);
    const end = last === undefined ? this.log.endOffset : endOf(last);
    this.#file.sync((ok) => this.#then(ok, () => durable(end)));
  }

  /** Through the machine, so that a paused process hears of it when it runs again. */
  #then(ok: boolean, done: () => void): void {
    this.#host.after(0, () => {
      if (ok) done();
      else this.#fail("fsync", "EIO");
    });
  }

  #fail(method: "write" | "fsync", errno: "EIO" | "ENOSPC"): void {
    this.#host.emit("disk.failed", { method, errno });
    this.#host.crash("kill");
  }
}
