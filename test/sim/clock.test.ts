import { expect, it } from "vitest";
import { HostClock } from "../../src/sim/clock.ts";
import { Kernel, seconds } from "../../src/sim/kernel.ts";

it("shows the true time until it is told otherwise", () => {
  const kernel = new Kernel({ seed: "clock" });
  const clock = new HostClock(kernel);
  kernel.run(1234);
  expect(clock.now()).toBe(1234);
});

it("jumps by an offset, back too, and keeps running at the true rate", () => {
  const kernel = new Kernel({ seed: "clock" });
  const clock = new HostClock(kernel);
  kernel.run(seconds(10));
  clock.setOffset(-seconds(3));
  expect(clock.now()).toBe(seconds(7));
  kernel.run(seconds(11));
  expect(clock.now()).toBe(seconds(8));
  clock.setOffset(0);
  expect(clock.now()).toBe(seconds(11));
});

it("drifts from the moment it is set, and keeps what it gained when the drift ends", () => {
  const kernel = new Kernel({ seed: "clock" });
  const clock = new HostClock(kernel);
  kernel.run(seconds(10));
  clock.setDrift(500);
  expect(clock.now()).toBe(seconds(10));
  kernel.run(seconds(20));
  expect(clock.now()).toBe(seconds(20) + 5000);
  clock.setDrift(0);
  kernel.run(seconds(30));
  expect(clock.now()).toBe(seconds(30) + 5000);
});

it("shows whole microseconds under any drift", () => {
  const kernel = new Kernel({ seed: "clock" });
  const clock = new HostClock(kernel);
  clock.setDrift(-33.3);
  kernel.run(1_234_567);
  expect(Number.isInteger(clock.now())).toBe(true);
  expect(clock.now()).toBe(1_234_567 - 41);
});
