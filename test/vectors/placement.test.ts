import { describe, expect, it } from "vitest";
import { type PlacementRandom, placeReplicas } from "../../src/controller/placement.ts";
import { planReplicas } from "../../src/controller/placement-adminutils.ts";
import { recorded } from "./recorded.ts";

interface Placement {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** null: refused. */
  readonly replicas: readonly (readonly number[])[] | null;
}

interface Striped extends Placement {
  readonly brokers: readonly [id: number, rack: string | null, fenced: number][];
  /** What the placer asked of java.util.Random, and what it got. */
  readonly draws: readonly (readonly [bound: number, drawn: number])[];
}

interface Planned extends Placement {
  readonly brokers: readonly [id: number, rack: string | null][];
  readonly start: number;
}

/** Answers as Java's generator did, and insists on the same questions. */
class Replayed implements PlacementRandom {
  readonly bounds: number[] = [];
  readonly #draws: Striped["draws"];

  constructor(draws: Striped["draws"]) {
    this.#draws = draws;
  }

  nextInt(bound: number): number {
    const drawn = this.#draws[this.bounds.length]?.[1];
    this.bounds.push(bound);
    return drawn ?? 0;
  }
}

describe.each(recorded<Striped>("striped-placement"))("kafka $release", ({ lines }) => {
  it("stripes the partitions of 500 topics over the brokers as we do", () => {
    expect(lines).toHaveLength(500);
    for (const [index, line] of lines.entries()) {
      const { partitions, replicationFactor, draws, replicas } = line;
      const brokers = line.brokers.map(([id, rack, fenced]) => ({
        id,
        rack: rack ?? undefined,
        fenced: fenced === 1,
      }));
      const random = new Replayed(draws);
      const placed = placeReplicas(random, brokers, partitions, replicationFactor);
      expect(placed ?? null, `line ${index + 2}`).toEqual(replicas);
      expect(random.bounds, `line ${index + 2}`).toEqual(draws.map(([bound]) => bound));
    }
  });
});

describe.each(recorded<Planned>("planned-placement"))("kafka $release", ({ lines }) => {
  it("plans the replicas of 500 topics in AdminUtils as we do", () => {
    expect(lines).toHaveLength(500);
    for (const [index, { partitions, replicationFactor, start, ...line }] of lines.entries()) {
      const brokers = line.brokers.map(([id, rack]) => ({ id, rack: rack ?? undefined }));
      const placement = { index: start, shift: start };
      const planned = planReplicas(brokers, partitions, replicationFactor, placement);
      expect(planned ?? null, `line ${index + 2}`).toEqual(line.replicas);
    }
  });
});
