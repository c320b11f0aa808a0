// The deadlines of parked requests (DelayedOperationPurgatory's timer). Nearly all are answered before, so setting and dropping a deadline must
// cost next to nothing: Kafka has a timing wheel (SystemTimer), here those that wait equally long are a linked list, in the order of their
// deadlines, with one timer a list. A request expires at its deadline exactly; Kafka's wheel turns in steps of 1 ms.
import type { KafkaHost } from "../protocol/kafka-host.ts";
import { type Micros, ms } from "../sim/kernel.ts";

/** A parked request, and its place in a list while it has a deadline. */
export abstract class Expiring {
  list: EqualWaits | undefined;
  deadline: Micros = 0;
  /** What led to the request: its end is caused by that, whoever's timer fired. */
  cause = 0;
  previous: Expiring | undefined;
  next: Expiring | undefined;

  abstract expire(): void;
}

export class Deadlines {
  readonly #host: KafkaHost;
  readonly #lists = new Map<number, EqualWaits>();
  #count = 0;

  constructor(host: KafkaHost) {
    this.#host = host;
  }

  /** The request expires after so long, unless its deadline is dropped before. Returns how many there have been. */
  set(request: Expiring, waitMs: number): number {
    let list = this.#lists.get(waitMs);
    if (list === undefined) {
      list = new EqualWaits(this.#host, ms(waitMs));
      this.#lists.set(waitMs, list);
    }
    list.append(request);
    return ++this.#count;
  }

  drop(request: Expiring): void {
    request.list?.remove(request);
  }
}

class EqualWaits {
  readonly #host: KafkaHost;
  readonly #wait: Micros;
  #first: Expiring | undefined;
  #last: Expiring | undefined;
  #isArmed = false;

  constructor(host: KafkaHost, wait: Micros) {
    this.#host = host;
    this.#wait = wait;
  }

  append(request: Expiring): void {
    const { now, kernel } = this.#host;
    request.list = this;
    request.deadline = now + this.#wait;
    request.cause = kernel.cause;
    request.previous = this.#last;
    if (this.#last === undefined) this.#first = request;
    else this.#last.next = request;
    this.#last = request;
    if (!this.#isArmed) this.#arm(this.#wait);
  }

  /** Its links are cut: one that is long dead, but not yet collected, would keep all that came after it from being collected either. */
  remove(request: Expiring): void {
    const { previous, next } = request;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    request.list = undefined;
    request.previous = undefined;
    request.next = undefined;
  }

  /** The timer is for whoever was first when it was set, and stays though that one is answered: it fires once a wait, not once a request. */
  #arm(delay: Micros): void {
    this.#isArmed = true;
    this.#host.after(delay, this.#fired);
  }

  readonly #fired = (): void => {
    const { now, kernel } = this.#host;
    for (let due = this.#first; due !== undefined && due.deadline <= now; due = this.#first) {
      this.remove(due);
      kernel.cause = due.cause;
      due.expire();
    }
    this.#isArmed = false;
    if (this.#first !== undefined) this.#arm(this.#first.deadline - now);
  };
}
