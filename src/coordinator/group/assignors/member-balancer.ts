// The members of one topic by number of partitions (MemberAssignmentBalancer of UniformHeterogeneousAssignmentBuilder): two ranges, the
// least loaded growing upwards and the most loaded growing downwards, until their levels meet. Members are numbers.

export class MemberBalancer {
  /** Partitions of each member, kept up to date by the owner of this object. */
  readonly #sizes: readonly number[];
  #sorted: number[] = [];
  /** The first member after the least loaded range, its level before the range is served, and who is next in it. */
  #leastEnd = 0;
  #leastLevel = 0;
  #nextLeast = 0;
  /** The most loaded range, without those at its end that have nothing to give. */
  #mostStart = 0;
  #mostEnd = 0;
  #mostLevel = 0;
  #nextMost = 0;

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
  }

  /** Begins with these members, at least one; returns how far the most loaded is from the least loaded. */
  initialize(members: readonly number[]): number {
    this.#sorted = [...members].sort((a, b) => this.#size(a) - this.#size(b) || a - b);
    const count = members.length;
    this.#leastEnd = 0;
    this.#leastLevel = this.#sizeAt(0) - 1;
    this.#nextLeast = 0;
    this.#mostStart = count;
    this.#mostEnd = count;
    this.#mostLevel = this.#sizeAt(count - 1) + 1;
    this.#nextMost = count - 1;
    return this.#sizeAt(count - 1) - this.#sizeAt(0);
  }

  /** Who gets the next partition. */
  nextLeastLoaded(): number {
    if (this.#nextLeast >= this.#leastEnd) {
      this.#leastLevel++;
      while (
        this.#leastEnd < this.#sorted.length &&
        this.#sizeAt(this.#leastEnd) === this.#leastLevel
      ) {
        this.#leastEnd++;
      }
      this.#nextLeast = 0;
    }
    return this.#sorted[this.#nextLeast++] as number;
  }

  /** Who gives a partition away next; undefined when nobody is left. */
  nextMostLoaded(): number | undefined {
    if (this.#nextMost < this.#mostStart) {
      const isEmpty = this.#mostEnd <= this.#mostStart && this.#mostStart > 0;
      this.#mostLevel = isEmpty ? this.#sizeAt(this.#mostStart - 1) : this.#mostLevel - 1;
      while (this.#mostStart > 0 && this.#sizeAt(this.#mostStart - 1) === this.#mostLevel) {
        this.#mostStart--;
      }
      this.#nextMost = this.#mostEnd - 1;
    }
    if (this.#nextMost < 0) return undefined;
    return this.#sorted[this.#nextMost--];
  }

  /** The last one of `nextMostLoaded` has nothing to give. */
  excludeMostLoaded(): void {
    const at = this.#nextMost + 1;
    const excluded = this.#sorted[at] as number;
    this.#mostEnd--;
    this.#sorted[at] = this.#sorted[this.#mostEnd] as number;
    this.#sorted[this.#mostEnd] = excluded;
  }

  get isBalanced(): boolean {
    return this.#mostLevel - this.#leastLevel <= 1;
  }

  #size(member: number): number {
    return this.#sizes[member] as number;
  }

  #sizeAt(place: number): number {
    return this.#size(this.#sorted[place] as number);
  }
}
