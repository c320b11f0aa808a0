import { describe, expect, it } from "vitest";
import type { Host } from "../../src/sim/host.ts";
import { ms, seconds } from "../../src/sim/kernel.ts";
import { event } from "../../src/sim/trace.ts";
import { World } from "../../src/sim/world.ts";

// A world that knows nothing of Kafka: one machine asks, the other answers.
interface PingPong {
  readonly Ping: {
    readonly request: { readonly n: number };
    readonly response: { readonly n: number };
  };
}
const events = {
  "host.booted": event<{ incarnation: number }>("", () => ""),
  "host.crashed": event<{ how: string }>("", () => ""),
  "host.stopped": event<{ clean: boolean }>("", () => ""),
  "host.paused": event<{ incarnation: number }>("", () => ""),
  "host.resumed": event<{ incarnation: number }>("", () => ""),
  "host.wiped": event<{ incarnation: number }>("", () => ""),
  "connection.closed": event<{ peer: number; channel: string; why: string }>("", () => ""),
  answered: event<{ n: number }>("", () => ""),
} as const;
type Machine = Host<PingPong, typeof events>;

const CLIENT = 1;
const SERVER = 2;
const LATENCY = 500;

function world() {
  const sizes = { requestBytes: 0 };
  const made = new World<PingPong, typeof events>({
    kernel: { seed: "ping" },
    network: {
      latencyUs: LATENCY,
      jitterUs: 0,
      interRackLatencyUs: 0,
      bandwidthBytesPerSecond: 1e12,
    },
    apis: { Ping: { key: 0, requestBytes: () => sizes.requestBytes, responseBytes: () => 0 } },
    events,
  });
  const disk = { writeBytesPerSecond: 1e9, readBytesPerSecond: 1e9, fsyncUs: 4000 };
  const client = made.addHost({ id: CLIENT, name: "client", disk });
  const server = made.addHost({ id: SERVER, name: "server", disk });
  server.install((host) =>
    host.serve({ Ping: (request, call) => call.reply({ n: request.n + 1 }) }),
  );
  client.install(() => undefined);
  server.boot();
  client.boot();
  return Object.assign(sizes, { world: made, kernel: made.kernel, client, server });
}

type Outcome = { at: number; result: number | "timeout" | "disconnected" };
function ping(client: Machine, n: number, timeoutUs: number, into: Outcome[]): void {
  client.send(SERVER, "Ping", { n }, { timeoutUs }, (reply) => {
    into.push({ at: client.now, result: reply.ok ? reply.response.n : reply.reason });
  });
}

describe("calls", () => {
  it("take one round trip to connect and one to be answered", () => {
    const { kernel, client } = world();
    const outcomes: Outcome[] = [];
    ping(client, 1, seconds(30), outcomes);
    kernel.run(seconds(1));
    ping(client, 2, seconds(30), outcomes);
    kernel.run(seconds(2));
    expect(outcomes).toEqual([
      { at: 4 * LATENCY, result: 2 },
      { at: seconds(1) + 2 * LATENCY, result: 3 },
    ]);
  });

  it("of a process wait in `yield*` and go on with the answer", () => {
    const { kernel, client } = world();
    const seen: number[] = [];
    client.spawn(
      (function* () {
        for (let n = 0; n < 3; n++) {
          const reply = yield* client.call(SERVER, "Ping", { n });
          if (reply.ok) seen.push(reply.response.n);
          yield* client.sleep(ms(10));
        }
      })(),
    );
    kernel.run(seconds(1));
    expect(seen).toEqual([1, 2, 3]);
  });

  it("expire, and one expired request fails all that are in flight on its connection", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.pause();
    ping(client, 1, ms(100), outcomes);
    ping(client, 2, seconds(30), outcomes);
    kernel.run(seconds(1));
    expect(outcomes.slice(1)).toEqual([
      { at: ms(110), result: "timeout" },
      { at: ms(110), result: "disconnected" },
    ]);
  });

  it("expire each at its own deadline, though a connection has one timer for all", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    const before = kernel.pending;
    for (let n = 0; n < 50; n++) ping(client, n, seconds(5), outcomes);
    expect(kernel.pending).toBe(before + 50); // the requests on their way; the timer is there already
    kernel.run(seconds(2));
    server.pause();
    ping(client, 1, seconds(5), outcomes);
    kernel.run(seconds(3));
    ping(client, 2, seconds(2), outcomes); // later, and impatient
    kernel.run(seconds(20));
    expect(outcomes.slice(51)).toEqual([
      { at: seconds(5), result: "disconnected" },
      { at: seconds(5), result: "timeout" },
    ]);
    ping(client, 3, seconds(1), outcomes);
    kernel.run(seconds(30));
    expect(outcomes.at(-1)).toEqual({ at: seconds(21), result: "timeout" });
  });
});

