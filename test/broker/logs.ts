// Looking into the logs of a test cluster, and producing to it from the outside.
import { lastOffset, type ProducedBatch } from "../../src/protocol/types.ts";
import { ms } from "../../src/sim/kernel.ts";
import type { TestCluster } from "./support.ts";

export const leo = (c: TestCluster, id: number, name: string): number =>
  c.log(id, name).logEndOffset;
export const hw = (c: TestCluster, id: number, name: string): number =>
  c.log(id, name).highWatermark;

/** What a replica holds, as `epoch:stream/number@offset`. */
export function records(c: TestCluster, id: number, name: string): string[] {
  const log = c.log(id, name);
  const found: string[] = [];
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const read = log.read(offset, 1e9, log.logEndOffset, true);
    if (typeof read === "string") throw new Error(read);
    for (const batch of read.batches) {
      const { leaderEpoch, stream, firstNumber, count, baseOffset } = batch;
      found.push(`${leaderEpoch}:${stream}/${firstNumber}+${count}@${baseOffset}`);
      offset = lastOffset(batch) + 1;
    }
  }
  return found;
}

export const epochsOf = (c: TestCluster, id: number, name: string): number[] =>
  c.log(id, name).epochs.entries.map((entry) => entry.epoch);

export interface ProduceOptions {
  readonly batch?: Partial<ProducedBatch>;
  readonly timeoutMs?: number;
  /** Hears the partition's error. */
  readonly done?: (error: string) => void;
}

/** One produce request from the client machine. */
export function produceTo(
  c: TestCluster,
  leader: number,
  name: string,
  count: number,
  acks: 0 | 1 | -1,
  { batch = {}, timeoutMs = 30_000, done }: ProduceOptions = {},
): void {
  const batches = [{ partition: c.partition(name), batch: c.batch(count, batch) }];
  const options = { timeoutUs: ms(60_000) };
  c.client.send(leader, "Produce", { acks, timeoutMs, batches }, options, (reply) =>
    done?.(reply.ok ? (reply.response.partitions[0]?.error ?? "no answer") : reply.reason),
  );
}
