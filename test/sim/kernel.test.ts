import { describe, expect, it } from "vitest";
import { SimulatorBug } from "../../src/sim/assert.ts";
import { Kernel, type KernelOptions, ms, seconds, us } from "../../src/sim/kernel.ts";

/** A kernel with one kind of event that notes (time, a). */
function noting(options: Partial<KernelOptions> = {}) {
  const kernel = new Kernel({ seed: "test", ...options });
  const notes: string[] = [];
  const note = kernel.define("note", (a) => notes.push(`${kernel.now}:${a}`));
  return { kernel, notes, note };
}

describe("time", () => {
  it("is whole microseconds", () => {
    expect([us(1.4), ms(0.5), ms(1.2345), seconds(2)]).toEqual([1, 500, 1235, 2_000_000]);
  });

  it("runs events in the order of time, then of scheduling", () => {
    const { kernel, notes, note } = noting();
    kernel.schedule(20, note, 1, 0);
    kernel.schedule(10, note, 2, 0);
    kernel.schedule(10, note, 3, 0);
    kernel.run(30);
    expect(notes).toEqual(["10:2", "10:3", "20:1"]);
    expect([kernel.now, kernel.events, kernel.pending]).toEqual([30, 3, 0]);
  });

  it("runs what is due exactly at the end of a run, and nothing after it", () => {
    const { kernel, notes, note } = noting();
    kernel.schedule(10, note, 1, 0);
    kernel.schedule(11, note, 2, 0);
    kernel.run(10);
    expect([notes, kernel.now, kernel.pending]).toEqual([["10:1"], 10, 1]);
    kernel.schedule(10, note, 3, 0);
    kernel.run(11);
    expect(notes).toEqual(["10:1", "10:3", "11:2"]);
  });

  it("steps one event at a time and says when there is none", () => {
    const { kernel, notes, note } = noting();
    kernel.schedule(5, note, 1, 0);
    expect([kernel.step(), kernel.step()]).toEqual([true, false]);
    expect(notes).toEqual(["5:1"]);
  });

  it.each([-1, 9, 10.5, NaN, Infinity, 2 ** 53])("refuses an event at %d when it is 10", (at) => {
    const { kernel, note } = noting();
    kernel.run(10);
    expect(() => kernel.schedule(at, note, 0, 0)).toThrow(SimulatorBug);
  });

  it("refuses a kind that is not defined", () => {
    const { kernel } = noting();
    expect(() => kernel.schedule(1, 99, 0, 0)).toThrow("undefined kind 99");
  });
});

describe("handles", () => {
  it("cancel once, free at once, and never touch the next event in the slot", () => {
    const { kernel, notes, note } = noting();
    const first = kernel.schedule(10, note, 1, 0);
    expect(first).not.toBe(0);
    expect(kernel.cancel(first)).toBe(true);
    expect(kernel.pending).toBe(0);
    const second = kernel.schedule(10, note, 2, 0);
    expect(second).not.toBe(first);
    expect(kernel.cancel(first)).toBe(false);
    kernel.run(10);
    expect(kernel.cancel(second)).toBe(false);
    expect(notes).toEqual(["10:2"]);
    expect(kernel.cancel(0)).toBe(false);
  });

  it("leave nothing behind after 100,000 cancelled timers", () => {
    const { kernel, note } = noting();
    for (let i = 0; i < 100_000; i++) kernel.cancel(kernel.schedule(30_000_000, note, i, 0));
    expect(kernel.pending).toBe(0);
  });

  it("an event may cancel another of its own instant", () => {
    for (const queue of ["ladder", "heap"] as const) {
      const { kernel, notes, note } = noting({ queue });
      const cancel = kernel.define("cancel", () => kernel.cancel(victim));
      kernel.schedule(10, cancel, 0, 0);
      const victim = kernel.schedule(10, note, 1, 0);
      kernel.schedule(10, note, 2, 0);
      kernel.run(10);
      expect(notes).toEqual(["10:2"]);
    }
  });
});

