// Raft's log matching for the metadata log: any two nodes hold records of the same epochs below both their high watermarks.
// Records are told apart by their epoch and offset: one leader writes one batch at one offset in one epoch.
import type { CheckerContext, Property } from "./checker.ts";
import { SharedLog } from "./shared-log.ts";

const TRIM_EVERY = 1024;

export const metadataLogMatching: Property = {
  name: "metadata-log-matching",
  kind: "always",
  doc: "Any two nodes agree on the metadata log below the lower of their high watermarks.",
  create: (context) => {
    const matching = new MetadataMatching(context);
    return {
      on: {
        "quorum.appended": (e) => {
          if (e.leader) matching.lead(e.node, e.epoch);
          else matching.exercised = true;
          matching.log.append(e.node, e.baseOffset, e.count, 0, e.baseOffset, e.epoch);
          if (++matching.appends % TRIM_EVERY === 0)
            matching.log.trim(context.view.quorum.highWatermark);
        },
        "quorum.truncated": (e) => matching.log.truncate(e.node, e.to),
        "quorum.roleChanged": (e) => {
          if (e.role === "leader") matching.lead(e.node, e.epoch);
          else matching.log.retire(e.node);
          matching.check(e);
        },
        "quorum.hwAdvanced": (e) => matching.check(e),
        "host.crashed": (e) => matching.log.retire(e.node),
        "host.stopped": (e) => matching.log.retire(e.node),
        "host.wiped": (e) => matching.log.remove(e.node),
      },
      get exercised() {
        return matching.exercised;
      },
    };
  },
};

class MetadataMatching {
  exercised = false;
  appends = 0;
  readonly log = new SharedLog({ placed: () => {}, removed: () => {}, dropped: () => {} });
  readonly #context: CheckerContext;
  readonly #told: (number | undefined)[] = [];
  #epoch = -1;

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  /** A deposed leader that still appends does not get the trunk back. */
  lead(node: number, epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    this.log.lead(node);
  }

  check(e: { readonly seq: number; readonly at: number }): void {
    if (this.log.forks === 0) return;
    const { quorum } = this.#context.view;
    const committed = quorum.highWatermark;
    for (const copy of this.log.copies) {
      const agreed = Math.min(quorum.get(copy.node)?.highWatermark ?? 0, committed, copy.end);
      if (copy.own.length === 0 || copy.common >= agreed || this.#told[copy.node] === copy.common)
        continue;
      this.#told[copy.node] = copy.common;
      const [one, two] = [copy.node, this.log.owner].map((id) => this.#context.hosts.name(id));
      this.#context.report({
        message: `${one} and ${two === "none" ? "the rest of the quorum" : two} hold different metadata records from offset ${copy.common} on, below their high watermarks`,
        evidence: [e.seq],
        atUs: e.at,
        node: copy.node,
        count: agreed - copy.common,
      });
    }
  }
}
