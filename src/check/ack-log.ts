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
  #ring = new Float64Array(WIDTH * 64);
  #next = 0;
  #kept = 0;

  add(stream: number, first: number, count: number, base: number, seq: number, atUs: Micros): void {
    if (this.#kept * WIDTH === this.#ring.length && this.#kept < CAPACITY) this.#grow();
    const ring = this.#ring;
    const i = this.#next * WIDTH;
    ring[i] = stream;
    ring[i + 1] = first;
    ring[i + 2] = count;
    ring[i + 3] = base;
    ring[i + 4] = seq;
    ring[i + 5] = atUs;
    const capacity = ring.length / WIDTH;
    this.#next = (this.#next + 1) % capacity;
    if (this.#kept < capacity) this.#kept++;
  }

  get isEmpty(): boolean {
    return this.#kept === 0;
  }

  find(stream: number, number: number): Ack | undefined {
    const ring = this.#ring;
    for (let k = 0; k < this.#kept; k++) {
      const i = k * WIDTH;
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

  #grow(): void {
    const ring = new Float64Array(this.#ring.length * 2);
    ring.set(this.#ring);
    this.#ring = ring;
    this.#next = this.#kept;
  }
}
