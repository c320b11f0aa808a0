// Raft's election safety for the controller quorum (KRaftClient): one leader and, for each voter, one vote an epoch.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";

interface Claim {
  readonly node: number;
  readonly seq: number;
}

export const electionSafety: Property = {
  name: "election-safety",
  kind: "always",
  doc: "The controller quorum has at most one leader an epoch, and a voter grants its vote once an epoch.",
  create: (context) => {
    const safety = new Safety(context);
    return {
      on: {
        "quorum.roleChanged": (e) => {
          if (e.role === "leader") safety.led(e);
        },
        "quorum.voted": (e) => {
          if (e.granted && !e.preVote) safety.voted(e);
        },
      },
      get exercised() {
        return safety.exercised;
      },
    };
  },
};

class Safety {
  exercised = false;
  readonly #context: CheckerContext;
  readonly #leaders = new Map<number, Claim>();
  /** The last vote of each voter: votes never go back to an older epoch. */
  readonly #votes = new Map<number, Claim & { readonly epoch: number }>();

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  led(e: KafkaEvent<"quorum.roleChanged">): void {
    this.exercised = true;
    const known = this.#leaders.get(e.epoch);
    if (known === undefined) this.#leaders.set(e.epoch, { node: e.node, seq: e.seq });
    else if (known.node !== e.node) {
      const [one, two] = [this.#context.hosts.name(known.node), this.#context.hosts.name(e.node)];
      this.#report(e, known, `${one} and ${two} both lead the quorum in epoch ${e.epoch}`);
    }
  }

  voted(e: KafkaEvent<"quorum.voted">): void {
    const known = this.#votes.get(e.node);
    this.#votes.set(e.node, { node: e.candidate, seq: e.seq, epoch: e.epoch });
    if (known === undefined || known.epoch !== e.epoch || known.node === e.candidate) return;
    const [voter, one, two] = [e.node, known.node, e.candidate].map((id) =>
      this.#context.hosts.name(id),
    );
    this.#report(e, known, `${voter} voted for ${one} and for ${two} in epoch ${e.epoch}`);
  }

  #report(
    e: { readonly seq: number; readonly at: number; readonly node: number },
    known: Claim,
    message: string,
  ): void {
    this.#context.report({
      message,
      evidence: [known.seq, e.seq],
      atUs: e.at,
      node: e.node,
      count: 1,
    });
  }
}
