// Pending events in (time, insertion) order. Two independent implementations: they must give the same trace hash, which is
// how a mistake in either is found.

import type { Micros } from "./kernel.ts";
import { HeapQueue } from "./queue-heap.ts";
import { LadderQueue } from "./queue-ladder.ts";

/** Orders slots: small integers that the kernel gives out and takes back. */
export interface EventQueue {
  readonly size: number;
  /** By slot: its time, set before the push. A number handed over in an array needs no box. */
  readonly at: Float64Array;
  /** Makes room for slots below `capacity`; `at` is another array then. */
  reserve(capacity: number): void;
  push(slot: number): void;
  /** Takes the earliest slot, unless it is later than `until`: then -1, and nothing changes. */
  popUntil(until: Micros): number;
  /** Takes out a slot that is in the queue. */
  remove(slot: number): void;
}

export const QUEUES = {
  ladder: (): EventQueue => new LadderQueue(),
  heap: (): EventQueue => new HeapQueue(),
} as const;

export type QueueName = keyof typeof QUEUES;

export const DEFAULT_QUEUE: QueueName = "ladder";
