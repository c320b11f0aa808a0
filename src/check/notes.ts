// Remarks of a check on what it looked at and did not object to; the first few, and how many more.
const SHOWN = 3;

export class Notes {
  looked = false;
  readonly #shown: string[] = [];
  #more = 0;

  add(text: string): void {
    if (this.#shown.length < SHOWN) this.#shown.push(text);
    else this.#more++;
  }

  get text(): string | undefined {
    if (this.#shown.length === 0) return undefined;
    return this.#shown.join("; ") + (this.#more > 0 ? `; and ${this.#more} more` : "");
  }
}
