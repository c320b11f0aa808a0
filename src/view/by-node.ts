// A table by node id. Clients' ids begin at 5001, and an array with a gap of more than a thousand becomes a hash table: this one has no gaps.

export class ByNode<T> {
  readonly #items: (T | undefined)[] = [];

  get(node: number): T | undefined {
    return this.#items[node];
  }

  set(node: number, item: T | undefined): void {
    while (this.#items.length <= node) this.#items.push(undefined);
    this.#items[node] = item;
  }

  /** In order of their ids. */
  *values(): IterableIterator<T> {
    for (const item of this.#items) if (item !== undefined) yield item;
  }
}
