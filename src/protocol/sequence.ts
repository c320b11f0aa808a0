// Sequence numbers of records within (producer id, epoch, partition): int32, after the largest comes 0 (DefaultRecordBatch.incrementSequence, KIP-98).

/** Batches without a producer id carry it as their sequence. */
export const NO_SEQUENCE = -1;
export const MAX_SEQUENCE = 0x7fff_ffff;

export const incrementSequence = (sequence: number, by: number): number =>
  sequence > MAX_SEQUENCE - by ? by - (MAX_SEQUENCE - sequence) - 1 : sequence + by;

/** Does `next` directly follow `last`? */
export const isInSequence = (last: number, next: number): boolean =>
  next === last + 1 || (next === 0 && last === MAX_SEQUENCE);
