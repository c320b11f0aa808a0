import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BufferPool, type MemoryWaiter } from "../../../src/client/producer/buffer-pool.ts";

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

  it("whatever comes: serves in the order of arrival, and neither makes memory nor loses any", () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant("take"), size: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ op: fc.constant("give"), size: fc.nat(9) }),
      fc.record({ op: fc.constant("cancel"), size: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pool = new BufferPool(100);
        const held: number[] = [];
        const waiting: { size: number; waiter: MemoryWaiter | undefined; id: number }[] = [];
        const served: number[] = [];
        let ids = 0;
        const check = (): void => {
          expect(pool.availableBytes).toBe(100 - held.reduce((sum, n) => sum + n, 0));
          expect(pool.queued).toBe(waiting.length);
          // The first in line waits because there is too little for it.
          if (waiting[0] !== undefined)
            expect(waiting[0].size).toBeGreaterThan(pool.availableBytes);
        };
        for (const { op, size } of steps) {
          if (op === "take") {
            const fits = waiting.length === 0 && size <= pool.availableBytes;
            expect(pool.tryTake(size)).toBe(fits);
            if (fits) held.push(size);
            else {
              const entry = { size, waiter: undefined as MemoryWaiter | undefined, id: ids++ };
              waiting.push(entry);
              entry.waiter = pool.wait(size, () => {
                expect(waiting.shift()).toBe(entry);
                served.push(entry.id);
                held.push(size);
              });
            }
          } else if (op === "give" && held.length > 0) {
            pool.give(held.splice(size % held.length, 1)[0] as number);
          } else if (op === "cancel" && waiting.length > 0) {
            const [gone] = waiting.splice(size % waiting.length, 1);
            if (gone?.waiter !== undefined) pool.cancel(gone.waiter);
          }
          check();
        }
        expect(served).toEqual([...served].sort((a, b) => a - b));
      }),
    );
  });
});
