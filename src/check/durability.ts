// Durability: with acks=all a record is acknowledged when it is committed, at the offset where it lies; and an acknowledged record stays on
// at least one replica, whoever leads.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { lossesOf } from "./losses.ts";
import { plural } from "./text.ts";

export const durability: Property = {
  name: "durability",
  kind: "always",
  doc: "What acks=all acknowledges is below the true high watermark, at the offset that is named; every acknowledged record is on at least one replica, unless retention took it.",
  create: (context) => {
    const promises = new Promises(context);
    return {
      on: { "op.acked": (e) => promises.judge(e) },
      atEnd: () => promises.judgeLosses(),
      get exercised() {
        return promises.exercised;
      },
    };
  },
};

class Promises {
  exercised = false;
  readonly #context: CheckerContext;
  /** By stream: does its producer wait for all of the ISR? */
  readonly #waits: (boolean | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  judge(e: KafkaEvent<"op.acked">): void {
    this.exercised = true;
    const end = e.baseOffset + e.count;
    if (e.baseOffset < 0 || !(this.#waits[e.stream] ?? this.#waitsFor(e.stream))) return;
    const truth = this.#context.truth.partition(e.partition.index);
    if (truth === undefined) return;
    const early = end - truth.trueHighWatermark;
    if (early > 0) {
      const why = `above the high watermark ${truth.trueHighWatermark}`;
      this.#report(e, "early", Math.max(0, e.count - early), Math.min(early, e.count), why);
      return;
    }
    const { trunk } = truth.log;
    const same = trunk.matching(e.baseOffset, e.count, e.stream, e.firstNumber, -1);
    if (same < e.count) this.#report(e, "early", same, e.count - same, "where other records lie");
  }

  #report(e: KafkaEvent<"op.acked">, form: string, skip: number, count: number, why: string): void {
    const number = e.firstNumber + skip;
    const offset = e.baseOffset + skip;
    const name = this.#context.truth.stream(e.stream)?.nameOf(number) ?? `${e.stream}/${number}`;
    this.#context.report({
      message: `${name} was acked with acks=all at ${e.partition.name}@${offset}, ${why} (${plural(count, "record")})`,
      evidence: [e.seq],
      atUs: e.at,
      node: e.node,
      count,
      form,
      about: { partition: e.partition, record: { stream: e.stream, number }, offset },
    });
  }

  judgeLosses(): void {
    const { view, truth, hosts, report } = this.#context;
    for (const { stream, first, count, removal, form } of lossesOf(view, truth)) {
      if (form !== "log loss") continue;
      const { partition } = stream;
      const by = removal === undefined ? "ever held" : "holds";
      const last =
        removal === undefined ? "" : ` after ${hosts.name(removal.node)} (#${removal.seq})`;
      report({
        message: `${stream.nameOf(first)} of ${partition.name} was acked, and no replica ${by} it${last} (${plural(count, "record")})`,
        evidence: removal === undefined ? [] : [removal.seq],
        atUs: removal?.atUs ?? 0,
        node: removal?.node ?? 0,
        count,
        form,
        about: { partition, record: { stream: stream.stream, number: first } },
      });
    }
  }

  #waitsFor(stream: number): boolean {
    const { view, settings } = this.#context;
    const { producer } = view.producers.get(stream) ?? {};
    const waits = settings.producers.some(({ name, acks }) => name === producer && acks === "all");
    this.#waits[stream] = waits;
    return waits;
  }
}
