import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Run } from "../../src/check/run-list.ts";
import { RunList } from "../../src/check/run-list.ts";
import { SharedLog } from "../../src/check/shared-log.ts";

type Cell = string;
const cell = (stream: number, number: number, epoch: number): Cell =>
  `${stream}/${number}@${epoch}`;

function cellsOf(runs: readonly Run[]): Cell[] {
  const cells: Cell[] = [];
  for (const r of runs) {
    for (let i = 0; i < r.count; i++) cells.push(cell(r.stream, r.first + i, r.epoch));
  }
  return cells;
}

/** The same machine with every log written out. */
class Plain {
  readonly logs = new Map<number, Cell[]>();
  leader = -1;

  log(node: number): Cell[] {
    const log = this.logs.get(node) ?? [];
    this.logs.set(node, log);
    return log;
  }
}

const NODES = [1, 2, 3];
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("produce" as const),
      node: fc.constantFrom(...NODES),
      count: fc.integer({ min: 1, max: 4 }),
      stream: fc.integer({ min: 1, max: 2 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("fetch" as const),
      node: fc.constantFrom(...NODES),
      from: fc.constantFrom(...NODES),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("lead" as const), node: fc.constantFrom(...NODES) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("cut" as const),
      node: fc.constantFrom(...NODES),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("remove" as const), node: fc.constantFrom(...NODES) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("retire" as const), node: fc.constantFrom(...NODES) }),
  },
);

describe("SharedLog", () => {
  it("holds for each copy what a log written out would hold, and tells of all that comes and goes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const told = new Map<number, Cell>();
        const shared = new SharedLog({
          placed: (base, count, stream, first) => {
            for (let i = 0; i < count; i++) {
              expect(told.has(base + i)).toBe(false);
              told.set(base + i, `${stream}/${first + i}`);
            }
          },
          removed: (run) => {
            for (let i = 0; i < run.count; i++) {
              expect(told.get(run.base + i)).toBe(`${run.stream}/${run.first + i}`);
              told.delete(run.base + i);
            }
          },
          dropped: () => {},
        });
        const plain = new Plain();
        const next = [0, 0, 0];
        let epoch = 0;
        let serial = 0;
        for (const s of steps) {
          const log = plain.log(s.node);
          if (s.do === "produce") {
            const first = (next[s.stream] as number) + (serial++ % 3 === 0 ? 5 : 0);
            next[s.stream] = first + s.count;
            // A node that does not lead appends as one that led before.
            shared.append(s.node, log.length, s.count, s.stream, first, epoch);
            for (let i = 0; i < s.count; i++) log.push(cell(s.stream, first + i, epoch));
          } else if (s.do === "fetch") {
            const source = plain.log(s.from).slice(log.length, log.length + s.count);
            for (const text of source) {
              const [stream, number, at] = text.split(/[/@]/).map(Number) as [
                number,
                number,
                number,
              ];
              shared.append(s.node, log.length, 1, stream, number, at);
              log.push(text);
            }
          } else if (s.do === "lead") {
            epoch++;
            shared.lead(s.node);
          } else if (s.do === "cut") {
            const to = Math.floor(log.length * s.share);
            shared.truncate(s.node, to);
            log.length = to;
          } else if (s.do === "remove") {
            shared.remove(s.node);
            plain.logs.set(s.node, []);
          } else shared.retire(s.node);
          const trunk = cellsOf(shared.trunk.slice(0, shared.trunk.end));
          expect([...told.entries()].sort((a, b) => a[0] - b[0]).map((e) => e[1])).toEqual(
            trunk.map((text) => text.split("@")[0]),
          );
          for (const copy of shared.copies) {
            const content = [...cellsOf(shared.trunk.slice(0, copy.common)), ...cellsOf(copy.own)];
            expect(content).toEqual(plain.log(copy.node));
            expect(copy.end).toBe(content.length);
          }
          expect(shared.forks).toBe(shared.copies.filter((c) => c.own.length > 0).length);
          if (shared.owner >= 0) {
            expect(trunk).toEqual(plain.log(shared.owner));
          }
        }
      }),
      { numRuns: 400, seed: 7 },
    );
  });
});

describe("RunList", () => {
  it("joins batches that continue each other and lets go of its head", () => {
    const list = new RunList();
    for (let i = 0; i < 100; i++) list.push(i * 10, 10, 1, i * 10, 0);
    expect(list.length).toBe(1);
    for (let i = 100; i < 5000; i++) list.push(i * 10, 10, i % 2, i * 10, 0);
    expect(list.length).toBe(4900 + 1);
    list.trim(30_000, 100);
    expect(list.floor).toBe(30_000);
    expect(list.matching(40_000, 10, 0, 40_000, 0)).toBe(10);
    expect(list.matching(40_000, 10, 1, 40_000, 0)).toBe(0);
    expect(list.matching(40_000, 10, 0, 40_000, 3)).toBe(0);
    expect(list.matching(40_000, 10, 0, 40_000, -1)).toBe(10);
    expect(list.matching(49_995, 10, 1, 49_995, 0)).toBe(5);
    list.trim(50_000, 100);
    expect(list.length).toBe(100);
  });
});
