// Who has which partitions, and the consumers from the least loaded to the most (the TreeSet with SubscriptionComparator in
// AbstractStickyAssignor): by number of partitions, then by id.
import type { AssignedPartition } from "./assignor.ts";
import { compareStrings } from "./group.ts";
import { remove } from "./sticky-ownership.ts";

export class Loads {
  readonly #assignment: ReadonlyMap<string, AssignedPartition[]>;
  readonly #owner = new Map<AssignedPartition, string>();
  readonly #order: string[];

  constructor(
    assignment: ReadonlyMap<string, AssignedPartition[]>,
    consumers: Iterable<string> = assignment.keys(),
  ) {
    this.#assignment = assignment;
    for (const [consumer, partitions] of assignment) {
      for (const partition of partitions) this.#owner.set(partition, consumer);
    }
    this.#order = [...consumers].sort((a, b) => this.#compare(a, b));
  }

  all(): Map<string, AssignedPartition[]> {
    return new Map(this.#assignment);
  }

  of(consumer: string): readonly AssignedPartition[] {
    return this.#assignment.get(consumer) ?? [];
  }

  sizeOf(consumer: string): number {
    return this.of(consumer).length;
  }

  ownerOf(partition: AssignedPartition): string | undefined {
    return this.#owner.get(partition);
  }

  inOrder(): readonly string[] {
    return this.#order;
  }

  mostLoaded(): string {
    return this.#order.at(-1) as string;
  }

  leastLoaded(accepts: (consumer: string) => boolean): string | undefined {
    return this.#order.find(accepts);
  }

  /** To a consumer that does not have it; whoever has it loses it. */
  give(partition: AssignedPartition, to: string): void {
    const from = this.#owner.get(partition);
    remove(this.#order, to);
    if (from !== undefined) {
      remove(this.#order, from);
      remove(this.#assignment.get(from), partition);
    }
    this.#assignment.get(to)?.push(partition);
    this.#owner.set(partition, to);
    this.#insert(to);
    if (from !== undefined) this.#insert(from);
  }

  /** The consumer keeps what it has, and is in no order any more. */
  setAside(consumer: string): void {
    remove(this.#order, consumer);
  }

  snapshot(): Loads {
    const copy = new Map([...this.#assignment].map(([consumer, had]) => [consumer, [...had]]));
    return new Loads(copy, this.#order);
  }

  /** Sum of the differences in size over all pairs, consumers set aside not counted: 0 is perfect. */
  balanceScore(): number {
    let score = 0;
    this.#order.forEach((consumer, i) => {
      for (const other of this.#order.slice(i + 1)) {
        score += Math.abs(this.sizeOf(consumer) - this.sizeOf(other));
      }
    });
    return score;
  }

  #compare(a: string, b: string): number {
    return this.sizeOf(a) - this.sizeOf(b) || compareStrings(a, b);
  }

  #insert(consumer: string): void {
    const at = this.#order.findIndex((other) => this.#compare(consumer, other) < 0);
    this.#order.splice(at < 0 ? this.#order.length : at, 0, consumer);
  }
}
