// The coordinator behind one partition of `__consumer_offsets` (CoordinatorRuntime.CoordinatorContext): it loads when this broker is elected
// leader, serves, and is unloaded when another one is. The whole log is read. What was read counts as committed.
import type { GroupConfig } from "../../protocol/config/group.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { PartitionWriter } from "../../protocol/roles.ts";
import type { LeaderEpoch, RecordBatch, TopicPartition } from "../../protocol/types.ts";
import { CoordinatorLog } from "./coordinator-log.ts";
import { HostTimers } from "./host-timers.ts";
import type { CoordinatorRecord } from "./records.ts";
import type { GroupServices } from "./services.ts";
import { GroupShard } from "./shard.ts";
import { uuids } from "./uuid.ts";

export interface CoordinatorParts {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly config: GroupConfig & { readonly "message.max.bytes": number };
  readonly writer: PartitionWriter;
  readonly rules: Pick<
    GroupServices,
    | "skipsAssignment"
    | "requiresMemberId"
    | "storesNewGroups"
    | "sparesMembers"
    | "acceptsAnyCommit"
    | "startsOver"
    | "keepsTheSilent"
  >;
}

/** One thread loads, one partition at a time. */
const LOADER = "group-metadata-loader";
/** Reading from the page cache and parsing: a round number for one core. */
const LOADED_BYTES_PER_US = 50;
const READ_US = 100;

export class PartitionCoordinator {
  readonly partition: TopicPartition;
  epoch: LeaderEpoch;
  /** failed: the log cannot be read; nothing is served until another broker leads. */
  state: "loading" | "active" | "failed" | "closed" = "loading";
  readonly shard: GroupShard;
  readonly log: CoordinatorLog;
  readonly #parts: CoordinatorParts;
  readonly #timers: HostTimers;

  constructor(parts: CoordinatorParts, partition: TopicPartition, epoch: LeaderEpoch) {
    const { host, env, config, writer, rules } = parts;
    this.#parts = parts;
    this.partition = partition;
    this.epoch = epoch;
    this.#timers = new HostTimers(host);
    this.log = new CoordinatorLog({
      host,
      env,
      partition,
      writer,
      lingerMs: config["group.coordinator.append.linger.ms"],
      commitTimeoutMs: config["offsets.commit.timeout.ms"],
      maxBatchBytes: config["message.max.bytes"],
      committed: (record) => this.#committed(record),
    });
    const { log } = this;
    this.shard = new GroupShard({
      ...rules,
      config,
      timers: this.#timers,
      wallClock: () => host.clock.now(),
      newUuid: uuids(host.rng(`group-coordinator/${partition.name}`)),
      write: (records, done) => log.write(records, done),
      afterWrites: (done) => log.afterWrites(done),
      uncommitted: { [Symbol.iterator]: () => log.uncommitted() },
      emit: (type, payload) => host.emit(type, payload),
    });
  }

  /** A group's own record says what the coordinator has done already; an offset counts from here on. */
  #committed(record: CoordinatorRecord): void {
    if (record.type === "OffsetCommit") this.shard.replay(record);
  }

  load(): void {
    const { host, config } = this.#parts;
    let bytes = 0;
    for (const batch of this.#read() ?? []) bytes += batch.sizeBytes;
    const reads = Math.ceil(bytes / config["offsets.load.buffer.size"]);
    const time = READ_US * (1 + reads) + Math.round(bytes / LOADED_BYTES_PER_US);
    host.station(LOADER, { servers: 1 }).submit(time, () => this.#loaded());
  }

  #read(): readonly RecordBatch[] | undefined {
    return this.#parts.writer.readAll(this.partition);
  }

  #loaded(): void {
    if (this.state !== "loading") return;
    const batches = this.#read();
    if (batches === undefined) {
      this.state = "failed";
      return;
    }
    for (const { payload } of batches) {
      for (const record of payload ?? []) {
        // Compaction leaves a hole where a record was.
        if (record !== undefined) this.shard.replay(record as CoordinatorRecord);
      }
    }
    this.state = "active";
    this.#parts.host.emit("group.loaded", {
      partition: this.partition,
      groups: this.shard.groups.size,
      offsets: this.shard.offsets.size,
    });
    this.shard.loaded();
  }

  close(): void {
    this.state = "closed";
    this.#timers.cancelAll();
    this.log.close();
    this.shard.unloaded();
  }
}
