// Images are compared where two nodes have come to the same offset, in whatever order.
import { expect, it } from "vitest";
import { Story } from "./support.ts";

const RIGHT = 0xabcd;
const WRONG = 0xabce;

const story = (): Story => new Story(["metadata-image"]).begin();

function applied(s: Story, node: number, offset: number, digest = RIGHT, by?: "controller"): void {
  s.tell(node, "metadata.applied", {
    by: by ?? (node > 10 ? "controller" : "broker"),
    offset,
    digest,
  });
}

it("one image an offset, whoever has applied it and when", () => {
  const s = story();
  applied(s, 11, 7);
  applied(s, 11, 9, WRONG);
  applied(s, 1, 9, WRONG);
  applied(s, 12, 7);
  applied(s, 2, 8);
  expect(s.result("metadata-image")).toMatchObject({ count: 0, status: "held" });
  const alone = story();
  applied(alone, 11, 7);
  expect(alone.result("metadata-image").status).toBe("not-exercised");
});

it("a broker or a controller with another one is told once, until it has the same again", () => {
  const s = story();
  for (const offset of [1, 2, 3, 4]) applied(s, 11, offset);
  applied(s, 2, 1, WRONG);
  applied(s, 2, 2, WRONG);
  applied(s, 12, 2, WRONG);
  applied(s, 2, 3);
  applied(s, 2, 4, WRONG);
  const { count, first, findings } = s.result("metadata-image");
  expect(count).toBe(3);
  expect(first?.message).toMatch(
    /^the broker on broker-2 has another image of the cluster at metadata offset 1 than the controller on controller-1 \(#\d+\)$/,
  );
  expect(findings.map(({ node }) => node)).toEqual([2, 12, 2]);
  expect(findings[0]?.evidence).toEqual([s.seq - 8, s.seq - 4]);
});

it("both of a combined node are heard", () => {
  const s = story();
  applied(s, 1, 1, RIGHT, "controller");
  applied(s, 1, 1, WRONG);
  applied(s, 2, 1, WRONG, "controller");
  applied(s, 2, 1, WRONG);
  expect(s.broken()).toEqual(["metadata-image:3"]);
});

it("offsets are remembered for a while", () => {
  const s = story();
  for (let offset = 0; offset < 4097; offset++) applied(s, 11, offset);
  applied(s, 1, 1, WRONG);
  expect(s.judge.finish({ seq: s.seq, atUs: s.at })[0]?.count).toBe(1);
  const late = story();
  for (let offset = 0; offset < 4098; offset++) applied(late, 11, offset);
  applied(late, 1, 1, WRONG);
  expect(late.broken()).toEqual([]);
});
