// From ZooKeeper's transactions to the comparable trace.
import { expect, test } from "vitest";
import {
  controllerBrokers,
  controllerStepsOf,
  partitionStepsIn,
  registrationSteps,
  type ZnodeChange,
} from "./zookeeper-told.ts";

const ZERO = 1000;
const PATH = "/brokers/topics/t/partitions/0/state";
const state = (leader: number, leaderEpoch: number, isr: readonly number[]): string =>
  JSON.stringify({ controller_epoch: 1, leader, version: 1, leader_epoch: leaderEpoch, isr });
const set = (at: number, path: string, data: string, version: number): ZnodeChange => ({
  ...{ at, op: "set", path, data, version },
});
const create = (at: number, path: string, data = ""): ZnodeChange => ({
  ...{ at, op: "create", path, data },
});
const remove = (at: number, path: string): ZnodeChange => ({ at, op: "delete", path });
const topics = new Set(["t"]);

test("a partition's epoch is the version of its state znode, the rest is in it", () => {
  const changes = [
    create(900, PATH, state(1, 0, [1, 2, 3])),
    create(910, PATH.replace("/t/", "/other/"), state(1, 0, [1])),
    set(2000, PATH, state(1, 1, [1, 3]), 1),
    set(2500, PATH, state(1, 1, [1, 3, 2]), 2),
    set(3000, PATH, state(-1, 2, [2]), 3),
  ];
  expect(partitionStepsIn(changes, topics, ZERO)).toEqual({
    "t-0": [
      { partitionEpoch: 0, leader: 1, leaderEpoch: 0, isr: [1, 2, 3], elr: [], atMs: -100 },
      { partitionEpoch: 1, leader: 1, leaderEpoch: 1, isr: [1, 3], elr: [], atMs: 1000 },
      { partitionEpoch: 2, leader: 1, leaderEpoch: 1, isr: [1, 3, 2], elr: [], atMs: 1500 },
      { partitionEpoch: 3, leader: -1, leaderEpoch: 2, isr: [2], elr: [], atMs: 2000 },
    ],
  });
});

test("a topic that was deleted and created again begins anew", () => {
  const changes = [
    create(100, PATH, state(1, 0, [1])),
    set(200, PATH, state(1, 1, [1]), 1),
    remove(300, PATH),
    create(400, PATH, state(2, 0, [2, 3])),
  ];
  expect(partitionStepsIn(changes, topics, ZERO)).toEqual({
    "t-0": [{ partitionEpoch: 0, leader: 2, leaderEpoch: 0, isr: [2, 3], elr: [], atMs: -600 }],
  });
});

test("a broker is fenced when its session's znode goes, and unfenced when it has one again", () => {
  const id = "/brokers/ids/2";
  const changes = [
    create(100, id),
    set(1200, id, "{}", 1),
    remove(1500, id),
    remove(1600, "/brokers/ids/9"),
    create(2500, id),
  ];
  expect(registrationSteps(changes, [1, 2], ZERO)).toEqual({
    "broker-1": [],
    "broker-2": [
      { change: "fenced", atMs: 500 },
      { change: "unfenced", atMs: 1500 },
    ],
  });
});

test("a broker becomes the controller with the next epoch, counted from the one at time zero", () => {
  const taken = (at: number, broker: number, epoch: number): ZnodeChange[] => [
    create(at, "/controller", JSON.stringify({ version: 2, brokerid: broker })),
    set(at, "/controller_epoch", String(epoch), epoch),
  ];
  const changes = [
    create(100, "/controller_epoch", "0"),
    ...taken(100, 1, 1),
    remove(200, "/controller"),
    ...taken(200, 3, 2),
    remove(2000, "/controller"),
    ...taken(2010, 2, 3),
  ];
  const controllers = controllerBrokers(changes, ZERO);
  expect(controllers).toEqual([
    { broker: 3, epoch: 0, atMs: -800 },
    { broker: 2, epoch: 1, atMs: 1010 },
  ]);
  expect(controllerStepsOf(controllers)).toEqual([{ epoch: 1, atMs: 1010 }]);
});
