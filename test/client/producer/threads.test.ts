// The two threads of a producer, by themselves: each does one thing after the other.
import { describe, expect, it } from "vitest";
import { ApplicationThread } from "../../../src/client/producer/application-thread.ts";
import type { Producer, Sending } from "../../../src/client/producer/producer.ts";
import { SenderThread } from "../../../src/client/producer/sender-thread.ts";
import type { KafkaHost } from "../../../src/protocol/kafka-host.ts";
import { ms } from "../../../src/sim/kernel.ts";
import { Lab } from "../support.ts";

function hosted<T>(make: (host: KafkaHost) => T): { lab: Lab; made: T } {
  const lab = new Lab();
  return { lab, made: lab.start(make) };
}

describe("the sender's thread", () => {
  it("does work that takes no time after the work that it is busy with", () => {
    const { lab, made: thread } = hosted((host) => new SenderThread(host, 0));
    const done: string[] = [];
    thread.work(ms(5), () => done.push("long"));
    thread.work(0, () => done.push("nothing"));
    expect(done).toEqual([]);
    lab.run(4);
    expect(done).toEqual([]);
    lab.run(6);
    expect(done).toEqual(["long", "nothing"]);
  });

  it("does it at once when it is idle, and takes fractions of a microsecond together", () => {
    const { made: thread } = hosted((host) => new SenderThread(host, 0));
    const done: string[] = [];
    thread.work(0.6, () => done.push("first"));
    expect(done).toEqual(["first"]);
    thread.work(0.6, () => done.push("second"));
    expect(done).toEqual(["first"]);
    expect(thread.isBusy).toBe(true);
  });
});

/** A producer whose send() blocks until it is told otherwise. */
class Blocking {
  readonly sent: number[] = [];
  #whenPlaced: (() => void)[] = [];

  send({ count }: Sending): void {
    this.sent.push(count);
  }

  whenPlaced(then: () => void): void {
    this.#whenPlaced.push(then);
  }

  takeAppendUs(): number {
    return 0;
  }

  place(): void {
    for (const then of this.#whenPlaced.splice(0)) then();
  }
}

describe("the application's thread", () => {
  it("sends nothing more while send() blocks", () => {
    const producer = new Blocking();
    const { lab, made: thread } = hosted(
      (host) => new ApplicationThread(host, producer as unknown as Producer, 100, 0),
    );
    // Portions of a millisecond: ten records each.
    thread.send({ count: 25, names: undefined } as unknown as Sending);
    thread.send({ count: 3, names: undefined } as unknown as Sending);
    lab.run(1000);
    expect(producer.sent).toEqual([10]);
    producer.place();
    lab.run(2000);
    expect(producer.sent).toEqual([10, 10]);
    producer.place();
    lab.run(3000);
    producer.place();
    lab.run(4000);
    expect(producer.sent).toEqual([10, 10, 5, 3]);
    expect(thread.isIdle).toBe(false);
    producer.place();
    expect(thread.isIdle).toBe(true);
  });
});
