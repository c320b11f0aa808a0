import { describe, expect, it } from "vitest";
import { BROKER_CONFIG } from "../../src/protocol/config/broker.ts";
import { CONSUMER_CONFIG } from "../../src/protocol/config/consumer.ts";
import { PRODUCER_CONFIG } from "../../src/protocol/config/producer.ts";
import {
  defaultOf,
  problemWith,
  type Row,
  resolveConfig,
  type Table,
} from "../../src/protocol/config/row.ts";
import { TOPIC_CONFIG, topicConfig } from "../../src/protocol/config/topic.ts";
import {
  UNMODELLED_BROKER,
  UNMODELLED_CONSUMER,
  UNMODELLED_PRODUCER,
  UNMODELLED_TOPIC,
} from "../../src/protocol/config/unmodelled.ts";
import { RELEASES } from "../../src/protocol/releases.ts";
import { SimulatorBug } from "../../src/sim/assert.ts";

const TABLES = [
  [BROKER_CONFIG, UNMODELLED_BROKER],
  [TOPIC_CONFIG, UNMODELLED_TOPIC],
  [PRODUCER_CONFIG, UNMODELLED_PRODUCER],
  [CONSUMER_CONFIG, UNMODELLED_CONSUMER],
] as const;

describe("configuration tables", () => {
  it("have a valid default in every release, a unit for every time and size, and no setting in both lists", () => {
    for (const [table, unmodelled] of TABLES) {
      for (const [name, row] of Object.entries(table as Table) as [string, Row][]) {
        for (const release of RELEASES) {
          expect([name, release, problemWith(row, defaultOf(row, release), release)]).toEqual([
            name,
            release,
            undefined,
          ]);
        }
        if (name.endsWith(".ms")) expect([name, row.unit]).toEqual([name, "ms"]);
        if (name.endsWith(".bytes")) expect([name, row.unit]).toEqual([name, "bytes"]);
        expect([name, unmodelled.has(name)]).toEqual([name, false]);
      }
    }
  });

  it("know the history of defaults", () => {
    const broker = (release: "2.4" | "2.5") =>
      resolveConfig(BROKER_CONFIG, release)["replica.lag.time.max.ms"];
    expect([broker("2.4"), broker("2.5")]).toEqual([10_000, 30_000]);
    expect(resolveConfig(PRODUCER_CONFIG, "2.8").acks).toBe("1");
    expect(resolveConfig(PRODUCER_CONFIG, "4.0")["linger.ms"]).toBe(5);
  });

  it("give a topic the broker's settings unless it has its own", () => {
    const broker = resolveConfig(BROKER_CONFIG, "4.1", {
      "min.insync.replicas": 2,
      "log.retention.ms": 5,
    });
    const topic = topicConfig(broker, { "retention.ms": 9 }, "4.1");
    expect([topic["min.insync.replicas"], topic["retention.ms"]]).toEqual([2, 9]);
  });

  it("take an unknown name or a bad value for a defect of the caller", () => {
    expect(() => resolveConfig(BROKER_CONFIG, "4.1", { nope: 1 })).toThrow(SimulatorBug);
    expect(() => resolveConfig(BROKER_CONFIG, "4.1", { "log.segment.bytes": 1000 })).toThrow(
      "at least 1048576",
    );
  });
});
