// The last acknowledgements of a partition, so that a finding can say when a record was acked. Bounded; older ones are forgotten.
import type { Micros } from "../sim/kernel.ts";

export interface Ack {
  readonly seq: number;
  readonly atUs: Micros;
  readonly offset: number;
}

const CAPACITY = 8192;
const WIDTH = 6;

export class AckLog {
  /** Six numbers side by side an acknowledgement, not an object. */
  readonly #ring: number[] = [];
  #next = 0;

  add(stream: number, first: number, count: number, base: number, seq: number, atUs: Micros): void {
    const ring = this.#ring;
    const i = this.#next * WIDTH;
    ring[i] = stream;
    ring[i + 1] = first;
    ring[i + 2] = count;
    ring[i + 3] = base;
    ring[i + 4] = seq;
    ring[i + 5] = atUs;
    this.#next = (this.#next + 1) % CAPACITY;
  }

  get isEmpty(): boolean {
    return this.#ring.length === 0;
  }

  find(stream: number, number: number): Ack | undefined {
    const ring = this.#ring;
    for (let i = 0; i < ring.length; i += WIDTH) {
      const first = ring[i + 1] as number;
      if (ring[i] !== stream || number < first || number >= first + (ring[i + 2] as number))
        continue;
      const base = ring[i + 3] as number;
      return {
        seq: ring[i + 4] as number,
        atUs: ring[i + 5] as number,
        offset: base < 0 ? -1 : base + number - first,
      };
    }
    return undefined;
  }
}
