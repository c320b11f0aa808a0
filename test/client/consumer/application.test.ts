import { describe, expect, it } from "vitest";
import type { ConsumerProgram } from "../../../src/client/consumer/consumer.ts";
import type { Processing } from "../../../src/client/consumer/processing.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab } from "../support.ts";
import { member, partition, ScriptedCoordinator } from "./group-support.ts";

interface Set {
  readonly world: Lab;
  readonly coordinator: ScriptedCoordinator;
  readonly consumer: ConsumerProgram;
}

const STREAM = 99;

function setUp(processing: Partial<Processing>, settings = {}, batches = 1): Set {
  const world = new Lab({ partitions: 1, brokers: 1 });
  const coordinator = new ScriptedCoordinator(world);
  world.fill(0, 10, Array(batches).fill(0));
  const spec = { processing: { timeUs: 0, per: "record" as const, ...processing } };
  return { world, coordinator, consumer: member(world, settings, spec) };
}

/** Offsets, first to last, and the outcome of what was processed. */
const processed = (world: Lab): string[] =>
  world
    .of("consumer.processed")
    .map((e) => `${e.baseOffset}-${e.baseOffset + e.count - 1} ${e.outcome}`);

/** Gives records of the log names, as a producer's scripted sends would. */
function nameRecords(world: Lab, names: Record<number, string>): void {
  // Streams of earlier numbers have to exist before the one that the log's records carry.
  for (let i = 0; i <= STREAM; i++) world.env.streams.of(`p${i}`, partition(world, 0));
  const stream = world.env.streams.at(STREAM);
  if (stream !== undefined)
    stream.names = new Map(Object.entries(names).map(([number, name]) => [Number(number), name]));
}

describe("processing time", () => {
  it("without any, a batch is one range", () => {
    const { world } = setUp({});
    world.run(1000);
    expect(processed(world)).toEqual(["0-9 done"]);
  });

  it("per record: each is done when its share of time is over", () => {
    const { world } = setUp({ timeUs: ms(5) });
    world.run(1000);
    const at = world.of("consumer.processed").map((e) => e.at);
    expect(at).toHaveLength(10);
    expect((at[9] ?? 0) - (at[0] ?? 0)).toBe(45_000);
  });

  it("per record in microseconds: as many as fit a millisecond are done together", () => {
    const { world } = setUp({ timeUs: 300 });
    world.run(1000);
    expect(processed(world)).toEqual(["0-2 done", "3-5 done", "6-8 done", "9-9 done"]);
    const [poll] = world.of("consumer.polled");
    expect((world.of("consumer.processed").at(-1)?.at ?? 0) - (poll?.at ?? 0)).toBe(3000);
  });

  it("per poll: once for all records", () => {
    const { world } = setUp({ timeUs: ms(50), per: "poll" }, { "max.poll.records": 10 }, 2);
    world.run(1000);
    const at = world.of("consumer.processed").map((e) => e.at);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(50_000);
  });

  it("may change while the application runs", () => {
    const { world, consumer } = setUp({ timeUs: ms(1) });
    world.run(1000);
    consumer.setProcessingTime(ms(7));
    world.fill(0, 2, [0]);
    world.run(2000);
    const at = world.of("consumer.processed").map((e) => e.at);
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(7000);
  });
});

describe("where the commit stands", () => {
  const order = (world: Lab): string[] =>
    world.events
      .map(({ type }) => type)
      .filter((type) => /processed|committed/.test(type))
      .map((type) => type.slice(9));

  it("before: offsets are committed, then the records are processed", () => {
    const { world } = setUp({ commit: "before" });
    world.run(1000);
    expect(order(world)).toEqual(["committed", "processed"]);
  });

  it("before: when the commit fails the records are not processed", () => {
    const { world, coordinator } = setUp({ commit: "before" });
    coordinator.fail("OffsetCommit", "REBALANCE_IN_PROGRESS");
    world.run(50);
    expect(processed(world)).toEqual([]);
  });

  it("per record: each has a commit of its own", () => {
    const { world, coordinator } = setUp({ commit: "sync", commitPer: "record" });
    world.run(1000);
    const offsets = coordinator.of("OffsetCommit").map((request) => request.offsets[0]?.offset);
    expect(offsets).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(order(world).slice(0, 4)).toEqual(["processed", "committed", "processed", "committed"]);
  });
});

describe("a record that fails every time", () => {
  it("is tried again with a pause, then passed over", () => {
    const poison = { poison: ["bad"], retries: 2, backoffUs: ms(100), timeUs: ms(10) };
    const { world } = setUp(poison);
    nameRecords(world, { 3: "good", 4: "bad" });
    world.run(2000);
    const done = world.of("consumer.processed");
    const at = done.findIndex((e) => e.outcome === "skipped");
    expect(done[at]).toMatchObject({ baseOffset: 4, count: 1 });
    expect((done[at]?.at ?? 0) - (done[at - 1]?.at ?? 0)).toBe(ms(230));
    expect(done.reduce((sum, e) => sum + e.count, 0)).toBe(10);
  });

  it("holds the poll loop up: retries longer than max.poll.interval.ms cost the membership", () => {
    const poison = { poison: ["bad"], retries: 5, backoffUs: ms(4000) };
    const { world, coordinator } = setUp(poison, { "max.poll.interval.ms": 10_000 });
    nameRecords(world, { 4: "bad" });
    world.run(15_000);
    expect(coordinator.of("LeaveGroup")).toHaveLength(1);
  });

  it("goes to the dead letter queue, to the same partition, and is done when that is acknowledged", () => {
    const { world } = setUp({ poison: ["bad"], dlq: "t" });
    nameRecords(world, { 4: "bad" });
    world.produceDelay = ms(40);
    world.run(2000);
    const [sent] = world.produces;
    expect(sent?.request.batches).toMatchObject([{ partition: partition(world, 0) }]);
    const letter = world.of("consumer.processed").find((e) => e.outcome === "deadLetter");
    expect(letter).toMatchObject({ baseOffset: 4, count: 1 });
    expect((letter?.at ?? 0) - (sent?.at ?? 0)).toBeGreaterThan(ms(40));
    expect(processed(world).slice(0, 3)).toEqual(["0-3 done", "4-4 deadLetter", "5-9 done"]);
  });
});

