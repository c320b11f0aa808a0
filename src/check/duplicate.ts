// duplicate (jepsen.tests.kafka): one record at two offsets of the committed log, by what made it so: a retry without idempotence, a new
// producer id, producer state that had expired, or an application that sends the same record again.
import type { Micros } from "../sim/kernel.ts";
import type { CheckerContext, Property } from "./checker.ts";
import type { PartitionTruth, SecondPlace } from "./partition-truth.ts";
import type { StreamTruth } from "./stream-truth.ts";
import { plural } from "./text.ts";

export const duplicate: Property = {
  name: "duplicate",
  kind: "always",
  doc: "No record lies at two offsets below the high watermark of its partition.",
  create: (context) => {
    const names = new SentAgain(context);
    /** Events by which a producer got an id or an epoch, by node. */
    const identified: (number[] | undefined)[] = [];
    return {
      on: {
        "producer.identified": (e) => {
          const known = identified[e.node];
          if (known === undefined) identified[e.node] = [e.seq];
          else known.push(e.seq);
        },
      },
      atEnd: () => {
        for (const stream of context.truth.streams()) names.add(stream);
        names.report();
        for (const truth of context.truth.partitions()) {
          const forgotten = new Forgotten(context.settings.producerIdExpirationUs);
          for (const d of truth.duplicates) {
            const form = causeOf(context, d, identified, forgotten);
            reportCommitted(context, truth, d, form);
          }
        }
      },
      get exercised() {
        return context.truth.happened.appended;
      },
    };
  },
};

/** Producers whose state has expired: what a stream had written by then is taken for new, batch after batch, when it is sent again. */
class Forgotten {
  readonly #expiryUs: Micros;
  /** By stream: one past the highest number that was in the log. */
  readonly #known = new Map<number, number>();

  constructor(expiryUs: Micros = Number.POSITIVE_INFINITY) {
    this.#expiryUs = expiryUs;
  }

  /** Places of a partition, in the order of the log. */
  covers({ run, idleUs, end }: SecondPlace): boolean {
    if (idleUs >= this.#expiryUs) this.#known.set(run.stream, end);
    return run.first + run.count <= (this.#known.get(run.stream) ?? -1);
  }
}

/** What made the record double. */
function causeOf(
  { view, truth, settings }: CheckerContext,
  d: SecondPlace,
  identified: readonly (readonly number[] | undefined)[],
  forgotten: Forgotten,
): string {
  const { stream, first, count } = d.run;
  const writer = view.producers.get(stream);
  const producer = settings.producers.find(({ name }) => name === writer?.producer);
  const retried = truth.stream(stream)?.retried.overlap(first, first + count) ?? 0;
  const ids = identified[writer?.node ?? -1]?.filter((seq) => seq < d.seq) ?? [];
  if (retried > 0 && producer?.idempotence === false) return "retry";
  if (forgotten.covers(d)) return "state expired";
  return ids.length > 1 ? "new producer id" : "unexplained";
}

function reportCommitted(
  context: CheckerContext,
  { partition, trueHighWatermark }: PartitionTruth,
  d: SecondPlace,
  form: string,
): void {
  const count = Math.min(d.run.count, trueHighWatermark - d.run.base);
  if (count <= 0) return;
  const name =
    context.truth.stream(d.run.stream)?.nameOf(d.run.first) ?? `${d.run.stream}/${d.run.first}`;
  context.report({
    message: `${name}${count > 1 ? ` (and ${count - 1} more)` : ""} was in ${partition.name} already when ${context.hosts.name(d.node)} appended it again at offset ${d.run.base} (${plural(count, "record")}; ${form})`,
    evidence: [d.seq],
    atUs: d.atUs,
    node: d.node,
    count,
    form,
    about: {
      partition,
      record: { stream: d.run.stream, number: d.run.first },
      offset: d.run.base,
    },
  });
}

/** Records that a scenario gives one name and an application sends twice: two records to Kafka, one to whoever reads them. */
class SentAgain {
  readonly #context: CheckerContext;
  /** By topic and name: the last place. */
  readonly #known = new Set<string>();
  readonly #again: { readonly stream: StreamTruth; readonly number: number }[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  add(stream: StreamTruth): void {
    for (const [number, name] of stream.named()) {
      if (!stream.placed.has(number)) continue;
      const key = `${stream.partition.topic}/${name}`;
      if (this.#known.has(key)) this.#again.push({ stream, number });
      this.#known.add(key);
    }
  }

  report(): void {
    for (const { stream, number } of this.#again) {
      const ack = this.#context.truth
        .partition(stream.partition.index)
        ?.acks.find(stream.stream, number);
      this.#context.report({
        message: `${stream.nameOf(number)} was sent to ${stream.partition.topic} twice by the application`,
        evidence: ack === undefined ? [] : [ack.seq],
        atUs: ack?.atUs ?? stream.placedUs,
        node: this.#context.view.producers.get(stream.stream)?.node ?? 0,
        count: 1,
        form: "application resend",
        about: { partition: stream.partition, record: { stream: stream.stream, number } },
      });
    }
  }
}
