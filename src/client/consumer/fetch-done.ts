// What a consumer reports of a fetch that is over (FetchMetricsManager.recordLatency, FetchMetricsAggregator).
import { APIS, type FetchPartitionData, type FetchRequest } from "../../protocol/apis.ts";
import type { KafkaHost, Reply } from "../../protocol/kafka-host.ts";
import type { BrokerId } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";

const NONE: readonly FetchPartitionData[] = [];

export function fetchDone(
  host: KafkaHost,
  broker: BrokerId,
  request: FetchRequest,
  sentAt: Micros,
  reply: Reply<"Fetch">,
): void {
  const partitions = reply.ok ? reply.response.partitions : NONE;
  let sizeBytes = 0;
  for (let i = 0; i < partitions.length; i++)
    sizeBytes += (partitions[i] as FetchPartitionData).sizeBytes;
  host.emit("consumer.fetchDone", {
    broker,
    latencyUs: host.now - sentAt,
    outcome: reply.ok ? "answered" : reply.reason,
    requestBytes: APIS.Fetch.requestBytes(request),
    responseBytes: reply.ok ? APIS.Fetch.responseBytes(reply.response) : 0,
    partitions: partitions.length,
    sizeBytes,
  });
}
