// kafka-configs in a whole cluster: a record of the metadata log, applied by each broker in its own time.
import { describe, expect, it } from "vitest";
import { loadScenario } from "../../src/scenario/load.ts";
import { type Outcome, run, runWhole } from "./support.ts";

const SEEN = ["operation.done", "config.altered"];
const alter = (at: string, args: string): string =>
  `  - { at: ${at}, run: kafka-configs, args: { alter: true, ${args} } }\n`;

describe("a topic's settings", () => {
  it("hold from the next request on, and until they are deleted", () => {
    const outcome = run(
      `operations:
${alter("10s", 'entity-type: topics, entity-name: orders, add-config: "max.message.bytes=100"')}${alter("20s", "entity-type: topics, entity-name: orders, delete-config: max.message.bytes")}`,
      SEEN,
    );
    expect(outcome.lines).toEqual([
      "10s topic orders: max.message.bytes=100",
      "10s kafka-configs: done",
      "20s topic orders: max.message.bytes removed",
      "20s kafka-configs: done",
    ]);
    // Ten seconds of a hundred records a second were too large.
    const { failed, acked } = outcome.records;
    expect(failed).toBeGreaterThan(950);
    expect(failed).toBeLessThan(1050);
    expect(acked + failed).toBe(3000);
  });

  it("are shown by kafka-topics, and say so where there is no such topic", () => {
    const outcome = run(
      `operations:
${alter("1s", 'entity-type: topics, entity-name: late, add-config: "retention.ms=1h"')}  - { at: 5s, run: kafka-topics, args: { create: true, topic: late } }
`,
      SEEN,
    );
    expect(outcome.lines).toEqual([
      "1s kafka-configs: UNKNOWN_TOPIC_OR_PARTITION",
      "5s kafka-topics: done",
    ]);
  });
});

describe("brokers' settings", () => {
  const WHOLE = (operations: string, config = ""): Outcome =>
    runWhole(
      `
apiVersion: faultline/v1
name: x
title: x
duration: 20s
cluster: { version: "4.1", brokers: 2, controllers: 1, config: { ${config} } }
topics: [{ name: small, replicas: { 0: [1] } }, { name: large, replicas: { 0: [2] } }]
clients:
  producers: [{ name: a, topic: small, config: { batch.size: 100 }, load: { rate: 50/s } }, { name: b, topic: large, load: { rate: 50/s } }]
operations:
${operations}`,
      SEEN,
    );

  it("of one broker stand before those of all, and outlive a restart", () => {
    const outcome = WHOLE(
      `${alter("2s", 'entity-type: brokers, entity-default: true, add-config: "message.max.bytes=100"')}${alter("3s", 'entity-type: brokers, entity-name: 2, add-config: "message.max.bytes=100000"')}faults: [{ kind: ProcessChaos, action: restart, at: 8s, selector: [broker-1, broker-2], duration: 1s }]
`,
    );
    expect(outcome.lines.slice(0, 4)).toEqual([
      "2s brokers: message.max.bytes=100",
      "2s kafka-configs: done",
      "3s broker 2: message.max.bytes=100000",
      "3s kafka-configs: done",
    ]);
    // small from 2s on, large for a second.
    expect(outcome.records.failed).toBeGreaterThan(900);
    expect(outcome.records.failed).toBeLessThan(960);
    expect(outcome.records.acked).toBeGreaterThan(1000);
  });

  it("cannot make min.insync.replicas differ between brokers while there is an ELR (KIP-966)", () => {
    const one = 'entity-type: brokers, entity-name: 1, add-config: "min.insync.replicas=2"';
    const gone = "entity-type: brokers, entity-default: true, delete-config: min.insync.replicas";
    const outcome = WHOLE(alter("2s", one) + alter("4s", gone));
    expect(outcome.lines).toEqual([
      "2s kafka-configs: INVALID_CONFIG: Broker-level min.insync.replicas cannot be altered while ELR is enabled.",
      "4s kafka-configs: INVALID_CONFIG: Cluster-level min.insync.replicas cannot be removed while ELR is enabled.",
    ]);
  });
});

describe("what is refused when the file is read", () => {
  const problems = (args: string): string => {
    try {
      loadScenario(
        `
apiVersion: faultline/v1
name: x
title: x
duration: 20s
cluster: { version: "4.1", brokers: 2, controllers: 1 }
topics: [{ name: orders }]
operations:
${alter("2s", args)}`,
        "x.yaml",
      );
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it.each([
    ['entity-type: topics, entity-name: orders, add-config: "min.insync=1"', "min.insync"],
    ['entity-type: topics, entity-name: orders, add-config: "retention.ms=soon"', "retention.ms"],
    ['entity-type: brokers, entity-name: 9, add-config: "message.max.bytes=1"', "no broker 9"],
    ['entity-type: brokers, entity-name: 1, add-config: "num.io.threads=1"', "num.io.threads"],
    ["entity-type: users, entity-name: x", "entity-type must be topics or brokers"],
    ["entity-type: topics, entity-name: orders", "needs add-config or delete-config"],
  ])("%s", (args, words) => {
    expect(problems(args)).toContain(words);
  });
});