describe("a killed machine", () => {
  it("resets its connections: peers know after one latency, and new connections are refused", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.intake = () => undefined;
    ping(client, 1, seconds(30), outcomes);
    kernel.run(ms(20));
    server.crash("kill");
    kernel.run(ms(30));
    ping(client, 2, seconds(30), outcomes);
    kernel.run(ms(40));
    expect(outcomes.slice(1)).toEqual([
      { at: ms(20) + LATENCY, result: "disconnected" },
      { at: ms(30) + 2 * LATENCY, result: "disconnected" },
    ]);
  });

  it("runs no timer or process of its former life", () => {
    const { kernel, server } = world();
    const fired: string[] = [];
    server.after(ms(10), () => fired.push("timer"));
    server.spawn(
      (function* () {
        yield* server.sleep(ms(10));
        fired.push("process");
      })(),
    );
    kernel.run(ms(5));
    server.crash("kill");
    server.boot();
    kernel.run(seconds(1));
    expect(fired).toEqual([]);
    expect(server.incarnation).toBe(2);
  });
});

describe("a port that is not open yet", () => {
  it("refuses connections, while others of the same machine are open", () => {
    const { kernel, client, server } = world();
    const results: string[] = [];
    const ask = (channel: string): void => {
      client.send(SERVER, "Ping", { n: 1 }, { channel }, (reply) => {
        results.push(`${channel}: ${reply.ok ? "answered" : reply.reason}`);
      });
    };
    server.listensOn = (port) => port === "inner";
    ask("inner/a");
    ask("b");
    kernel.run(seconds(1));
    expect(results).toEqual(["b: disconnected", "inner/a: answered"]);
  });
});

describe("a machine without power", () => {
  it("is silent: its peers find out by timeout", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.crash("poweroff");
    ping(client, 1, seconds(5), outcomes);
    kernel.run(seconds(10));
    expect(outcomes[1]).toEqual({ at: seconds(5) + ms(10), result: "timeout" });
  });

  it("answers an old connection with a reset once it is back", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.crash("poweroff");
    kernel.run(ms(20));
    server.boot();
    ping(client, 1, seconds(30), outcomes);
    kernel.run(seconds(2));
    expect(outcomes[1]).toEqual({ at: ms(20) + 2 * LATENCY, result: "disconnected" });
  });
});

describe("a paused machine", () => {
  it("keeps its connections and answers what queued up when it runs on", () => {
    const { kernel, client, server } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.pause();
    ping(client, 1, seconds(30), outcomes);
    kernel.run(seconds(5));
    expect(outcomes).toHaveLength(1);
    server.resume();
    kernel.run(seconds(6));
    expect(outcomes[1]).toEqual({ at: seconds(5) + LATENCY, result: 2 });
  });

  it("fires its timers late, in order", () => {
    const { kernel, server } = world();
    const fired: string[] = [];
    server.after(ms(10), () => fired.push(`a at ${server.now}`));
    server.after(ms(20), () => fired.push(`b at ${server.now}`));
    server.pause();
    kernel.run(seconds(1));
    server.resume();
    kernel.run(seconds(2));
    expect(fired).toEqual([`a at ${seconds(1)}`, `b at ${seconds(1)}`]);
  });
});

describe("a partition", () => {
  it("stalls messages and delivers them, in order, at a retransmission after it heals", () => {
    const { world: w, kernel, client } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    w.network.path(CLIENT, SERVER).cut("f");
    w.network.path(SERVER, CLIENT).cut("f");
    ping(client, 1, seconds(30), outcomes);
    ping(client, 2, seconds(30), outcomes);
    kernel.run(seconds(1));
    expect(outcomes).toHaveLength(1);
    w.network.path(CLIENT, SERVER).heal("f");
    w.network.path(SERVER, CLIENT).heal("f");
    kernel.run(seconds(5));
    // Retransmissions 0.2, 0.6 and 1.4 s after the send at 10 ms: the first after healing at 1 s is the one at 1.41 s.
    expect(outcomes.slice(1)).toEqual([
      { at: ms(1410) + 2 * LATENCY, result: 2 },
      { at: ms(1410) + 2 * LATENCY, result: 3 },
    ]);
  });

  it("keeps new connections from opening until it heals", () => {
    const { world: w, kernel, client } = world();
    const outcomes: Outcome[] = [];
    w.network.path(SERVER, CLIENT).cut("f");
    ping(client, 1, seconds(30), outcomes);
    kernel.run(ms(500));
    expect(outcomes).toEqual([]);
    w.network.path(SERVER, CLIENT).heal("f");
    kernel.run(seconds(5));
    expect(outcomes).toHaveLength(1);
    expect((outcomes[0] as Outcome).result).toBe(2);
  });

  it("cuts one direction alone when told so", () => {
    const { world: w, kernel, client, server } = world();
    const arrived: number[] = [];
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.serve({
      Ping: (request, call) => {
        arrived.push(request.n);
        call.reply({ n: 0 });
      },
    });
    w.network.path(SERVER, CLIENT).cut("f");
    ping(client, 1, ms(300), outcomes);
    kernel.run(seconds(1));
    expect(arrived).toEqual([1]);
    expect((outcomes[1] as Outcome).result).toBe("timeout");
  });
});