describe("a dead letter that its topic does not take", () => {
  const refused = (dlqFailure: "retry" | "stop") => {
    const lab = setUp({ poison: ["bad"], dlq: "t", dlqFailure, commit: "sync" });
    nameRecords(lab.world, { 4: "bad" });
    lab.world.onProduce = () => ({ error: "INVALID_REQUIRED_ACKS" });
    lab.world.run(1000);
    return lab;
  };
  const letters = (world: Lab) => world.of("consumer.deadLettered").map(({ ok }) => ok);

  it("is not done, and is sent until it is taken", () => {
    const { world, coordinator } = refused("retry");
    expect(processed(world)).toEqual(["0-3 done"]);
    expect(letters(world).length).toBeGreaterThan(2);
    expect(coordinator.of("OffsetCommit")).toEqual([]);
    world.onProduce = () => ({ error: "NONE" });
    world.run(5000);
    expect(processed(world).slice(0, 3)).toEqual(["0-3 done", "4-4 deadLetter", "5-9 done"]);
    expect(letters(world).at(-1)).toBe(true);
  });

  it("or ends the process, with nothing committed behind it", () => {
    const { world, coordinator } = refused("stop");
    expect(letters(world)).toEqual([false]);
    expect(processed(world)).toEqual(["0-3 done"]);
    expect(coordinator.of("OffsetCommit")).toEqual([]);
    expect(world.of("host.stopped")).toMatchObject([{ clean: false }]);
  });

  it("says where it comes from and what went wrong", () => {
    const [letter] = refused("stop").world.of("consumer.deadLettered");
    expect(letter?.headers).toBe(
      "kafka_dlt-original-topic=t, kafka_dlt-original-partition=0, kafka_dlt-original-offset=4, kafka_dlt-exception-message=bad failed 1 times",
    );
  });
});

describe("an idempotent consumer", () => {
  it("passes over what had its effect, and does the rest", () => {
    const { world, consumer } = setUp({ deduplicate: true, timeUs: ms(1) });
    world.run(500);
    consumer.seek(partition(world, 0), 4);
    world.fill(0, 2, [0]);
    world.run(1000);
    expect(processed(world).slice(10)).toEqual(["4-9 duplicate", "10-10 done", "11-11 done"]);
  });

  it("remembers over a crash", () => {
    const { world } = setUp({ deduplicate: true, commit: "none" });
    world.run(500);
    world.client.crash("poweroff");
    world.client.boot();
    world.run(1000);
    expect(processed(world)).toEqual(["0-9 done", "0-9 duplicate"]);
  });

  it("without it the records have their effect twice", () => {
    const { world } = setUp({ commit: "none" });
    world.run(500);
    world.client.crash("poweroff");
    world.client.boot();
    world.run(1000);
    expect(processed(world)).toEqual(["0-9 done", "0-9 done"]);
  });
});

describe("offsets kept with the results", () => {
  it("are where the next life goes on; nothing is committed to Kafka", () => {
    const { world, coordinator } = setUp({ externalOffsets: true, timeUs: ms(10) });
    for (let at = 1; world.of("consumer.processed").length < 4; at++) world.run(at);
    world.client.crash("kill");
    const { now } = world.world.kernel;
    world.client.boot();
    world.run(now / 1000 + 1000);
    expect(coordinator.of("OffsetCommit")).toEqual([]);
    expect(world.of("consumer.reset").at(-1)).toMatchObject({ to: 4, strategy: "seek" });
    expect(world.of("consumer.processed").map((e) => e.baseOffset)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(world.of("consumer.committed").every((e) => e.how === "external")).toBe(true);
  });
});

describe("worker threads", () => {
  it("process while the poll loop goes on: auto-commit runs ahead of the work", () => {
    const { world, coordinator } = setUp({ handOff: true, timeUs: ms(2000) });
    world.run(5500);
    const committed = coordinator.of("OffsetCommit").at(-1)?.offsets[0]?.offset;
    expect(committed).toBe(10);
    expect(world.of("consumer.processed")).toHaveLength(2);
    expect(coordinator.of("LeaveGroup")).toEqual([]);
  });

  it("finish what they were given before the consumer closes", () => {
    const { world, coordinator, consumer } = setUp({ handOff: true, timeUs: ms(200) });
    world.run(300);
    consumer.stop();
    world.run(5000);
    expect(world.of("consumer.processed")).toHaveLength(10);
    expect(coordinator.at("LeaveGroup")[0]).toBeGreaterThan(2000);
  });
});

describe("an application that hangs", () => {
  it("goes on where it was when it is resumed in time", () => {
    const { world, consumer, coordinator } = setUp({});
    world.run(500);
    consumer.stopPolling();
    world.run(700);
    world.fill(0, 5, [0]);
    world.run(5000);
    expect(world.of("consumer.polled")).toHaveLength(1);
    expect(coordinator.of("Heartbeat").length).toBeGreaterThan(0);
    consumer.resumePolling();
    world.run(6000);
    expect(world.of("consumer.polled").at(-1)).toMatchObject({ baseOffset: 10 });
  });
});
