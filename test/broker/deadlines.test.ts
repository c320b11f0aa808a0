// DelayedOperationPurgatory's deadlines: a parked request expires at its own deadline, whoever else waits, and not at all once it is answered.
import { expect, test } from "vitest";
import { Deadlines, Expiring } from "../../src/broker/deadlines.ts";
import { ms } from "../../src/sim/kernel.ts";
import { CLIENT, TestCluster } from "./support.ts";

class Parked extends Expiring {
  readonly expire: () => void;

  constructor(expire: () => void) {
    super();
    this.expire = expire;
  }
}

function purgatory() {
  const cluster = new TestCluster({ brokers: 0 });
  const host = cluster.host(CLIENT);
  const deadlines = new Deadlines(host);
  const expired: string[] = [];
  const park = (name: string, waitMs: number): Expiring => {
    const request = new Parked(() => {
      expired.push(`${name} ${host.now / 1000} cause ${host.kernel.cause}`);
    });
    deadlines.set(request, waitMs);
    return request;
  };
  const later = (delayMs: number, cause: number, action: () => void): void => {
    host.kernel.cause = cause;
    host.after(ms(delayMs), action);
  };
  return { cluster, host, deadlines, expired, park, later };
}

test("each request expires at its own deadline and is caused by what led to it", () => {
  const { cluster, expired, park, later } = purgatory();
  later(0, 7, () => park("a", 500));
  later(3, 8, () => park("b", 500));
  later(100, 9, () => park("c", 30));
  cluster.run(2000);
  expect(expired).toEqual(["c 130 cause 9", "a 500 cause 7", "b 503 cause 8"]);
});

test("an answered request does not expire, and those around it do, in time", () => {
  const { cluster, deadlines, expired, park, later } = purgatory();
  const names = ["a", "b", "c", "d"];
  const parked = new Map<string, Expiring>();
  names.forEach((name, i) => {
    later(10 * i, i + 1, () => parked.set(name, park(name, 500)));
  });
  for (const name of ["a", "c"]) later(40, 9, () => deadlines.drop(parked.get(name) as Expiring));
  cluster.run(2000);
  expect(expired).toEqual(["b 510 cause 2", "d 530 cause 4"]);
});

test("who waits after everybody was answered expires in time as well", () => {
  const { cluster, deadlines, expired, park, later } = purgatory();
  later(0, 1, () => deadlines.drop(park("a", 500)));
  later(400, 2, () => park("b", 500));
  later(1200, 3, () => park("c", 500));
  cluster.run(5000);
  expect(expired).toEqual(["b 900 cause 2", "c 1700 cause 3"]);
});

test("a thousand requests that are answered at once take one timer, not a thousand", () => {
  const { cluster, host, deadlines, expired, park } = purgatory();
  const before = host.kernel.pending;
  for (let i = 0; i < 1000; i++) deadlines.drop(park(`${i}`, 30_000));
  expect(host.kernel.pending).toBe(before + 1);
  cluster.run(60_000);
  expect(expired).toEqual([]);
});

test("a process that is restarted forgets who waited", () => {
  const { cluster, host, expired, park, later } = purgatory();
  later(0, 1, () => park("a", 500));
  cluster.run(100);
  host.crash("kill");
  host.boot();
  cluster.run(2000);
  expect(expired).toEqual([]);
});
