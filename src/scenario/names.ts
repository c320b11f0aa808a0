// What a scenario's references are checked against: nodes, racks, topics with their partitions, by name.
import type { Path } from "./diagnostics.ts";
import type { Problems } from "./problems.ts";
import { didYouMean } from "./suggest.ts";

export class Names {
  readonly nodes = new Set<string>();
  readonly racks = new Set<string>();
  /** Partitions by topic; undefined when an operation makes or grows the topic. */
  readonly topics = new Map<string, number | undefined>();
  /** Client names as written, with their instances. */
  readonly clients = new Map<string, readonly string[]>();
  /** Consumer groups by id. */
  readonly groups = new Set<string>();
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  checkNode(name: string, path: Path): void {
    if (this.nodes.has(name)) return;
    const instances = this.clients.get(name);
    const hint =
      instances === undefined
        ? didYouMean(name, [...this.nodes])
        : `${name} has ${instances.length} instances: ${instances[0]} to ${instances.at(-1)}`;
    this.#problems.error(path, `there is no node "${name}"`, hint);
  }

  checkRack(rack: string, path: Path): void {
    if (this.racks.has(rack)) return;
    this.#problems.error(path, `there is no rack "${rack}"`, didYouMean(rack, [...this.racks]));
  }

  checkGroup(group: string, path: Path): void {
    if (this.groups.has(group)) return;
    this.#problems.error(path, `there is no group "${group}"`, didYouMean(group, [...this.groups]));
  }

  checkTopic(topic: string, path: Path): void {
    if (this.topics.has(topic)) return;
    const hint = didYouMean(topic, [...this.topics.keys()]);
    this.#problems.error(path, `there is no topic "${topic}"`, hint);
  }

  /** `orders-0`; anything else is reported. */
  checkPartition(name: unknown, path: Path): string {
    const parts = typeof name === "string" ? /^(.+)-(\d+)$/.exec(name) : null;
    const [, topic = "", number = ""] = parts ?? [];
    if (parts === null) {
      this.#problems.error(path, "must be a partition like orders-0");
    } else if (!this.topics.has(topic)) {
      const known = [...this.topics.keys()].map((t) => `${t}-${number}`);
      this.#problems.error(
        path,
        `there is no partition "${name}"`,
        didYouMean(String(name), known),
      );
    } else {
      this.checkPartitionNumber(topic, Number(number), path);
    }
    return String(name);
  }

  checkPartitionNumber(topic: string, partition: number, path: Path): void {
    const partitions = this.topics.get(topic);
    if (partitions === undefined || partition < partitions) return;
    const has =
      partitions === 1 ? "1 partition: 0" : `${partitions} partitions: 0 to ${partitions - 1}`;
    this.#problems.error(
      path,
      `there is no partition "${topic}-${partition}"`,
      `${topic} has ${has}`,
    );
  }
}