describe("after", () => {
  it("runs an action later unless it is cancelled; cancelling late is harmless", () => {
    const { kernel, notes } = noting();
    const kept = kernel.after(10, () => notes.push("kept"));
    const dropped = kernel.after(10, () => notes.push("dropped"));
    dropped.cancel();
    dropped.cancel();
    kernel.run(10);
    const later = kernel.after(10, () => notes.push("later"));
    kept.cancel();
    dropped.cancel();
    kernel.run(20);
    later.cancel();
    expect(notes).toEqual(["kept", "later"]);
  });
});

describe("arguments", () => {
  it("pass any number through, also after events with small ones were scheduled", () => {
    const kernel = new Kernel({ seed: "test" });
    const seen: number[][] = [];
    const note = kernel.define("note", (a, b) => seen.push([a, b]));
    const pairs = [
      [-1, 2147483647],
      [2 ** 40, 0.5],
      [7, 8],
      [1e300, -(2 ** 31)],
    ] as const;
    for (const [a, b] of pairs) kernel.schedule(1, note, a, b);
    for (let i = 0; i < 1000; i++) kernel.schedule(2, note, i, i / 2);
    kernel.run(2);
    expect(seen.slice(0, 4)).toEqual(pairs);
    expect(seen.at(-1)).toEqual([999, 499.5]);
  });

  it("of a cancelled event are not those of the next one in its slot", () => {
    const kernel = new Kernel({ seed: "test" });
    const seen: number[][] = [];
    const note = kernel.define("note", (a, b) => seen.push([a, b]));
    const edges = [32767, 32768, -1, -32768, 65535, -65536].map((b) => [5, b]);
    for (const [a, b] of edges) {
      kernel.cancel(kernel.schedule(1, note, 0.5, 1e9));
      kernel.schedule(1, note, a as number, b as number);
    }
    kernel.cancel(kernel.schedule(1, note, 3, -1));
    kernel.schedule(1, note, 3, 4);
    kernel.run(1);
    expect(seen).toEqual([...edges, [3, 4]]);
  });
});

describe("cause", () => {
  it("is stored with what is scheduled and restored when that fires", () => {
    const kernel = new Kernel({ seed: "test" });
    const causes: number[] = [];
    const note = kernel.define("note", () => {
      causes.push(kernel.cause);
      kernel.cause = 100 + causes.length;
      if (causes.length < 3) kernel.schedule(kernel.now + 1, note, 0, 0);
    });
    kernel.cause = 42;
    kernel.schedule(1, note, 0, 0);
    kernel.cause = 0;
    kernel.run(10);
    expect(causes).toEqual([42, 101, 102]);
    expect(kernel.cause).toBe(0);
  });
});

describe("ties: random", () => {
  const order = (seed: string, queue: "ladder" | "heap", ties: "fifo" | "random") => {
    const { kernel, notes, note } = noting({ seed, queue, ties });
    const cancel = kernel.define("cancel", () => kernel.cancel(victim));
    kernel.schedule(5, cancel, 0, 0);
    const victim = kernel.schedule(6, note, 99, 0);
    for (let a = 0; a < 20; a++) kernel.schedule(10 * (1 + (a & 1)), note, a, 0);
    kernel.run(20);
    return notes;
  };

  it("shuffles the events of one instant, by seed and alike for both queues", () => {
    const shuffled = order("a", "ladder", "random");
    expect(shuffled).toEqual(order("a", "heap", "random"));
    expect(shuffled).not.toEqual(order("b", "ladder", "random"));
    const fifo = order("a", "ladder", "fifo");
    expect(shuffled).not.toEqual(fifo);
    expect([...shuffled].sort()).toEqual([...fifo].sort());
    expect(shuffled.map((note) => Number(note.split(":")[0]))).toEqual(
      fifo.map((note) => Number(note.split(":")[0])),
    );
  });

  it("can cancel an event that waits for its turn within the instant", () => {
    for (let seed = 0; seed < 10; seed++) {
      const { kernel, notes, note } = noting({ seed: `${seed}`, ties: "random" });
      const handles: number[] = [];
      const rival = kernel.define("rival", (a) => {
        notes.push("rival");
        kernel.cancel(handles[1 - a] as number);
      });
      handles.push(kernel.schedule(10, rival, 0, 0), kernel.schedule(10, rival, 1, 0));
      kernel.schedule(10, note, 7, 0);
      kernel.run(10);
      expect([...notes].sort()).toEqual(["10:7", "rival"]);
      expect(kernel.pending).toBe(0);
    }
  });
});

