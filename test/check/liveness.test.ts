import { expect, it } from "vitest";
import { settled } from "../../src/check/liveness.ts";
import { Story } from "./support.ts";

it("a run is settled when leaders lead, the ISR is full, sends are resolved and lag is drained", () => {
  const story = new Story().begin();
  const { view } = story.judge;
  expect(settled(view)).toBe(true);
  story.send(0, 10);
  expect(settled(view)).toBe(false);
  story.append(1, 0, 10, 0);
  story.ack(0, 10, 0);
  // The high watermark has yet to reach the log end.
  expect(settled(view)).toBe(false);
  for (const node of [2, 3]) story.append(node, 0, 10, 0);
  story.hw(1, 0, 10);
  expect(settled(view)).toBe(true);
  story.assign(0);
  expect(settled(view)).toBe(false);
  story.poll(0, 10, 0);
  expect(settled(view)).toBe(true);
  story.changeIsr("isr.shrunk", [1, 2], [3]);
  expect(settled(view)).toBe(false);
  story.crash(3);
  expect(settled(view)).toBe(true);
});

it("a partition without an electable replica is settled, one with an electable replica is not", () => {
  const story = new Story().begin();
  const { view } = story.judge;
  story.crash(1);
  expect(settled(view)).toBe(false);
  story.loseLeader([1]);
  expect(settled(view)).toBe(true);
  expect(
    settled(view, {
      topics: [{ name: "orders", replicationFactor: 3, minIsr: 1, unclean: true, flushed: false }],
      consumers: [],
    }),
  ).toBe(false);
  story.tell(1, "host.booted", { incarnation: 2 });
  expect(settled(view)).toBe(false);
});

it("nothing more happens without a quorum", () => {
  const story = new Story().begin();
  story.crash(12);
  story.crash(13);
  story.crash(1);
  expect(settled(story.judge.view)).toBe(true);
  expect(story.result("leaders-elected")).toMatchObject({ count: 0 });
  expect(story.result("leaders-elected").note).toContain(
    "no majority of the controller quorum runs",
  );
});
