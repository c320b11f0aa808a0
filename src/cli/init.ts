// faultline init: a first scenario that runs as it is and explains itself.
import { writeFileSync } from "node:fs";
import { UsageError } from "./failure.ts";

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

export function init(name: string): string {
  const base = name.replace(/\.ya?ml$/, "");
  if (!KEBAB.test(base) || base.length > 80) {
    const better = base
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^[^a-z]+|-+$/g, "")
      .slice(0, 80);
    const hint = KEBAB.test(better) ? `, like ${better}` : "";
    throw new UsageError(`"${name}": a scenario's name is in kebab-case${hint}`);
  }
  const file = `${base}.yaml`;
  try {
    writeFileSync(file, starter(base), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw new UsageError(`${file} exists already; it was left as it is`);
    }
    throw error;
  }
  const next: readonly (readonly [string, string])[] = [
    [`faultline run ${file}`, "see what happens"],
    [`faultline run ${file} --seed 7`, "the same story, other chances"],
    ["faultline schema > scenario.schema.json", "completion and checks in an editor"],
  ];
  const width = Math.max(...next.map(([command]) => command.length));
  const lines = next.map(([command, what]) => `  ${command.padEnd(width)}   ${what}\n`);
  return `${file} written. Next:\n\n${lines.join("")}`;
}

export const starter = (
  name: string,
): string => `# yaml-language-server: $schema=./scenario.schema.json
# Run it:  faultline run ${name}.yaml
# Dotted names are Kafka's (faultline docs acks explains one); camelCase names are this format's.
apiVersion: faultline/v1
name: ${name}
title: The leader of a partition is killed under load
story: |
  Three brokers, one partition on all of them. The leader dies in the middle of the load;
  with acks=all and min.insync.replicas=2 no acknowledged record may be lost.
seed: 42                      # the same seed gives the same run, to the last event
duration: 60s                 # virtual time; then faults are healed and the cluster settles

cluster:
  version: "4.1"              # the Kafka release decides defaults and protocol rules
  brokers: 3
  controllers: 3

topics:
  - name: orders
    partitions: 1
    replicationFactor: 3
    config: { min.insync.replicas: 2 }

clients:
  producers:
    - name: checkout
      topic: orders
      config: { acks: all }   # try 1: what the leader alone had acknowledged can be lost
      records: { size: 1KiB }
      load: { rate: 500/s }
  consumers:
    - name: billing
      topics: [orders]
      config: { auto.offset.reset: earliest }

faults:
  - id: kill-leader
    kind: ProcessChaos
    action: kill              # SIGKILL; HostChaos poweroff would lose the page cache too
    at: 20s
    duration: 20s             # then the broker starts again
    selector: { leaderOf: orders-0 }

expect:
  violates: []                # no anomaly, none that the settings would permit either
  assert:
    - { event: leader.elected, partition: orders-0, count: { atLeast: 1 } }
    - { at: end, isr: orders-0, equals: [1, 2, 3] }

thresholds:
  produce_latency_ms: ["p(99)<30000"]
`;
