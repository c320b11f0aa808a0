// The thread of the application that calls send(), where a call takes time: interceptors (onSend), serializers, and the codec's work on what fills up
// its blocks. One record after the other: an application cannot send faster than that, and while send() blocks it does nothing else.
// Simplified: the time is spent before the call, the codec's after it.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import type { Station } from "../../sim/station.ts";
import type { Producer, Sending } from "./producer.ts";

/** Records are taken in portions of about this much time. */
const PORTION: Micros = ms(1);

export class ApplicationThread {
  readonly #station: Station;
  readonly #producer: Producer;
  readonly #perRecord: Micros;
  readonly #portion: number;
  #todo: Sending[] = [];
  #isBusy = false;

  /** `perRecord`: onSend and serializers; `compressUs`: at most, of a record. */
  constructor(host: KafkaHost, producer: Producer, perRecord: Micros, compressUs: number) {
    this.#station = host.station("application", { servers: 1 });
    this.#producer = producer;
    this.#perRecord = perRecord;
    this.#portion = Math.max(1, Math.floor(PORTION / Math.max(perRecord + compressUs, 0.001)));
  }

  get isIdle(): boolean {
    return !this.#isBusy && this.#todo.length === 0;
  }

  send(sending: Sending): void {
    this.#todo.push(sending);
    if (!this.#isBusy) this.#next();
  }

  /** The application ends: what it has not begun to send it never sends. Scripted records stay. */
  stopLoad(): void {
    this.#todo = this.#todo.filter(({ names }) => names !== undefined);
  }

  #next(): void {
    const first = this.#todo[0];
    this.#isBusy = first !== undefined;
    if (first === undefined) return;
    const portion = this.#take(first);
    this.#station.submit(portion.count * this.#perRecord, () => {
      this.#producer.send(portion);
      this.#producer.whenPlaced(() => this.#placed());
    });
  }

  #placed(): void {
    const us = Math.round(this.#producer.takeAppendUs());
    if (us > 0) this.#station.submit(us, () => this.#next());
    else this.#next();
  }

  #take(first: Sending): Sending {
    if (first.count <= this.#portion) {
      this.#todo.shift();
      return first;
    }
    const { names } = first;
    const taken = this.#portion;
    this.#todo[0] = { ...first, count: first.count - taken, names: names?.slice(taken) };
    return { ...first, count: taken, names: names?.slice(0, taken) };
  }
}
