// The front door of a broker: muting, the bounded request queue, and who waits for whom.
import { describe, expect, test } from "vitest";
import { networkUs } from "../../src/broker/costs.ts";
import { SocketServer } from "../../src/broker/socket-server.ts";
import { rngFor } from "../../src/sim/rng.ts";
import type { Incoming } from "../../src/sim/rpc.ts";
import { TestCluster } from "./support.ts";

interface Step {
  readonly what: "handled" | "sent";
  readonly id: string;
}

class Door {
  readonly c = new TestCluster({ brokers: 0 });
  readonly steps: Step[] = [];
  /** Answers the handler has not given yet. */
  readonly parked = new Map<string, () => void>();
  readonly #host = this.c.client;

  constructor(options: Partial<ConstructorParameters<typeof SocketServer>[1]> = {}) {
    const limits = {
      networkThreads: 3,
      requestThreads: 8,
      queuedMaxRequests: 500,
      conversion: () => 0,
    };
    new SocketServer(this.#host, { ...limits, ...options });
  }

  arrive(
    id: string,
    connection: number,
    options: { acks?: number; park?: boolean; open?: boolean; coldBytes?: number } = {},
  ): void {
    const { acks = 1, park = false, open = true, coldBytes = 0 } = options;
    const incoming: Incoming = {
      api: "Produce",
      from: this.#host.id,
      connection,
      request: { acks, timeoutMs: 0, batches: [] },
      requestBytes: 100,
      open,
      transmit: () => void this.steps.push({ what: "sent", id }),
      dispatch: (taker) => {
        this.steps.push({ what: "handled", id });
        const reply = (): void => taker?.replied(50, coldBytes);
        if (park) this.parked.set(id, reply);
        else if (acks !== 0) reply();
      },
    };
    this.#host.intake?.(incoming);
  }

  run(milliseconds = 10): string {
    this.c.run(milliseconds);
    return this.steps.map(({ what, id }) => `${id} ${what}`).join(", ");
  }
}

describe("one connection", () => {
  test("has one request in progress, the time in purgatory included", () => {
    const door = new Door();
    door.arrive("a", 1, { park: true });
    door.arrive("b", 1);
    expect(door.run(1000)).toBe("a handled");
    door.parked.get("a")?.();
    expect(door.run()).toBe("a handled, a sent, b handled, b sent");
  });

  test("keeps its network thread waiting for the disk when the answer is not cached, and the others of that thread too", () => {
    const door = new Door({ networkThreads: 2 });
    // 100 ms of the disk.
    door.arrive("cold", 2, { coldBytes: 50 * 1_048_576 });
    door.arrive("same thread", 4);
    door.arrive("other thread", 3);
    expect(door.run(90)).not.toContain("cold sent");
    expect(door.run(0)).toBe(
      "cold handled, other thread handled, same thread handled, other thread sent",
    );
    expect(door.run(20)).toContain("other thread sent, cold sent, same thread sent");
  });

  test("is read on after local handling when no answer is expected", () => {
    const door = new Door();
    door.arrive("a", 1, { acks: 0 });
    door.arrive("b", 1);
    expect(door.run()).toBe("a handled, b handled, b sent");
  });

  test("that was closed loses what it had buffered, not what is being handled", () => {
    const door = new Door();
    door.arrive("a", 1, { open: false });
    door.arrive("b", 1, { open: false });
    expect(door.run()).toBe("a handled, a sent");
  });
});

describe("several connections", () => {
  test("do not wait for each other", () => {
    const door = new Door();
    door.arrive("a", 1, { park: true });
    door.arrive("b", 2);
    expect(door.run()).toBe("a handled, b handled, b sent");
  });

  test("share a network thread when there are more of them than threads", () => {
    const door = new Door({ networkThreads: 1 });
    door.arrive("a", 1);
    door.arrive("b", 2);
    door.c.run(networkUs(100) / 1000);
    expect(door.c.client.station("network-thread-0", { servers: 1 }).busy).toBe(1);
    expect(door.run()).toBe("a handled, b handled, a sent, b sent");
  });

  test("a full request queue blocks the network threads until there is room, and nothing is lost or reordered", () => {
    const door = new Door({ networkThreads: 1, requestThreads: 1, queuedMaxRequests: 1 });
    const ids = ["a", "b", "c", "d", "e", "f"];
    for (const [i, id] of ids.entries()) door.arrive(id, i);
    door.c.run(0.018);
    // One handled, one queued; the third has the network thread stuck.
    expect(door.steps).toHaveLength(0);
    door.run(100);
    expect(door.steps.filter(({ what }) => what === "handled").map(({ id }) => id)).toEqual(ids);
    expect(door.steps.filter(({ what }) => what === "sent")).toHaveLength(ids.length);
  });
});

describe("reading and handling as one event", () => {
  /** When each request was handled and answered, at random arrivals; `apart`: with an event for each. */
  function times(seed: string, apart: boolean, threads: { network: number; request: number }) {
    const c = new TestCluster({ brokers: 0 });
    const host = c.client;
    const conversion = (): number => 0;
    new SocketServer(host, {
      networkThreads: threads.network,
      requestThreads: threads.request,
      queuedMaxRequests: 3,
      conversion,
    });
    for (let i = 0; apart && i < threads.network; i++)
      host.station(`network-thread-${i}`, { servers: 1 }).endOf = () => undefined;
    const rng = rngFor(seed);
    const seen: string[] = [];
    const { kernel } = c.world;
    for (let n = 0; n < 300; n++) {
      const incoming: Incoming = {
        api: "Produce",
        from: 1,
        connection: rng.integer(1, 12),
        request: { acks: 1, timeoutMs: 0, batches: [] },
        requestBytes: rng.integer(0, 60_000),
        open: true,
        transmit: () => void seen.push(`${kernel.now} ${n} sent`),
        dispatch: (taker) => {
          seen.push(`${kernel.now} ${n} handled`);
          taker?.replied(1000 * (n % 7), 0);
        },
      };
      const calm = n % 100 < 50 ? 10_000 : 1500;
      kernel.after(rng.integer(0, calm), () => host.intake?.(incoming));
    }
    for (const at of [700, 4000]) {
      kernel.after(at, () => host.pause());
      kernel.after(at + 333, () => host.resume());
    }
    c.run(60_000);
    // What happens in one instant may come in another order.
    return { seen: seen.sort(), busyUs: host.busyTime, events: kernel.events };
  }

  test.each([
    { network: 3, request: 8 },
    { network: 2, request: 3 },
    { network: 8, request: 20 },
  ])("changes nothing but the number of events, with %o threads", (threads) => {
    for (let seed = 0; seed < 10; seed++) {
      const together = times(`${seed}`, false, threads);
      const apart = times(`${seed}`, true, threads);
      expect(together.seen).toEqual(apart.seen);
      expect(together.busyUs).toBe(apart.busyUs);
      if (threads.request > threads.network * 2) expect(together.events).toBeLessThan(apart.events);
    }
  });
});
