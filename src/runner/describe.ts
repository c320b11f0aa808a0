// A cluster in one line, as the head of a report.
import type { Scenario } from "../scenario/model.ts";

export function describeCluster({ cluster, topics, producers, consumers }: Scenario): string {
  const racks = new Set(
    cluster.brokers.map((broker) => broker.rack).filter((rack) => rack !== undefined),
  );
  const quorum = cluster.controllers.mode === "combined" ? "combined" : "dedicated";
  const parts = [
    `Kafka ${cluster.release}`,
    `${plural(cluster.brokers.length, "broker")}${racks.size > 0 ? ` in ${plural(racks.size, "rack")}` : ""}`,
    `${plural(cluster.controllers.count, `${quorum} controller`)}`,
    plural(topics.length, "topic"),
    plural(producers.length, "producer"),
    plural(consumers.length, "consumer"),
  ];
  return parts.join(", ");
}

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
