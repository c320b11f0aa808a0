// The metadata log is one, and so is what comes of it: whoever has applied it up to an offset keeps the same image (MetadataImage). Images are told
// by a digest of what is kept, at each record that should change it; the log itself is metadata-log-matching's.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";

/** Offsets remembered: a node that was away is compared from there on. */
const KEPT = 4096;

type Applied = KafkaEvent<"metadata.applied">;

export const metadataImage: Property = {
  name: "metadata-image",
  kind: "always",
  doc: "Controllers and brokers that have applied the metadata log up to the same offset keep the same image of the cluster.",
  create: (context) => {
    const images = new Images(context);
    return {
      on: { "metadata.applied": (e) => images.applied(e) },
      get exercised() {
        return images.exercised;
      },
    };
  },
};

class Images {
  exercised = false;
  readonly #context: CheckerContext;
  /** Who was the first to apply an offset, which is the controller that has committed it. */
  readonly #first = new Map<number, Applied>();
  /** Whose image is known to be another, until it is the same again. */
  readonly #astray = new Set<string>();

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  applied(e: Applied): void {
    const first = this.#first.get(e.offset);
    if (first === undefined) {
      this.#first.set(e.offset, e);
      if (this.#first.size > KEPT) this.#first.delete(this.#first.keys().next().value as number);
      return;
    }
    this.exercised = true;
    const who = `${e.by} on ${this.#context.hosts.name(e.node)}`;
    if (first.digest === e.digest) this.#astray.delete(who);
    else if (!this.#astray.has(who)) this.#report(e, first, who);
  }

  #report(e: Applied, first: Applied, who: string): void {
    this.#astray.add(who);
    const { hosts, report } = this.#context;
    report({
      message: `the ${who} has another image of the cluster at metadata offset ${e.offset} than the ${first.by} on ${hosts.name(first.node)} (#${first.seq})`,
      evidence: [first.seq, e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
    });
  }
}
