import { describe, expect, it } from "vitest";
import { BufferPool } from "../../../src/client/producer/buffer-pool.ts";

describe("the buffer pool", () => {
  it("gives what there is and no more", () => {
    const pool = new BufferPool(100);
    expect(pool.tryTake(60)).toBe(true);
    expect(pool.tryTake(50)).toBe(false);
    expect(pool.tryTake(40)).toBe(true);
    expect(pool.availableBytes).toBe(0);
    pool.give(60);
    expect(pool.availableBytes).toBe(60);
  });

  it("serves who waits in the order of arrival, small wishes behind large ones", () => {
    const pool = new BufferPool(100);
    pool.tryTake(100);
    const served: string[] = [];
    pool.wait(80, () => served.push("large"));
    pool.wait(10, () => served.push("small"));
    expect(pool.queued).toBe(2);
    pool.give(20);
    expect(served).toEqual([]);
    pool.give(70);
    expect(served).toEqual(["large", "small"]);
    expect(pool.availableBytes).toBe(0);
  });

  it("lets nobody overtake those who wait", () => {
    const pool = new BufferPool(100);
    pool.tryTake(90);
    pool.wait(50, () => undefined);
    expect(pool.tryTake(5)).toBe(false);
  });

  it("serves the next when the first gives up", () => {
    const pool = new BufferPool(100);
    pool.tryTake(80);
    const served: string[] = [];
    const first = pool.wait(50, () => served.push("first"));
    pool.wait(20, () => served.push("second"));
    pool.cancel(first);
    expect(served).toEqual(["second"]);
    expect(pool.queued).toBe(0);
  });
});
