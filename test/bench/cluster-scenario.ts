// The cluster that the benchmarks of the model run: 3 brokers, 24 partitions, RF 3, 300,000 records/s, acks=all.
import { loadScenario } from "../../src/scenario/load.ts";
import type { Scenario } from "../../src/scenario/model.ts";

const SCENARIO = `
apiVersion: faultline/v1
name: bench
title: 300,000 records a second over 24 partitions
seed: 1
duration: 20m
cluster:
  version: "4.1"
  brokers: 3
  controllers: 3
  config:
    min.insync.replicas: 2
    log.retention.check.interval.ms: 10s
    log.initial.task.delay.ms: 1s
topics:
  - { name: load, partitions: 24, replicationFactor: 3, config: { segment.bytes: 8MiB, retention.bytes: 16MiB, file.delete.delay.ms: 1s } }
clients:
  producers:
    - { name: p, instances: 12, topic: load, config: { acks: all, linger.ms: 5, batch.size: 16KiB }, records: { size: 100B }, load: { rate: 25000/s } }
  consumers:
    - { name: c, instances: 6, topics: [load], config: { auto.offset.reset: earliest } }
`;

export function scenario(): Scenario {
  return loadScenario(SCENARIO, "bench.yaml", {}).scenarios[0] as Scenario;
}
