// inconsistent-offsets (jepsen.tests.kafka): one offset shown to clients, by an acknowledgement or by a poll, with two different records.
// Two polls that differ are worse than a poll that differs from an acknowledgement: what can be read is committed.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import type { PartitionTruth } from "./partition-truth.ts";
import type { Run } from "./run-list.ts";

export const inconsistentOffsets: Property = {
  name: "inconsistent-offsets",
  kind: "always",
  doc: "An offset is acknowledged and delivered with one record only.",
  create: (context) => {
    const exposures = new Exposures(context);
    return {
      on: {
        "op.acked": (e) => {
          if (e.baseOffset >= 0) exposures.show(e, "acknowledged");
        },
        "consumer.polled": (e) => exposures.show(e, "delivered"),
      },
      get exercised() {
        return exposures.exercised;
      },
    };
  },
};

type Shown = KafkaEvent<"op.acked"> | KafkaEvent<"consumer.polled">;

/** What clients were shown and the leader's log does not hold (any more), by partition. */
interface Ghost extends Run {
  readonly how: "acknowledged" | "delivered";
}

const KEPT_GHOSTS = 10_000;
/** Ghosts are looked up by stretches of this many offsets. */
const STRETCH = 4096;

class Exposures {
  exercised = false;
  readonly #context: CheckerContext;
  /** By partition index, then by stretch. */
  readonly #ghosts: (Map<number, Ghost[]> | undefined)[] = [];
  #kept = 0;

  constructor(context: CheckerContext) {
    this.#context = context;
    context.truth.onRemoved((truth, run) => this.#haunt(truth, run));
  }

  show(e: Shown, how: Ghost["how"]): void {
    this.exercised = true;
    const truth = this.#context.truth.partition(e.partition.index);
    if (truth === undefined) return;
    const same = truth.log.trunk.matching(e.baseOffset, e.count, e.stream, e.firstNumber, -1);
    const ghosts = this.#ghosts[e.partition.index];
    if (same === e.count && ghosts === undefined) return;
    const shown = {
      base: e.baseOffset,
      count: e.count,
      stream: e.stream,
      first: e.firstNumber,
      epoch: -1,
    };
    const other = ghosts === undefined ? undefined : clashing(ghosts, shown);
    if (other !== undefined) this.#report(e, shown, { ...other, isGone: true }, [how, other.how]);
    if (same === e.count) return;
    const rest = {
      ...shown,
      base: shown.base + same,
      count: shown.count - same,
      first: shown.first + same,
    };
    const [clash, seen] = other === undefined ? this.#clash(truth, rest) : [];
    if (clash !== undefined && seen !== undefined)
      this.#report(e, rest, { ...clash, isGone: false }, [how, seen]);
    this.#add(truth, { ...rest, how });
  }

  /** A run of the leader's log at these offsets that clients have seen, too. */
  #clash(truth: PartitionTruth, shown: Run): [Run, Ghost["how"]] | [] {
    for (const run of truth.log.trunk.slice(shown.base, shown.base + shown.count)) {
      const seen = differ(run, shown) ? this.#seen(truth, run) : undefined;
      if (seen !== undefined) return [run, seen];
    }
    return [];
  }

  #seen(truth: PartitionTruth, run: Run): Ghost["how"] | undefined {
    if (truth.delivered.overlap(run.base, run.base + run.count) > 0) return "delivered";
    const acked =
      this.#context.truth.stream(run.stream)?.acked.overlap(run.first, run.first + run.count) ?? 0;
    return acked > 0 ? "acknowledged" : undefined;
  }

  /** Remembers the parts of a removed run that clients had been shown. */
  #haunt(truth: PartitionTruth, run: Run): void {
    for (const part of truth.delivered.held(run.base, run.base + run.count)) {
      const first = run.first + part.from - run.base;
      this.#add(truth, {
        ...run,
        base: part.from,
        count: part.to - part.from,
        first,
        how: "delivered",
      });
    }
    const stream = this.#context.truth.stream(run.stream);
    for (const part of stream?.acked.held(run.first, run.first + run.count) ?? []) {
      const base = run.base + part.from - run.first;
      this.#add(truth, {
        ...run,
        base,
        count: part.to - part.from,
        first: part.from,
        how: "acknowledged",
      });
    }
  }

  #add(truth: PartitionTruth, ghost: Ghost): void {
    if (this.#kept >= KEPT_GHOSTS) return;
    this.#kept++;
    const { index } = truth.partition;
    const ghosts = this.#ghosts[index] ?? new Map<number, Ghost[]>();
    this.#ghosts[index] = ghosts;
    for (let at = stretchOf(ghost.base); at <= stretchOf(ghost.base + ghost.count - 1); at++) {
      const known = ghosts.get(at);
      if (known === undefined) ghosts.set(at, [ghost]);
      else known.push(ghost);
    }
  }

  #report(
    e: Shown,
    shown: Run,
    other: Run & { readonly isGone: boolean },
    [how, seen]: readonly [Ghost["how"], Ghost["how"]],
  ): void {
    // The one that is no longer there.
    const gone = other.isGone ? other : shown;
    const from = Math.max(shown.base, other.base);
    const to = Math.min(shown.base + shown.count, other.base + other.count);
    const name = (run: Run): string =>
      this.#context.truth.stream(run.stream)?.nameOf(run.first + from - run.base) ??
      `${run.stream}/${run.first + from - run.base}`;
    this.#context.report({
      message: `${e.partition.name}@${from} was ${how} as ${name(shown)} and ${seen} as ${name(other)}`,
      evidence: [e.seq],
      atUs: e.at,
      node: e.node,
      count: to - from,
      form: how === seen ? SAME[how] : "ack-vs-poll",
      about: {
        partition: e.partition,
        record: { stream: gone.stream, number: gone.first + from - gone.base },
        offset: from,
      },
    });
  }
}

const SAME = { delivered: "poll-vs-poll", acknowledged: "ack-vs-ack" } as const;

const stretchOf = (offset: number): number => Math.floor(offset / STRETCH);

/** The first ghost that puts another record at an offset of the run. */
function clashing(ghosts: ReadonlyMap<number, readonly Ghost[]>, shown: Run): Ghost | undefined {
  for (let at = stretchOf(shown.base); at <= stretchOf(shown.base + shown.count - 1); at++) {
    const found = ghosts.get(at)?.find((ghost) => differ(ghost, shown));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Do two runs put different records at an offset? */
function differ(a: Run, b: Run): boolean {
  if (a.base >= b.base + b.count || b.base >= a.base + a.count) return false;
  return a.stream !== b.stream || a.first - a.base !== b.first - b.base;
}
