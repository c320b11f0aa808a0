// Processes, and what they wait for: a wake-up is an event of its own, and a machine that dies takes its processes with it.
import { describe, expect, it } from "vitest";
import { seconds } from "../../src/sim/kernel.ts";
import { either, Mailbox, type Process, Signal, suspend } from "../../src/sim/process.ts";
import { event } from "../../src/sim/trace.ts";
import { World } from "../../src/sim/world.ts";

const events = {
  "host.booted": event<{ incarnation: number }>("", () => ""),
  "host.crashed": event<{ how: string }>("", () => ""),
  "host.stopped": event<{ clean: boolean }>("", () => ""),
  "host.paused": event<{ incarnation: number }>("", () => ""),
  "host.resumed": event<{ incarnation: number }>("", () => ""),
  "host.wiped": event<{ incarnation: number }>("", () => ""),
  "connection.closed": event<{ peer: number; channel: string; why: string }>("", () => ""),
} as const;

/** One machine that runs nothing yet, and a list to write to. */
function machine() {
  const world = new World<Record<never, never>, typeof events>({
    kernel: { seed: "process" },
    network: { latencyUs: 1, jitterUs: 0, interRackLatencyUs: 0, bandwidthBytesPerSecond: 1e12 },
    apis: {},
    events,
  });
  const disk = { writeBytesPerSecond: 1e9, readBytesPerSecond: 1e9, fsyncUs: 1 };
  const host = world.addHost({ id: 1, name: "machine", disk });
  host.install(() => undefined);
  host.boot();
  const { kernel } = world;
  return { host, kernel, seen: [] as string[], run: () => kernel.run(kernel.now + seconds(1)) };
}

describe("a process", () => {
  it("runs until it waits, and goes on with what it is resumed with", () => {
    const { host, run, seen } = machine();
    let resume = (_: string): void => undefined;
    host.spawn(
      (function* () {
        seen.push("begins");
        const value = yield* suspend<string>((wake) => {
          resume = wake;
          return undefined;
        });
        seen.push(value);
      })(),
    );
    run();
    expect(seen).toEqual(["begins"]);
    host.after(0, () => resume("goes on"));
    run();
    expect(seen).toEqual(["begins", "goes on"]);
  });

  it("waits through other processes and gets their results", () => {
    const { host, run, seen, kernel } = machine();
    function* add(a: number, b: number): Process<number> {
      yield* host.sleep(10);
      return a + b;
    }
    const began = kernel.now;
    host.spawn(
      (function* () {
        const sum = yield* add(yield* add(1, 2), 3);
        seen.push(`${sum} after ${host.now - began}`);
      })(),
    );
    run();
    expect(seen).toEqual(["6 after 20"]);
  });

  it.each(["kill", "poweroff"] as const)("of a machine that died (%s) never resumes", (how) => {
    const { host, run, seen } = machine();
    const signal = new Signal(host);
    let resume = (): void => undefined;
    const waits = function* (name: string, wait: Process<unknown>): Process {
      seen.push(`${name} waits`);
      try {
        yield* wait;
        seen.push(`${name} goes on`);
      } finally {
        seen.push(`${name} cleans up`);
      }
    };
    host.spawn(waits("sleeper", host.sleep(seconds(1.5))));
    host.spawn(waits("listener", signal.wait()));
    host.spawn(
      waits(
        "outsider",
        suspend<void>((wake) => {
          resume = wake;
          return undefined;
        }),
      ),
    );
    run();
    host.crash(how);
    host.boot();
    signal.notify();
    resume();
    run();
    expect(seen).toEqual(["sleeper waits", "listener waits", "outsider waits"]);
  });
});