describe("a bandwidth limit", () => {
  it("slows the way it is on, and no other way out of the same machine", () => {
    const made = world();
    const other = made.world.addHost({
      id: 3,
      name: "other",
      disk: { writeBytesPerSecond: 1e9, readBytesPerSecond: 1e9, fsyncUs: 4000 },
    });
    other.install((host) => host.serve({ Ping: (_, call) => call.reply({ n: 0 }) }));
    other.boot();
    const outcomes: string[] = [];
    const ask = (to: number): void => {
      made.client.send(to, "Ping", { n: 1 }, {}, () =>
        outcomes.push(`${to} at ${made.client.now}`),
      );
    };
    ask(SERVER);
    ask(3);
    made.kernel.run(seconds(1));
    outcomes.length = 0;
    // 1000 bytes at 10,000 bytes a second: 0.1 s on the limited way.
    made.world.network.path(CLIENT, SERVER).limit("f", 10_000);
    made.requestBytes = 1000;
    ask(SERVER);
    ask(3);
    made.kernel.run(seconds(2));
    expect(outcomes).toEqual([
      `3 at ${seconds(1) + 2 * LATENCY}`,
      `${SERVER} at ${seconds(1) + ms(100) + 2 * LATENCY}`,
    ]);
  });
});

describe("message rules", () => {
  it("hold one message, and with it all behind it on its connection, until released", () => {
    const { world: w, kernel, client, server } = world();
    const arrived: number[] = [];
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    server.serve({
      Ping: (request, call) => {
        arrived.push(request.n);
        call.reply({ n: 0 });
      },
    });
    const rule = (message: { payload: unknown; phase: string }) =>
      message.phase === "request" && (message.payload as { n: number }).n === 1
        ? ({ do: "hold" } as const)
        : undefined;
    w.network.addRule(rule);
    ping(client, 1, seconds(30), outcomes);
    ping(client, 2, seconds(30), outcomes);
    kernel.run(seconds(1));
    expect(arrived).toEqual([]);
    w.network.removeRule(rule);
    for (const connection of w.network.connectionsBetween(CLIENT, SERVER))
      w.network.release(connection, SERVER);
    kernel.run(seconds(2));
    expect(arrived).toEqual([1, 2]);
  });

  it("drop a message by breaking its connection: TCP loses nothing silently", () => {
    const { world: w, kernel, client } = world();
    const outcomes: Outcome[] = [];
    ping(client, 0, seconds(30), outcomes);
    kernel.run(ms(10));
    w.network.addRule((message) => (message.phase === "response" ? { do: "drop" } : undefined));
    ping(client, 1, seconds(30), outcomes);
    kernel.run(seconds(1));
    expect((outcomes[1] as Outcome).result).toBe("disconnected");
  });
});

describe("the trace", () => {
  it("carries the cause through timers and messages", () => {
    const { world: w, kernel, client, server } = world();
    const chain: [string, number, number][] = [];
    w.trace.onAny((e) => chain.push([e.type, e.seq, e.cause]));
    server.serve({
      Ping: (_, call) => {
        server.emit("answered", { n: 7 });
        call.reply({ n: 7 });
      },
    });
    let root = 0;
    client.after(ms(1), () => {
      root = client.emit("answered", { n: 0 });
      ping(client, 0, seconds(30), []);
    });
    kernel.run(seconds(1));
    expect(chain.map(([type, , cause]) => [type, cause])).toEqual([
      ["answered", chain[0]?.[2]],
      ["answered", root],
    ]);
  });
});

it("a fact that is noted is nobody's cause", () => {
  const { kernel, client, world: made } = world();
  const causes: number[] = [];
  made.trace.on("answered", ({ cause }) => causes.push(cause));
  kernel.after(seconds(1), () => {
    const first = client.emit("answered", { n: 1 });
    client.note("answered", { n: 2 });
    client.emit("answered", { n: 3 });
    expect(causes.slice(1)).toEqual([first, first]);
  });
  kernel.run(seconds(2));
  expect(causes).toHaveLength(3);
});
