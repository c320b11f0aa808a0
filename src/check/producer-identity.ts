// Producer ids (KIP-98, KIP-360): no two producers, nor two lives of one, share an id; the epochs of an id rise.
import type { Property } from "./checker.ts";

interface Holder {
  readonly node: number;
  readonly life: number;
  readonly epoch: number;
  readonly seq: number;
}

export const producerIdentity: Property = {
  name: "producer-identity",
  kind: "always",
  doc: "A producer id belongs to one producer instance, and its epochs rise.",
  create: (context) => {
    const holders = new Map<number, Holder>();
    return {
      on: {
        "producer.identified": (e) => {
          const life = context.view.hosts.get(e.node)?.incarnation ?? 0;
          const before = holders.get(e.producerId);
          const { node, seq, producerEpoch: epoch } = e;
          holders.set(e.producerId, { node, life, epoch, seq });
          if (before === undefined) return;
          const same = before.node === node && before.life === life;
          if (same && epoch > before.epoch) return;
          const [one, two] = [context.hosts.name(before.node), context.hosts.name(node)];
          context.report({
            message: same
              ? `the epoch of producer ${e.producerId} went from ${before.epoch} to ${epoch}`
              : `producer id ${e.producerId} was given to ${one} (life ${before.life}) and to ${two} (life ${life})`,
            evidence: [before.seq, seq],
            atUs: e.at,
            node,
            count: 1,
          });
        },
      },
      get exercised() {
        return holders.size > 0;
      },
    };
  },
};
