// How well a producer expects its next batch to be compressed (CompressionRatioEstimator, KIP-126): begins at 1, believes bad news at once and
// good news slowly. In Kafka's single precision, for a batch is full or not by these numbers. One a producer, which has one topic and one codec.

export const IMPROVING_STEP = Math.fround(0.005);
export const DETERIORATE_STEP = Math.fround(0.05);

export class CompressionRatioEstimator {
  #estimation = 1;

  get estimation(): number {
    return this.#estimation;
  }

  /** A batch was closed at this ratio. */
  update(observed: number): void {
    const ratio = Math.fround(observed);
    if (ratio > this.#estimation) {
      this.#estimation = Math.max(Math.fround(this.#estimation + DETERIORATE_STEP), ratio);
    } else if (ratio < this.#estimation) {
      this.#estimation = Math.max(Math.fround(this.#estimation - IMPROVING_STEP), ratio);
    }
  }

  set(estimation: number): void {
    this.#estimation = Math.fround(estimation);
  }
}
