import { expect, it } from "vitest";
import { Story } from "./support.ts";

/** Batches of ten records of four producers in turn, replicated, committed, acked and polled one by one. */
function flow(story: Story, batches: number, replicas: readonly number[], start = 0): void {
  for (let i = start; i < start + batches; i++) {
    const stream = 1 + (i % 4);
    const first = Math.floor(i / 4) * 10;
    const base = i * 10;
    for (const node of replicas) story.append(node, base, 10, first, stream);
    story.hw(1, base, base + 10);
    story.ack(first, 10, base, stream);
    story.poll(base, 10, first, { stream });
    for (const node of replicas) if (node !== 1) story.hw(node, base, base + 10);
  }
}

it("memory stays flat while replicas and consumers keep up", () => {
  const story = new Story().begin();
  story.assign(0);
  flow(story, 9_500, [1, 2, 3]);
  const kept = story.judge.truth.keptRuns;
  flow(story, 3_000, [1, 2, 3], 9_500);
  expect(story.judge.truth.keptRuns).toBeLessThan(kept + 100);
  expect(story.judge.truth.keptRuns).toBeLessThan(10_000);
  for (const stream of story.judge.truth.streams()) {
    expect(stream.acked.ranges).toBeLessThanOrEqual(1);
    expect(stream.placed.ranges).toBeLessThanOrEqual(1);
    expect(stream.delivered.ranges).toBeLessThanOrEqual(1);
  }
  const wrong = story.broken();
  expect(wrong).toEqual([]);
});

it("what a dead replica or a slow consumer has not seen is kept, and judged when it is", () => {
  const story = new Story().begin();
  story.assign(0);
  flow(story, 2_000, [1, 2, 3]);
  story.crash(3);
  story.changeIsr("isr.shrunk", [1, 2], [3]);
  flow(story, 10_000, [1, 2], 2_000);
  expect(story.judge.truth.keptRuns).toBeGreaterThan(9_999);
  story.elect(3, [3], { unclean: true });
  story.becomeLeader(3, 20_000, [3], 20_000);
  expect(story.result("lost-write").count).toBe(100_000);
});