describe("a signal", () => {
  it("wakes all who wait, in order, and not in the stack of who notifies", () => {
    const { host, run, seen } = machine();
    const signal = new Signal(host);
    for (const name of ["a", "b"]) {
      host.spawn(
        (function* () {
          yield* signal.wait();
          seen.push(name);
        })(),
      );
    }
    host.after(5, () => {
      signal.notify();
      seen.push("notified");
    });
    run();
    expect(seen).toEqual(["notified", "a", "b"]);
  });

  it("is not remembered: who comes later waits for the next one", () => {
    const { host, run, seen } = machine();
    const signal = new Signal(host);
    signal.notify();
    host.spawn(
      (function* () {
        for (;;) {
          yield* signal.wait();
          seen.push("woken");
        }
      })(),
    );
    run();
    expect(seen).toEqual([]);
    // Two notifications before anyone can run are one wake-up.
    signal.notify();
    signal.notify();
    run();
    expect(seen).toEqual(["woken"]);
  });

  it("tells a waiter with a time limit which of the two it was", () => {
    const { host, run, seen } = machine();
    const signal = new Signal(host);
    host.spawn(
      (function* () {
        for (let i = 0; i < 3; i++) seen.push(`${yield* signal.waitAtMost(10)} at ${host.now}`);
      })(),
    );
    host.after(15, () => signal.notify());
    run();
    expect(seen).toEqual(["false at 10", "true at 15", "false at 25"]);
  });

  it.each([
    // The notification is on its way when the time is up.
    { at: 10, pause: undefined, told: ["false at 10", "false at 20"] },
    // Both are due when the process goes on.
    { at: 6, pause: [5, 20], told: ["true at 20", "false at 30"] },
  ])("ends one wait, not the next, if both come at once: $told", ({ at, pause, told }) => {
    const { host, run, seen, kernel } = machine();
    const signal = new Signal(host);
    kernel.after(at, () => signal.notify());
    if (pause !== undefined) {
      kernel.after(pause[0] as number, () => host.pause());
      kernel.after(pause[1] as number, () => host.resume());
    }
    host.spawn(
      (function* () {
        for (let i = 0; i < 2; i++) seen.push(`${yield* signal.waitAtMost(10)} at ${host.now}`);
      })(),
    );
    run();
    expect(seen).toEqual(told);
  });

  it("does not wake again who has given up", () => {
    const { host, run, seen } = machine();
    const signal = new Signal(host);
    host.spawn(
      (function* () {
        seen.push(`${yield* signal.waitAtMost(10)}`);
        yield* host.sleep(100);
        seen.push(`slept until ${host.now}`);
      })(),
    );
    host.after(20, () => signal.notify());
    run();
    expect(seen).toEqual(["false", "slept until 110"]);
  });
});

describe("either", () => {
  it("takes the first, withdraws the others and never the winner", () => {
    const { host, run, seen } = machine();
    const wakes: ((value: string) => void)[] = [];
    const register = (name: string) => (wake: (value: string) => void) => {
      wakes.push(wake);
      return () => void seen.push(`${name} withdrawn`);
    };
    host.spawn(
      (function* () {
        const { index, value } = yield* either(register("a"), register("b"), register("c"));
        seen.push(`${index}: ${value}`);
      })(),
    );
    host.after(1, () => wakes[1]?.("first"));
    host.after(1, () => wakes[0]?.("too late"));
    run();
    expect(seen).toEqual(["a withdrawn", "c withdrawn", "1: first"]);
  });
});

describe("a mailbox", () => {
  it("is read in the order in which it was filled, before and while someone waits", () => {
    const { host, run, seen } = machine();
    const mailbox = new Mailbox<string>(host);
    mailbox.put("a");
    mailbox.put("b");
    expect(mailbox.length).toBe(2);
    host.spawn(
      (function* () {
        for (;;) seen.push(yield* mailbox.take());
      })(),
    );
    run();
    host.after(0, () => {
      for (const item of ["c", "d", "e"]) mailbox.put(item);
      seen.push("filled");
    });
    run();
    expect(seen).toEqual(["a", "b", "filled", "c", "d", "e"]);
    expect(mailbox.length).toBe(0);
  });
});
