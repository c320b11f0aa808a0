// What a request costs the threads of a broker, as service times. Kafka has no such table: the figures are round numbers in the range that
// profiles of brokers on current x86 servers show, chosen once. What matters to a simulation is their proportion: a fixed part a request,
// a part a partition, a part a byte (checksum and copy of what is produced; what is fetched leaves by sendfile and costs the network thread).
import type { FetchRequest, ProduceRequest } from "../protocol/apis.ts";
import type { Micros } from "../sim/kernel.ts";

/** Network thread: read and parse a request, or write a response. */
export const NETWORK_BASE_US = 5;
const NETWORK_BYTES_PER_US = 4000;

/** Request handler thread: dispatch, and what each partition and byte adds. */
const HANDLER_BASE_US = 15;
const PARTITION_US = 2;
const PRODUCED_BYTES_PER_US = 1000;

export const networkUs = (bytes: number): Micros =>
  NETWORK_BASE_US + Math.round(bytes / NETWORK_BYTES_PER_US);

/** What checking and converting compressed batches adds. */
export type ConversionCost = (entry: ProduceRequest["batches"][number]) => number;

/** Time on a request handler thread, purgatory excluded: a parked request holds no thread. */
export function handlerUs(
  api: string,
  request: unknown,
  requestBytes: number,
  conversion: ConversionCost,
): Micros {
  if (api === "Produce") {
    const { batches } = request as ProduceRequest;
    let bytesUs = requestBytes / PRODUCED_BYTES_PER_US;
    for (let i = 0; i < batches.length; i++) {
      bytesUs += conversion(batches[i] as ProduceRequest["batches"][number]);
    }
    return HANDLER_BASE_US + batches.length * PARTITION_US + Math.round(bytesUs);
  }
  if (api === "Fetch") {
    return HANDLER_BASE_US + (request as FetchRequest).partitions.length * PARTITION_US;
  }
  return HANDLER_BASE_US;
}
