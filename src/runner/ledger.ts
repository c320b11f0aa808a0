// The availability ledger as the result document has it: what the view has counted, with what the ground truth knows to be lost or doubled.
import { IntervalSet } from "../check/interval-set.ts";
import { lossesOf } from "../check/losses.ts";
import type { GroundTruth } from "../check/truth.ts";
import type { Micros } from "../sim/kernel.ts";
import type { ClusterFold } from "../view/cluster-fold.ts";
import { type LedgerRow, ledgerBy, servedPercent } from "../view/ledger/summary.ts";
import type { Ledger, LedgerEntry, LedgerSide } from "./result.ts";

/** Lost and doubled numbers of each stream. */
interface Harm {
  readonly lost: ReadonlyMap<number, IntervalSet>;
  readonly duplicated: ReadonlyMap<number, IntervalSet>;
}

export function ledgerOf(view: ClusterFold, truth: GroundTruth, nowUs: Micros): Ledger {
  const harm = harmOf(view, truth);
  const of = (row: LedgerRow, by: "partition" | "producer"): LedgerEntry => {
    const streams = [...view.ledger.streams()].filter((stream) =>
      by === "partition" ? stream.partition.name === row.name : stream.producer === row.name,
    );
    const sum = (sets: ReadonlyMap<number, IntervalSet>): number =>
      streams.reduce((n, { stream }) => n + (sets.get(stream)?.size ?? 0), 0);
    return {
      name: row.name,
      sent: row.sent,
      acked: row.acked,
      refused: row.failed,
      unknown: row.unknown,
      delivered: row.delivered,
      lost: sum(harm.lost),
      duplicated: sum(harm.duplicated),
      servedPercent: servedPercent(row.acked, row.sent),
      produceOutageMs: row.produceOutageUs / 1000,
      consumeOutageMs: row.consumeOutageUs / 1000,
      stalenessMs: row.stalenessUs / 1000,
    };
  };
  const places = placesOf(view);
  return {
    partitions: ledgerBy(view.ledger, nowUs, "partition")
      .filter(({ name }) => !name.startsWith("__"))
      .sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0))
      .map((row) => ({ ...of(row, "partition"), recoveryMs: recoveryOf(view, row.name) })),
    clients: ledgerBy(view.ledger, nowUs, "client").map((row) => of(row, "producer")),
    cutMs: view.ledger.cutUs(nowUs) / 1000,
    sides: sidesOf(view, harm),
  };
}

/** Topics in the order in which they were made, their partitions by number. */
function placesOf(view: ClusterFold): ReadonlyMap<string, number> {
  const all = [...view.partitions.ever()].map(({ partition }) => partition);
  const topics = [...new Set(all.map(({ topic }) => topic))];
  const sorted = topics.flatMap((topic) =>
    all.filter((p) => p.topic === topic).sort((a, b) => a.partition - b.partition),
  );
  return new Map(sorted.map(({ name }, place) => [name, place]));
}

function recoveryOf(view: ClusterFold, name: string): number | "never" | null {
  const index = view.partitions.named(name)?.partition.index ?? -1;
  const recovery = view.recovery.of(index);
  return typeof recovery === "number" ? recovery / 1000 : (recovery ?? null);
}

function harmOf(view: ClusterFold, truth: GroundTruth): Harm {
  const lost = new Map<number, IntervalSet>();
  const duplicated = new Map<number, IntervalSet>();
  for (const { stream, first, count } of lossesOf(view, truth))
    setOf(lost, stream.stream).add(first, first + count);
  for (const partition of truth.partitions()) {
    for (const { run } of partition.duplicates) {
      const count = Math.min(run.count, partition.trueHighWatermark - run.base);
      if (count > 0) setOf(duplicated, run.stream).add(run.first, run.first + count);
    }
  }
  return { lost, duplicated };
}

function setOf(sets: Map<number, IntervalSet>, stream: number): IntervalSet {
  const set = sets.get(stream) ?? new IntervalSet();
  sets.set(stream, set);
  return set;
}

function sidesOf(view: ClusterFold, harm: Harm): LedgerSide[] {
  return view.ledger.sides().map((side) => {
    let [lost, duplicated] = [0, 0];
    for (const { stream, windows } of view.ledger.streams()) {
      for (const window of windows) {
        if (window.side !== side) continue;
        const to = window.to < 0 ? Number.MAX_SAFE_INTEGER : window.to;
        lost += harm.lost.get(stream)?.overlap(window.from, to) ?? 0;
        duplicated += harm.duplicated.get(stream)?.overlap(window.from, to) ?? 0;
      }
    }
    return {
      name: side.side,
      clients: [...side.clients],
      sent: side.sent,
      served: side.served,
      later: side.later,
      refused: side.failed,
      unknown: side.unknown,
      delivered: side.delivered,
      lost,
      duplicated,
      servedPercent: servedPercent(side.served, side.sent),
      produceOutageMs: side.outageUs / 1000,
      consumeOutageMs: side.readOutageUs / 1000,
      stalenessMs: side.stalenessUs / 1000,
    };
  });
}
