import { describe, expect, it } from "vitest";
import { Kernel } from "../../src/sim/kernel.ts";
import { rngFor } from "../../src/sim/rng.ts";
import { Station } from "../../src/sim/station.ts";

function station(servers: number, queueLimit?: number) {
  const kernel = new Kernel({ seed: "station" });
  const options = queueLimit === undefined ? { servers } : { servers, queueLimit };
  const subject = new Station(kernel, "threads", options);
  const done: string[] = [];
  const submit = (name: string, time: number): boolean =>
    subject.submit(time, () => done.push(`${name}@${kernel.now}`));
  return { kernel, subject, done, submit };
}

describe("a station", () => {
  it("serves as many jobs at once as it has servers, the others in order of arrival", () => {
    const { kernel, subject, done, submit } = station(2);
    for (const name of ["a", "b", "c", "d"]) submit(name, 100);
    expect([subject.busy, subject.queued]).toEqual([2, 2]);
    kernel.run(1000);
    expect(done).toEqual(["a@100", "b@100", "c@200", "d@200"]);
    expect([subject.busy, subject.queued, subject.busyTime]).toEqual([0, 0, 400]);
  });

  it("takes nothing when the queue is full, and tells once when there is room again", () => {
    const { kernel, subject, done, submit } = station(1, 1);
    let rooms = 0;
    subject.onRoom = () => {
      rooms++;
      if (rooms === 1) submit("late", 10);
    };
    expect([submit("a", 10), submit("b", 10), submit("c", 10)]).toEqual([true, true, false]);
    kernel.run(100);
    expect(done).toEqual(["a@10", "b@20", "late@30"]);
    expect(rooms).toBe(2);
  });

  it("starts what waits before a job submitted by the job that ends", () => {
    const { kernel, subject, done, submit } = station(1);
    subject.submit(10, () => submit("new", 5));
    submit("waiting", 5);
    kernel.run(100);
    expect(done).toEqual(["waiting@15", "new@20"]);
  });

  it("can be taken for work without an event: what comes then begins behind it", () => {
    const { kernel, subject, done, submit } = station(1);
    expect(subject.endOf(30)).toBe(30);
    subject.occupy(30);
    expect(subject.endOf(20)).toBe(50);
    subject.occupy(20);
    kernel.run(10);
    submit("a", 5);
    expect(subject.endOf(1)).toBeUndefined();
    kernel.run(40);
    expect([done, subject.busyTime]).toEqual([[], 40]);
    kernel.run(100);
    expect([done, subject.busyTime, subject.endOf(7)]).toEqual([["a@55"], 55, 107]);
  });

  it("shifts work without an event, and jobs ahead of their time, by a pause", () => {
    const { kernel, subject, done, submit } = station(1);
    subject.occupy(30);
    kernel.run(10);
    subject.pause();
    expect(subject.endOf(1)).toBeUndefined();
    kernel.run(100);
    expect(subject.busyTime).toBe(10);
    subject.resume();
    submit("a", 5);
    kernel.run(110);
    subject.pause();
    kernel.run(200);
    subject.resume();
    kernel.run(1000);
    expect([done, subject.busyTime]).toEqual([["a@215"], 35]);
  });

  it("takes a job ahead of its time only where nobody could come before it in vain", () => {
    const { kernel, subject, done, submit } = station(3);
    const ahead = (name: string, at: number, others: number): boolean =>
      subject.submitAhead(at, 100, others, () => done.push(`${name}@${kernel.now}`));
    expect(ahead("a", 20, 3)).toBe(false);
    expect(ahead("a", 20, 2)).toBe(true);
    expect(ahead("b", 20, 2)).toBe(false);
    expect(subject.busyTime).toBe(0);
    submit("c", 10);
    kernel.run(70);
    expect(subject.busyTime).toBe(60);
    kernel.run(1000);
    expect(done).toEqual(["c@10", "a@120"]);
  });

  it("stretches service that starts after a slowdown, not what runs already", () => {
    const { kernel, subject, done, submit } = station(1);
    submit("a", 100);
    submit("b", 100);
    kernel.run(50);
    subject.slowdown = 2.5;
    kernel.run(1000);
    expect(done).toEqual(["a@100", "b@350"]);
  });

  it("stops in the middle of jobs while paused, and goes on from there", () => {
    const { kernel, subject, done, submit } = station(1);
    submit("a", 100);
    kernel.run(30);
    subject.pause();
    submit("b", 10);
    kernel.run(500);
    expect([done, subject.busyTime, subject.busy, subject.queued]).toEqual([[], 30, 1, 1]);
    subject.resume();
    kernel.run(1000);
    expect(done).toEqual(["a@570", "b@580"]);
    expect(subject.busyTime).toBe(110);
  });

  it("queues what arrives during a pause although a server is idle", () => {
    const { kernel, subject, done, submit } = station(2, 1);
    subject.pause();
    expect([submit("a", 10), submit("b", 10)]).toEqual([true, false]);
    kernel.run(100);
    subject.resume();
    kernel.run(200);
    expect(done).toEqual(["a@110"]);
  });

  it("forgets all jobs when reset, and serves new ones", () => {
    const { kernel, subject, done, submit } = station(1);
    submit("a", 100);
    submit("b", 100);
    kernel.run(40);
    subject.reset();
    expect([subject.busy, subject.queued, subject.busyTime, kernel.pending]).toEqual([0, 0, 40, 0]);
    submit("c", 10);
    kernel.run(1000);
    expect(done).toEqual(["c@50"]);
  });

  it("agrees with the textbook on waiting: M/M/1 at load 0.8 waits 4 service times", () => {
    const { kernel, subject } = station(1);
    const rng = rngFor("mm1");
    let waited = 0;
    const jobs = 60_000;
    const arrive = kernel.define("arrive", (left) => {
      const service = Math.round(rng.sample({ kind: "exponential", mean: 1000 }));
      const at = kernel.now;
      subject.submit(service, () => {
        waited += kernel.now - at - service;
      });
      const gap = Math.round(rng.sample({ kind: "exponential", mean: 1250 }));
      if (left > 0) kernel.schedule(kernel.now + gap, arrive, left - 1, 0);
    });
    kernel.schedule(0, arrive, jobs, 0);
    kernel.run(1e9);
    expect(Math.abs(waited / jobs / 4000 - 1)).toBeLessThan(0.1);
    expect(Math.abs(subject.busyTime / (jobs * 1000) - 1)).toBeLessThan(0.02);
  });
});
