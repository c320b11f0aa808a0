// Sequence numbers of one partition as the producer keeps them (TxnPartitionEntry): the next one to give out, the last one acknowledged, and the
// batches that have a sequence and no outcome, lowest first.
import { incrementSequence, NO_SEQUENCE } from "../../protocol/sequence.ts";
import type { ProducerBatch } from "./batch.ts";

export class PartitionSequences {
  /** Under which producer id and epoch the next sequence is given out. */
  producerId = -1;
  producerEpoch = -1;
  nextSequence = 0;
  lastAckedSequence = NO_SEQUENCE;
  /** On their way, or waiting to be sent again. */
  inFlight: ProducerBatch[] = [];
  /** A batch was given up that may be in the log or not: the sequence after it. undefined: all is known. */
  unresolvedNext: number | undefined;

  get firstInFlight(): number {
    const first = this.inFlight[0];
    return first === undefined ? NO_SEQUENCE : first.baseSequence;
  }

  /** Gives the batch its sequence: it keeps it, however often it is sent. */
  assign(batch: ProducerBatch): void {
    batch.setProducerState(this.producerId, this.producerEpoch, this.nextSequence);
    this.nextSequence = incrementSequence(this.nextSequence, batch.count);
    this.track(batch);
  }

  track(batch: ProducerBatch): void {
    const { inFlight } = this;
    let at = inFlight.length;
    while (at > 0 && comesAfter(inFlight[at - 1] as ProducerBatch, batch)) at--;
    if (at === inFlight.length) inFlight.push(batch);
    else inFlight.splice(at, 0, batch);
  }

  untrack(batch: ProducerBatch): void {
    const at = this.inFlight.indexOf(batch);
    if (at === 0) this.inFlight.shift();
    else if (at > 0) this.inFlight.splice(at, 1);
  }

  acked(lastSequence: number): void {
    if (lastSequence > this.lastAckedSequence) this.lastAckedSequence = lastSequence;
  }

  isNext(sequence: number): boolean {
    return sequence - this.lastAckedSequence === 1;
  }

  /** A new epoch: what is in flight is numbered anew from 0 (startSequencesAtBeginning). */
  restart(producerId: number, producerEpoch: number): void {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.nextSequence = 0;
    this.lastAckedSequence = NO_SEQUENCE;
    for (const batch of this.inFlight) {
      batch.resetProducerState(producerId, producerEpoch, this.nextSequence);
      this.nextSequence = incrementSequence(this.nextSequence, batch.count);
    }
  }
}

const comesAfter = (a: ProducerBatch, b: ProducerBatch): boolean =>
  a.producerId !== b.producerId
    ? a.producerId > b.producerId
    : a.producerEpoch !== b.producerEpoch
      ? a.producerEpoch > b.producerEpoch
      : a.baseSequence > b.baseSequence;
