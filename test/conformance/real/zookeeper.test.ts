// What a scenario that was written for KRaft means where metadata is in ZooKeeper.
import { expect, test } from "vitest";
import { loadScenario } from "../../../src/scenario/load.ts";
import type { Scenario } from "../../../src/scenario/model.ts";
import { planOf } from "./plan.ts";
import { controllerFor, nameWithZookeeper } from "./zookeeper.ts";

const withFault = (fault: string, mode = "dedicated"): Scenario => {
  const text = `
apiVersion: faultline/v1
name: x
title: x
duration: 20s
cluster: { brokers: 3, controllers: { count: 3, mode: ${mode} } }
topics: [{ name: t, replicas: { 0: [1, 2, 3] } }]
faults: [${fault}]
`;
  return loadScenario(text, "x.yaml").scenarios[0] as Scenario;
};
const obstacles = (scenario: Scenario): readonly string[] =>
  planOf(scenario, "zookeeper").obstacles;
const kill = (selector: string): Scenario =>
  withFault(`{ id: dies, kind: ProcessChaos, action: kill, at: 3s, selector: ${selector} }`);

test("the majority of a quorum is the ZooKeeper server", () => {
  expect(nameWithZookeeper("controller-2")).toBe("zookeeper-1");
  expect(nameWithZookeeper("broker-2")).toBe("broker-2");
  expect(obstacles(kill("[controller-1, controller-2]"))).toEqual([]);
  expect(obstacles(kill("{ activeController: true }"))).toEqual([]);
});

test("a minority of a quorum, its disks and combined nodes have no counterpart", () => {
  expect(obstacles(kill("[controller-1, broker-1]"))).toEqual([
    "fault dies hits 1 of 3 controllers, and one ZooKeeper server has no minority",
  ]);
  const cut = "kind: NetworkChaos, action: partition, at: 3s, duration: 3s, selector: [broker-1]";
  expect(obstacles(withFault(`{ id: cut, ${cut}, target: [controller-3] }`))).toEqual([
    "fault cut hits 1 of 3 controllers, and one ZooKeeper server has no minority",
  ]);
  const all = "[controller-1, controller-2, controller-3]";
  expect(obstacles(withFault(`{ id: cut, ${cut}, target: ${all} }`))).toEqual([]);
  const wipe = `{ id: wiped, kind: HostChaos, action: wipe, at: 3s, duration: 3s, selector: ${all} }`;
  expect(obstacles(withFault(wipe))).toEqual(["fault wiped takes the disk of controllers"]);
  expect(obstacles(withFault("", "combined"))).toEqual([
    "with ZooKeeper no broker is a member of a quorum",
  ]);
  // With a quorum each of them can be played.
  expect(planOf(kill("[controller-1]")).obstacles).toEqual([]);
});

test("the controller at time zero is the last broker that no fault names", () => {
  expect(controllerFor(kill("[broker-1]"))).toBe(3);
  expect(controllerFor(kill("[broker-3]"))).toBe(2);
  expect(controllerFor(kill("[broker-1, broker-2, broker-3]"))).toBe(3);
  expect(controllerFor(kill("{ activeController: true }"))).toBe(3);
});
