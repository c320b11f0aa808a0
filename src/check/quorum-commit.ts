// The commit rule of the metadata log (LeaderState.maybeUpdateHighWatermark): what a quorum leader calls committed is on a majority of the
// voters, and whoever leads next has it.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

export const quorumCommit: Property = {
  name: "quorum-commit",
  kind: "always",
  doc: "The high watermark of the metadata log rises with each leader and is held by a majority of the voters; a new leader's log reaches up to it.",
  create: (context) => {
    const commits = new Commits(context);
    return {
      on: {
        "quorum.appended": (e) => {
          commits.ends[e.node] = e.baseOffset + e.count;
        },
        "quorum.truncated": (e) => {
          commits.ends[e.node] = e.to;
        },
        "host.wiped": (e) => {
          commits.ends[e.node] = 0;
        },
        "quorum.hwAdvanced": (e) => {
          if (e.leader) commits.judge(e);
        },
        "quorum.roleChanged": (e) => {
          if (e.role === "leader") commits.led(e);
        },
      },
      get exercised() {
        return commits.exercised;
      },
    };
  },
};

class Commits {
  exercised = false;
  /** By node: the end of its metadata log, whether it runs or not. */
  readonly ends: number[] = [];
  readonly #context: CheckerContext;
  /** The highest that any leader called committed. */
  #committed = 0;
  #committedSeq = 0;
  #epoch = -1;

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  judge(e: KafkaEvent<"quorum.hwAdvanced">): void {
    const { voters } = this.#context.view.quorum;
    const holding = voters.filter((node) => (this.ends[node] ?? 0) >= e.to).length;
    if (voters.length > 1) this.exercised = true;
    if (holding * 2 <= voters.length) {
      const what = `calls the metadata log committed up to ${e.to}, which ${holding} of ${voters.length} voters hold`;
      this.#report(e, what, [e.seq]);
    }
    if (e.epoch < this.#epoch || e.to <= this.#committed) return;
    this.#committed = e.to;
    this.#committedSeq = e.seq;
  }

  led(e: KafkaEvent<"quorum.roleChanged">): void {
    if (e.epoch > this.#epoch) this.#epoch = e.epoch;
    const missing = this.#committed - (this.ends[e.node] ?? 0);
    if (missing <= 0) return;
    const what = `leads the quorum in epoch ${e.epoch} without ${plural(missing, "committed record")} of the metadata log`;
    this.#report(e, what, [this.#committedSeq, e.seq]);
  }

  #report(
    e: { readonly at: number; readonly node: number },
    what: string,
    evidence: readonly number[],
  ): void {
    const { hosts, report } = this.#context;
    const message = `${hosts.name(e.node)} ${what}`;
    report({ message, evidence, atUs: e.at, node: e.node, count: 1 });
  }
}