describe("the trace hash", () => {
  const hashOf = (change: (kernel: Kernel, note: number) => void, options = {}) => {
    const { kernel, note } = noting(options);
    kernel.schedule(10, note, 1, 0);
    change(kernel, note);
    kernel.run(100);
    return kernel.hash.digest();
  };

  it("depends on the time, kind and first argument of every event", () => {
    const other = (kernel: Kernel) => kernel.define("other", () => {});
    const hashes = [
      hashOf((kernel, note) => kernel.schedule(20, note, 2, 0)),
      hashOf((kernel, note) => kernel.schedule(21, note, 2, 0)),
      hashOf((kernel, note) => kernel.schedule(20, note, 3, 0)),
      hashOf((kernel) => kernel.schedule(20, other(kernel), 2, 0)),
      hashOf(() => {}),
    ];
    expect(new Set(hashes).size).toBe(5);
    expect(hashOf((kernel, note) => kernel.schedule(20, note, 2, 9))).toBe(hashes[0]);
  });

  it("can be switched off", () => {
    const off = hashOf(() => {}, { hash: false });
    expect(off).toBe(new Kernel({ seed: "x" }).hash.digest());
  });
});

describe("limits", () => {
  it("stop a run that spins at one instant and name the busiest kind", () => {
    const kernel = new Kernel({ seed: "test", maxEventsPerInstant: 1000 });
    const quiet = kernel.define("quiet", () => {});
    const spin = kernel.define("spinning fetcher", () => kernel.schedule(kernel.now, spin, 0, 0));
    kernel.schedule(5, quiet, 0, 0);
    kernel.schedule(5, spin, 0, 0);
    expect(() => kernel.run(10)).toThrow(/at 5 us.*"spinning fetcher"/);
    expect(kernel.events).toBe(1001);
  });

  it("do not count the events of different instants together", () => {
    const { kernel, note } = noting({ maxEventsPerInstant: 2 });
    for (let at = 0; at < 10; at++) kernel.schedule(at >> 1, note, 0, 0);
    kernel.run(10);
    for (let i = 0; i < 2; i++) kernel.schedule(10, note, 0, 0);
    kernel.run(10);
    expect(kernel.events).toBe(12);
  });

  it("stop a run with more events than allowed in all", () => {
    const { kernel, note } = noting({ maxEvents: 5 });
    for (let at = 0; at < 6; at++) kernel.schedule(at, note, 0, 0);
    expect(() => kernel.run(10)).toThrow(SimulatorBug);
    expect(kernel.now).toBe(5);
  });
});

describe("random streams", () => {
  it("are one object per name, seeded by the run's seed and the name", () => {
    const kernel = new Kernel({ seed: "s" });
    expect(kernel.rng("net")).toBe(kernel.rng("net"));
    const draw = (seed: string, name: string) => new Kernel({ seed }).rng(name).float();
    expect(draw("s", "net")).toBe(kernel.rng("net").float());
    expect(draw("s", "disk")).not.toBe(draw("s", "net"));
    expect(draw("t", "net")).not.toBe(draw("s", "net"));
  });
});
