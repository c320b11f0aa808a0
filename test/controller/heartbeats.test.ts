// Vectors of BrokerHeartbeatManagerTest.
import { describe, expect, it } from "vitest";
import { BrokerHeartbeatManager } from "../../src/controller/heartbeats.ts";
import { ms } from "../../src/sim/kernel.ts";

describe("broker sessions", () => {
  it("end when a broker has been silent for longer than the timeout, one at a time", () => {
    const manager = new BrokerHeartbeatManager(ms(10));
    [0, 5, 6].forEach((at, id) => {
      manager.register(id, false);
      manager.contact(id, id, ms(at));
    });
    expect(manager.findStaleBroker(ms(10))).toBeUndefined();
    expect(manager.findStaleBroker(ms(11))).toBe(0);
    expect(manager.hasValidSession(0, 0, ms(11))).toBe(false);
    manager.endSession(0);
    expect(manager.findStaleBroker(ms(11))).toBeUndefined();
    expect(manager.nextCheck).toBe(ms(15) + 1);
    expect(manager.findStaleBroker(ms(20))).toBe(1);
  });
});

describe("the next state of a broker", () => {
  const manager = new BrokerHeartbeatManager(ms(10));
  for (const id of [0, 1, 2, 3]) manager.register(id, true);
  manager.touch(1, false, 100);
  manager.touch(2, false, 120);
  manager.touch(3, false, 200);
  manager.startControlledShutdown(3, 110);

  function next(
    brokerId: number,
    options: { offset?: number; shutDown?: boolean; fence?: boolean; leads?: boolean } = {},
  ) {
    const request = {
      brokerId,
      brokerEpoch: 100,
      currentMetadataOffset: options.offset ?? 200,
      wantFence: options.fence ?? false,
      wantShutDown: options.shutDown ?? false,
    };
    return manager.nextState(request, 100, () => options.leads ?? false).next;
  }

  it("is unfenced once it has replayed its registration", () => {
    expect(next(0, { offset: 50 })).toBe("FENCED");
    expect(next(0, { offset: 100 })).toBe("UNFENCED");
    expect(next(0, { offset: 100, fence: true })).toBe("FENCED");
    expect(next(0, { shutDown: true })).toBe("SHUTDOWN_NOW");
  });

  it("is controlled shutdown while it leads", () => {
    expect(next(1, { shutDown: true, leads: true })).toBe("CONTROLLED_SHUTDOWN");
    expect(next(1, { shutDown: true })).toBe("SHUTDOWN_NOW");
    expect(next(1, { fence: true })).toBe("FENCED");
    expect(next(1)).toBe("UNFENCED");
  });

  it("ends a controlled shutdown when the active brokers have seen it", () => {
    expect(next(3, { leads: true })).toBe("CONTROLLED_SHUTDOWN");
    expect(next(3)).toBe("CONTROLLED_SHUTDOWN");
    manager.touch(1, false, 110);
    expect(next(3)).toBe("SHUTDOWN_NOW");
  });
});
