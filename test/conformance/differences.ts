// Where the simulator is known to differ from real Kafka, and why it stays so; and what is compared less strictly than by equality.
// A difference that is not listed fails the test, and so does a listed one that no longer occurs.

export interface KnownDifference {
  readonly scenario: string;
  /** Kafka releases it shows in, by their beginning: "3.9"; absent: all recorded ones. */
  readonly release?: string;
  /** Units of compare.ts that it concerns. */
  readonly units: RegExp;
  readonly reason: string;
}

/** None at present: where real runs disagree with the simulator, others of the same release do what it does. */
export const KNOWN: readonly KnownDifference[] = [];

/** A unit compared after something was taken out of it on both sides. */
export interface Loosened {
  readonly scenario: string;
  readonly units: RegExp;
  readonly reason: string;
  readonly to: (value: unknown) => unknown;
}

export const COMPARED_LESS: readonly Loosened[] = [
  {
    scenario: "*",
    units: /^controller epochs$/,
    reason:
      "how many votes an election of the quorum takes depends on election timeouts drawn at random; compared is how often a controller became active.",
    to: (value) => (Array.isArray(value) ? value.length : value),
  },
  {
    scenario: "add-partitions",
    units: /^(partition t-[23]$|.* t-[23] registration$)/,
    reason:
      "StripedReplicaPlacer draws where added partitions begin; compared without the leader and the order of the ISR.",
    to: (value) => anyOrder(value),
  },
];

/** A registration, or a sequence of them, whoever leads. */
function anyOrder(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [key, inner] = value;
  if (key === "leader") return [key, "any"];
  if (key === "isr") return [key, [...(inner as number[])].sort()];
  return value.map(anyOrder);
}

export function loosenerFor(scenario: string): (unit: string, value: unknown) => unknown {
  return (unit, value) => {
    const rule = COMPARED_LESS.find(
      (row) => (row.scenario === scenario || row.scenario === "*") && row.units.test(unit),
    );
    return rule === undefined ? value : rule.to(value);
  };
}
