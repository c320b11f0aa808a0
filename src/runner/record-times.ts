// Timestamps of the records in leaders' logs, for questions by time (ListOffsets): when send() was called for a record, or when the leader
// appended it, for a topic with message.timestamp.type=LogAppendTime and for what a coordinator writes. Only the trace is asked.
import type { Offset } from "../protocol/types.ts";
import { type Micros, ms } from "../sim/kernel.ts";
import type { Listeners } from "../view/listeners.ts";

interface Sent {
  readonly firstNumber: number;
  readonly count: number;
  readonly at: Micros;
}

interface Appended extends Sent {
  readonly baseOffset: Offset;
  readonly stream: number;
}

export class RecordTimes {
  readonly listeners: Listeners;
  /** By stream, in order. */
  readonly #sent = new Map<number, Sent[]>();
  /** By partition index, in order of offsets: what the latest leader to write there has written. */
  readonly #appended = new Map<number, Appended[]>();

  constructor() {
    this.listeners = {
      "op.invoked": ({ stream, firstNumber, count, at }) => {
        listIn(this.#sent, stream).push({ firstNumber, count, at });
      },
      "log.appended": ({ leader, partition, baseOffset, stream, firstNumber, count, at }) => {
        if (!leader) return;
        const list = listIn(this.#appended, partition.index);
        // A new leader overwrites what its predecessor had not committed.
        while ((list.at(-1)?.baseOffset ?? -1) >= baseOffset) list.pop();
        list.push({ baseOffset, stream, firstNumber, count, at });
      },
    };
  }

  /** The first record at or after the timestamp from an offset on; timestamps are milliseconds. */
  offsetFor(
    partition: { readonly index: number },
    timestampMs: number,
    from: Offset,
    byAppendTime: boolean,
  ): Offset | undefined {
    for (const batch of this.#appended.get(partition.index) ?? []) {
      for (let i = Math.max(0, from - batch.baseOffset); i < batch.count; i++) {
        const at = byAppendTime ? batch.at : this.#sentAt(batch, i);
        if (Math.floor(at / ms(1)) >= timestampMs) return batch.baseOffset + i;
      }
    }
    return undefined;
  }

  #sentAt({ stream, firstNumber, at }: Appended, i: number): Micros {
    const number = firstNumber + i;
    const sent = this.#sent.get(stream) ?? [];
    let low = 0;
    let high = sent.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { firstNumber: first, count } = sent[middle] as Sent;
      if (first + count <= number) low = middle + 1;
      else high = middle;
    }
    return sent[low]?.at ?? at;
  }
}

function listIn<T>(map: Map<number, T[]>, key: number): T[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}
