// How a coordinator writes to its partition of `__consumer_offsets` (CoordinatorRuntime, CoordinatorPartitionWriter): records are collected for a
// moment, appended as one batch, and whoever caused them is answered when the high watermark has passed it.
import { BATCH_HEADER_BYTES, recordBytes } from "../../protocol/batch-size.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { ErrorName } from "../../protocol/errors.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { PartitionWriter } from "../../protocol/roles.ts";
import type { ProducedBatch, TopicPartition } from "../../protocol/types.ts";
import { ms, type Timer } from "../../sim/kernel.ts";
import { type CoordinatorRecord, RECORD_FORMAT, recordShape } from "./records.ts";
import { responseErrorOf } from "./services.ts";

export interface CoordinatorLogOptions {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly partition: TopicPartition;
  readonly writer: PartitionWriter;
  readonly lingerMs: number;
  readonly commitTimeoutMs: number;
  readonly maxBatchBytes: number;
  /** The record is committed: it becomes part of the state, before anybody is answered. */
  readonly committed: (record: CoordinatorRecord) => void;
}

/** Someone who is answered when a batch is committed, or when patience ends. */
interface Waiting {
  done: ((error: ErrorName) => void) | undefined;
  readonly timeout: Timer;
}

interface Batch {
  readonly records: CoordinatorRecord[];
  sizeBytes: number;
  readonly waiting: Waiting[];
  linger: Timer | undefined;
}

export class CoordinatorLog {
  readonly #options: CoordinatorLogOptions;
  #collecting: Batch | undefined;
  /** Appended, and not yet below the high watermark. */
  readonly #appended: Batch[] = [];
  #isClosed = false;

  constructor(options: CoordinatorLogOptions) {
    this.#options = options;
  }

  write(records: readonly CoordinatorRecord[], done: (error: ErrorName) => void): void {
    for (const record of records) this.#add(record);
    const batch = this.#collecting;
    if (batch === undefined) return done("NONE");
    batch.waiting.push(this.#waiting(done));
    if (this.#options.lingerMs === 0) this.#flush();
  }

  /** A read that must see every write waits for the last of them. */
  afterWrites(done: (error: ErrorName) => void): void {
    const last = this.#collecting ?? this.#appended.at(-1);
    if (last === undefined) done("NONE");
    else last.waiting.push(this.#waiting(done));
  }

  *uncommitted(): Generator<CoordinatorRecord> {
    for (const { records } of this.#appended) yield* records;
    if (this.#collecting !== undefined) yield* this.#collecting.records;
  }

  /** The partition is led by another broker now. */
  close(): void {
    this.#isClosed = true;
    const batches = this.#appended.splice(0);
    if (this.#collecting !== undefined) batches.push(this.#collecting);
    this.#collecting = undefined;
    for (const batch of batches) {
      batch.linger?.cancel();
      answer(batch, "NOT_COORDINATOR");
    }
  }

  #waiting(done: (error: ErrorName) => void): Waiting {
    const { host, commitTimeoutMs } = this.#options;
    const waiting: Waiting = {
      done,
      timeout: host.after(ms(commitTimeoutMs), () => {
        waiting.done = undefined;
        done(responseErrorOf("REQUEST_TIMED_OUT"));
      }),
    };
    return waiting;
  }

  #add(record: CoordinatorRecord): void {
    const shape = recordShape(record);
    let batch = this.#collecting;
    const sizeBytes = recordBytes(shape, batch?.records.length ?? 0, 0);
    if (batch !== undefined && batch.sizeBytes + sizeBytes > this.#options.maxBatchBytes) {
      this.#flush();
      batch = undefined;
    }
    if (batch === undefined) {
      batch = { records: [], sizeBytes: BATCH_HEADER_BYTES, waiting: [], linger: undefined };
      this.#collecting = batch;
      const { host, lingerMs } = this.#options;
      if (lingerMs > 0) batch.linger = host.after(ms(lingerMs), () => this.#flush());
    }
    batch.records.push(record);
    batch.sizeBytes += sizeBytes;
  }

  #flush(): void {
    const batch = this.#collecting;
    if (batch === undefined) return;
    this.#collecting = undefined;
    batch.linger?.cancel();
    this.#appended.push(batch);
    const { writer, partition } = this.#options;
    writer.append(partition, this.#produced(batch), (error) => this.#finished(batch, error));
  }

  #finished(batch: Batch, error: ErrorName): void {
    if (this.#isClosed) return;
    this.#appended.splice(this.#appended.indexOf(batch), 1);
    if (error === "NONE") for (const record of batch.records) this.#options.committed(record);
    answer(batch, responseErrorOf(error));
  }

  #produced({ records, sizeBytes }: Batch): ProducedBatch {
    const { host, env, partition } = this.#options;
    const producer = `__coordinator-${host.name}`;
    const { stream, opened } = env.streams.of(producer, partition);
    if (opened) host.emit("stream.opened", { partition, stream: stream.id, producer });
    const firstNumber = stream.nextNumber;
    stream.nextNumber += records.length;
    const now = host.clock.now();
    return {
      stream: stream.id,
      firstNumber,
      count: records.length,
      sizeBytes,
      firstTimestamp: now,
      maxTimestamp: now,
      producerId: -1,
      producerEpoch: -1,
      baseSequence: -1,
      payload: records,
      format: RECORD_FORMAT,
    };
  }
}

function answer({ waiting }: Batch, error: ErrorName): void {
  for (const one of waiting) {
    one.timeout.cancel();
    const { done } = one;
    one.done = undefined;
    done?.(error);
  }
}
