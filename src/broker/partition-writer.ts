// How a coordinator on this broker writes to and reads from the partitions it leads (CoordinatorPartitionWriter, CoordinatorLoader):
// as a producer with acks=all would, without the network, and without a deadline of the broker's.
import type { ReplicaLog } from "../log/log.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { PartitionWriter } from "../protocol/roles.ts";
import {
  lastOffset,
  type Offset,
  type ProducedBatch,
  type RecordBatch,
  type TopicPartition,
} from "../protocol/types.ts";
import { mustWait, whenFlushed } from "./flushed.ts";
import type { Partition } from "./partition.ts";
import type { Waiter } from "./purgatory.ts";
import type { ReplicaManager } from "./replica-manager.ts";

type Done = (error: ErrorName, baseOffset: Offset) => void;

export class LeaderPartitionWriter implements PartitionWriter {
  readonly #replicas: ReplicaManager;

  constructor(replicas: ReplicaManager) {
    this.#replicas = replicas;
  }

  append(name: TopicPartition, batch: ProducedBatch, done: Done): void {
    const found = this.#replicas.partitionOrError(name);
    const result = typeof found === "string" ? { error: found } : found.appendAsLeader(batch, -1);
    if (result.error !== "NONE" || typeof found === "string") {
      if (result.error === "KAFKA_STORAGE_ERROR") this.#replicas.storageFailed();
      done(result.error, -1);
      return;
    }
    const ack = new CommitWait(found, result.baseOffset, batch.count, done);
    const { highWatermarkAdvanced } = result;
    if (mustWait(found.log)) whenFlushed([found.log], () => park(found, ack));
    else park(found, ack);
    if (highWatermarkAdvanced) found.completeWaiters();
    else found.fetches.checkAll();
  }

  readAll(name: TopicPartition): readonly RecordBatch[] | undefined {
    const found = this.#replicas.partition(name);
    return found?.isLeader ? allBatches(found.log) : undefined;
  }
}

const READ_BYTES = 5 * 1024 * 1024;

/** undefined: the log cannot be read. */
function allBatches(log: ReplicaLog): RecordBatch[] | undefined {
  const batches: RecordBatch[] = [];
  const end = log.logEndOffset;
  for (let offset = log.logStartOffset; offset < end; ) {
    const read = log.read(offset, READ_BYTES, end, true);
    if (typeof read === "string") return undefined;
    const last = read.batches.at(-1);
    if (last === undefined) break;
    for (const batch of read.batches) batches.push(batch);
    offset = lastOffset(last) + 1;
  }
  return batches;
}

function park(partition: Partition, ack: CommitWait): void {
  ack.check();
  if (!ack.isDone()) partition.acks.add(ack, 0);
}

/** One appended batch that waits for the high watermark, or for this broker to be leader no more. */
class CommitWait implements Waiter {
  readonly #partition: Partition;
  readonly #baseOffset: Offset;
  readonly #count: number;
  readonly #done: Done;
  #isAnswered = false;

  constructor(partition: Partition, baseOffset: Offset, count: number, done: Done) {
    this.#partition = partition;
    this.#baseOffset = baseOffset;
    this.#count = count;
    this.#done = done;
  }

  isDone(): boolean {
    return this.#isAnswered;
  }

  check(): void {
    const error = this.#partition.replicationError(this.#baseOffset + this.#count);
    if (error === undefined) return;
    this.#isAnswered = true;
    this.#done(error, this.#baseOffset);
  }
}
