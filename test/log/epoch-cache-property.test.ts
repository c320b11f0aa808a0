// The epoch cache says what the batches say, whatever befell the log: for each epoch that has records, where they end (KIP-101).
import fc from "fast-check";
import { expect, it } from "vitest";
import { LogWorld } from "./support.ts";

type Step =
  | { readonly do: "append"; readonly batches: number }
  | { readonly do: "lead" }
  | { readonly do: "truncate" | "moveStart"; readonly share: number }
  | { readonly do: "startOver"; readonly ahead: number }
  | { readonly do: "flush" }
  | { readonly do: "restart"; readonly how: "kill" | "poweroff" | "clean" };

const share = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("append"), batches: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("lead") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("truncate", "moveStart"), share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("startOver"), ahead: share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("flush") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("restart"),
      how: fc.constantFrom("kill", "poweroff", "clean"),
    }),
  },
) as fc.Arbitrary<Step>;

function take(world: LogWorld, step: Step, epoch: number): number {
  const { log } = world;
  const length = log.logEndOffset - log.logStartOffset;
  switch (step.do) {
    case "append":
      world.append(step.batches, { epoch, count: 2 });
      return epoch;
    case "lead":
      log.assignEpochStart(epoch + 1, log.logEndOffset);
      return epoch + 1;
    case "truncate":
      // At a batch, as a follower's epochs tell it.
      log.truncateTo(log.logStartOffset + 2 * Math.floor((length * step.share) / 200), "test");
      return epoch;
    case "moveStart":
      log.updateHighWatermark(log.logEndOffset, epoch);
      log.advanceLogStartOffset(
        log.logStartOffset + 2 * Math.floor((length * step.share) / 200),
        "test",
      );
      // Until the start is checkpointed: after a crash before that the old start is back and its epoch is not, in Kafka too.
      world.run(100_000);
      return epoch;
    case "startOver":
      log.truncateFullyAndStartAt(log.logEndOffset + 2 * step.ahead, "test");
      return epoch;
    case "flush":
      world.flush();
      return epoch;
    case "restart":
      world.restart(step.how);
      return epoch;
  }
}

/** Of each epoch with records from the log's start on: the offset after its last. */
function endsInBatches({ log }: LogWorld): Map<number, number> {
  const ends = new Map<number, number>();
  for (const segment of log.segments) {
    for (const { leaderEpoch, baseOffset, count } of segment.batches) {
      if (baseOffset + count > log.logStartOffset) ends.set(leaderEpoch, baseOffset + count);
    }
  }
  return ends;
}

it("epoch cache equals recomputation", () => {
  let looked = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const world = new LogWorld();
      let epoch = 0;
      for (const step of steps) {
        epoch = take(world, step, epoch);
        for (const [leaderEpoch, endOffset] of endsInBatches(world)) {
          looked++;
          expect(world.log.endOffsetForEpoch(leaderEpoch)).toEqual({ leaderEpoch, endOffset });
        }
      }
    }),
    { numRuns: 150, seed: 5 },
  );
  expect(looked).toBeGreaterThan(1000);
});
