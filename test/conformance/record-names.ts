// What records are called, and what became of each: names that a script gave them, numbers for those of a load.
import type { KafkaEvent } from "../../src/protocol/events.ts";
import type { Micros } from "../../src/sim/kernel.ts";
import type { HostDirectory } from "../../src/view/hosts.ts";
import type { Listeners } from "../../src/view/listeners.ts";
import { loadRecord, type RecordResult } from "./comparable.ts";

interface Sent {
  readonly stream: number;
  readonly number: number;
}

type Outcome = Pick<RecordResult, "partition" | "offset" | "error" | "atMs">;

const UNANSWERED: Outcome = { partition: null, offset: -1, error: "NO_ANSWER", atMs: -1 };
const msOf = (us: Micros): number => us / 1000;

/** The client's TimeoutExceptions; a broker's REQUEST_TIMED_OUT is one of them. */
const TIMEOUTS: ReadonlySet<string> = new Set([
  "DELIVERY_TIMEOUT",
  "BUFFER_EXHAUSTED",
  "REQUEST_TIMED_OUT",
]);

export class RecordNames {
  readonly listeners: Listeners;
  readonly #directory: HostDirectory;
  readonly #producers = new Map<number, string>();
  /** By "stream/number". */
  readonly #names = new Map<string, string>();
  readonly #outcomes = new Map<string, Outcome>();
  /** By producer, in the order of send(). */
  readonly #sent = new Map<string, Sent[]>();

  constructor(directory: HostDirectory) {
    this.#directory = directory;
    this.listeners = {
      "stream.opened": (e) => {
        this.#producers.set(e.stream, e.producer);
      },
      "op.invoked": (e) => this.#invoked(e),
      "op.acked": (e) => {
        this.#resolve(e, (i) => ({
          partition: e.partition.name,
          offset: e.baseOffset < 0 ? -1 : e.baseOffset + i,
          error: "NONE",
          atMs: msOf(e.at),
        }));
      },
      "op.failed": (e) => {
        // Without metadata a record never gets a partition.
        const partition = e.error === "REQUEST_TIMED_OUT" ? null : e.partition.name;
        this.#resolve(e, () => failure(partition, e));
      },
      "op.unknown": (e) => {
        this.#resolve(e, () => failure(e.partition.name, e));
      },
    };
  }

  nameOf(stream: number, number: number): string {
    const name = this.#names.get(`${stream}/${number}`);
    return name ?? loadRecord(this.#producers.get(stream) ?? `stream-${stream}`, number);
  }

  namesOf({ stream, first, count }: { stream: number; first: number; count: number }): string[] {
    return Array.from({ length: count }, (_, i) => this.nameOf(stream, first + i));
  }

  resultsOf(producer: string): RecordResult[] {
    return (this.#sent.get(producer) ?? []).map(({ stream, number }) => ({
      id: this.nameOf(stream, number),
      ...(this.#outcomes.get(`${stream}/${number}`) ?? UNANSWERED),
    }));
  }

  #invoked(e: KafkaEvent<"op.invoked">): void {
    const producer = this.#directory.name(e.node);
    const sent = this.#sent.get(producer) ?? [];
    this.#sent.set(producer, sent);
    for (let i = 0; i < e.count; i++) {
      const number = e.firstNumber + i;
      const name = e.names?.[i];
      if (name !== undefined) this.#names.set(`${e.stream}/${number}`, name);
      sent.push({ stream: e.stream, number });
    }
  }

  #resolve(
    e: { readonly stream: number; readonly firstNumber: number; readonly count: number },
    outcome: (i: number) => Outcome,
  ): void {
    for (let i = 0; i < e.count; i++)
      this.#outcomes.set(`${e.stream}/${e.firstNumber + i}`, outcome(i));
  }
}

const failure = (
  partition: string | null,
  e: { readonly error: string; readonly at: Micros },
): Outcome => ({
  partition,
  offset: -1,
  error: TIMEOUTS.has(e.error) ? "TIMEOUT" : e.error,
  atMs: msOf(e.at),
});
