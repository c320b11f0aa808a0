import { expect, it } from "vitest";
import { AckLog } from "../../src/check/ack-log.ts";

/** `count` acknowledgements of two records each; the n-th is event n, at n ms, of numbers from 2n on at offset 2n + 100. */
function acked(count: number, stream = 1): AckLog {
  const acks = new AckLog();
  for (let n = 0; n < count; n++) acks.add(stream, 2 * n, 2, 2 * n + 100, n, n * 1000);
  return acks;
}

it("AckLog says when a record was acknowledged, and where", () => {
  const acks = acked(3);
  expect(acks.find(1, 2)).toEqual({ seq: 1, atUs: 1000, offset: 102 });
  expect(acks.find(1, 3)).toEqual({ seq: 1, atUs: 1000, offset: 103 });
  expect(acks.find(1, 6)).toBe(undefined);
  expect(acks.find(2, 2)).toBe(undefined);
});

it("AckLog knows no place where the broker told none", () => {
  const acks = new AckLog();
  expect(acks.isEmpty).toBe(true);
  acks.add(1, 0, 2, -1, 7, 7000);
  acks.add(1, 2, 2, 0, 8, 8000);
  expect(acks.isEmpty).toBe(false);
  expect(acks.find(1, 1)).toEqual({ seq: 7, atUs: 7000, offset: -1 });
  expect(acks.find(1, 2)).toEqual({ seq: 8, atUs: 8000, offset: 0 });
});

it("AckLog keeps 8192 acknowledgements and forgets the oldest first", () => {
  const full = acked(8192);
  expect(full.find(1, 0)?.seq).toBe(0);
  const more = acked(8195);
  expect([5, 6].map((number) => more.find(1, number)?.seq)).toEqual([undefined, 3]);
  expect(more.find(1, 2 * 8194)?.seq).toBe(8194);
});
