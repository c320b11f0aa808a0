// What the controller writes of a partition makes sense (PartitionRegistration): replicas, ISR, ELR, leader, fenced brokers. Judged when all
// that was decided at one instant has been told.
import type { PartitionView } from "../view/partitions.ts";
import type { CheckerContext, Property } from "./checker.ts";

export const registrationSound: Property = {
  name: "registration-sound",
  kind: "always",
  doc: "ISR and ELR are disjoint parts of the replicas; a leader is in the ISR; the ISR is empty only, and the ELR not empty only, where eligible leader replicas (KIP-966) let it be; no fenced broker is in an ISR, except alone before KIP-966.",
  create: (context) => {
    const book = new Book(context);
    const changed = (e: { readonly at: number; readonly seq: number }): void => book.changed(e);
    return {
      on: {
        "partition.created": changed,
        "leader.elected": changed,
        "leader.lost": changed,
        "isr.shrunk": changed,
        "isr.expanded": changed,
        "elr.changed": changed,
        "replicas.changed": changed,
        "broker.fenced": changed,
        "broker.registered": changed,
        "quorum.hwAdvanced": (e) => book.look(e.at),
      },
      atEnd: () => book.look(Number.POSITIVE_INFINITY),
      get exercised() {
        return book.exercised;
      },
    };
  },
};

class Book {
  exercised = false;
  readonly #context: CheckerContext;
  /** The last decision, and when it was told; -1: all are judged. */
  #seq = 0;
  #at = -1;
  /** By partition index: the partition epoch that was found unsound. */
  readonly #told: (number | undefined)[] = [];

  constructor(context: CheckerContext) {
    this.#context = context;
  }

  /** The view is ahead already: what was decided before is judged when the quorum commits again, at the latest with this. */
  changed(e: { readonly at: number; readonly seq: number }): void {
    this.#seq = e.seq;
    this.#at = e.at;
  }

  look(now: number): void {
    if (this.#at < 0 || now <= this.#at) return;
    for (const p of this.#context.view.partitions.all()) {
      this.exercised = true;
      const problem = this.#problemOf(p);
      if (problem === undefined || this.#told[p.partition.index] === p.partitionEpoch) continue;
      this.#told[p.partition.index] = p.partitionEpoch;
      this.#context.report({
        message: `${p.partition.name} is registered with ${problem} (leader ${p.leader}, ISR [${p.isr.join(", ")}], ELR [${p.elr.join(", ")}], replicas [${p.replicas.join(", ")}])`,
        evidence: [this.#seq],
        atUs: this.#at,
        node: Math.max(0, p.leader),
        count: 1,
        about: { partition: p.partition },
      });
    }
    this.#at = -1;
  }

  #problemOf(p: PartitionView): string | undefined {
    const { view, settings } = this.#context;
    const stranger = [...p.isr, ...p.elr].find((id) => !p.replicas.includes(id));
    if (stranger !== undefined) return `broker-${stranger}, which is no replica, in the ISR or ELR`;
    if (new Set([...p.isr, ...p.elr]).size < p.isr.length + p.elr.length)
      return "a broker twice in ISR and ELR";
    if (p.leader >= 0 && !p.isr.includes(p.leader)) return "a leader outside the ISR";
    const enough = p.isr.length >= Math.min(p.minIsr, p.replicas.length);
    if (settings.elr && enough && p.elr.length > 0) return "an ELR beside a sufficient ISR";
    if (!settings.elr && p.isr.length === 0) return "an empty ISR";
    const fenced = p.isr.find((id) => view.brokers.get(id)?.fenced === true);
    if (fenced !== undefined && (settings.elr || p.isr.length > 1))
      return `broker-${fenced}, which is fenced, in the ISR`;
    return undefined;
  }
}
