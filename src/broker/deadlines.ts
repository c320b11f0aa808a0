// The deadlines of parked requests (DelayedOperationPurgatory's timer). Nearly all are answered before, so setting and dropping a deadline must
// cost next to nothing: Kafka has a timing wheel (SystemTimer), here those that wait equally long are a linked list, in the order of their
// deadlines, with one timer a list. A request expires at its deadline exactly; Kafka's wheel turns in steps of 1 ms.
import type { KafkaHost } from "../protocol/kafka-host.ts";
import { type Micros, ms } from "../sim/kernel.ts";

/** A parked request, and its place in the list. */
export interface Expiring {
  deadline: Deadline | undefined;
  expire(): void;
}

/** A place in a list; dropped once the request is answered. */
export interface Deadline {
  readonly list: EqualWaits;
  readonly at: Micros;
  /** What led to the request: its end is caused by that, whoever's timer fired. */
  readonly cause: number;
  readonly request: Expiring;
  previous: Deadline | undefined;
  next: Deadline | undefined;
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
    request.deadline = list.append(request);
    return ++this.#count;
  }

  drop(request: Expiring): void {
    const { deadline } = request;
    if (deadline === undefined) return;
    request.deadline = undefined;
    deadline.list.remove(deadline);
  }
}

class EqualWaits {
  readonly #host: KafkaHost;
  readonly #wait: Micros;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #isArmed = false;

  constructor(host: KafkaHost, wait: Micros) {
    this.#host = host;
    this.#wait = wait;
  }

  append(request: Expiring): Deadline {
    const { now, kernel } = this.#host;
    const deadline: Deadline = {
      list: this,
      at: now + this.#wait,
      cause: kernel.cause,
      request,
      previous: this.#last,
      next: undefined,
    };
    if (this.#last === undefined) this.#first = deadline;
    else this.#last.next = deadline;
    this.#last = deadline;
    if (!this.#isArmed) this.#arm(this.#wait);
    return deadline;
  }

  remove({ previous, next }: Deadline): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }

  /** The timer is for whoever was first when it was set, and stays though that one is answered: it fires once a wait, not once a request. */
  #arm(delay: Micros): void {
    this.#isArmed = true;
    this.#host.after(delay, this.#fired);
  }

  readonly #fired = (): void => {
    const { now, kernel } = this.#host;
    for (let due = this.#first; due !== undefined && due.at <= now; due = this.#first) {
      this.remove(due);
      due.request.deadline = undefined;
      kernel.cause = due.cause;
      due.request.expire();
    }
    this.#isArmed = false;
    if (this.#first !== undefined) this.#arm(this.#first.at - now);
  };
}
