// The fingerprint of a run: 64 bits folded over every event. Two runs with one seed must agree on it; it is an FNV-like
// word-wise mix, quick enough to be always on, and no defence against an adversary.

const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

export class TraceHash {
  readonly #state = new Int32Array([0x2a5b1f37, 0x7c3d9e05]);

  /** One event of the kernel: the three fold()s in one, for it is done at every event. */
  foldEvent(at: number, kind: number, a: number): void {
    const state = this.#state;
    const low = at | 0;
    let x = Math.imul((state[0] as number) ^ low, 0x01000193);
    let y = Math.imul((state[1] as number) ^ low, 0x1e3779b1);
    x = (x << 15) | (x >>> 17);
    y = (y << 13) | (y >>> 19);
    if (at >= 2147483648) x ^= Math.floor(at / 4294967296);
    x = Math.imul(x ^ kind, 0x01000193);
    y = Math.imul(y ^ kind, 0x1e3779b1);
    x = (x << 15) | (x >>> 17);
    y = (y << 13) | (y >>> 19);
    x = Math.imul(x ^ a, 0x01000193);
    y = Math.imul(y ^ a, 0x1e3779b1);
    state[0] = x ^ (x >>> 15);
    state[1] = y ^ (y >>> 13);
  }

  /** Integers exactly, any other number by its float64 bits; -0 counts as 0. */
  fold(n: number): void {
    const low = n | 0;
    if (low === n) {
      this.#mix(low);
    } else if (Number.isSafeInteger(n)) {
      this.#mix(low);
      this.#mix(Math.floor(n / 4294967296) ^ 0x40000000);
    } else {
      bits[0] = n;
      this.#mix((words[0] as number) ^ 0x5bd1e995);
      this.#mix(words[1] as number);
    }
  }

  foldString(s: string): void {
    this.#mix(s.length);
    for (let i = 0; i < s.length; i++) this.#mix(s.charCodeAt(i));
  }

  /** 16 hex digits of the state so far. */
  digest(): string {
    const [x = 0, y = 0] = this.#state;
    return hex(finish(x ^ Math.imul(y, 0x9e3779b1))) + hex(finish(y ^ Math.imul(x, 0x85ebca77)));
  }

  #mix(word: number): void {
    const state = this.#state;
    const x = Math.imul((state[0] as number) ^ word, 0x01000193);
    state[0] = x ^ (x >>> 15);
    const y = Math.imul((state[1] as number) + word + x, 0x9e3779b1);
    state[1] = y ^ (y >>> 13);
  }
}

function finish(h: number): number {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
