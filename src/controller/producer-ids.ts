// Blocks of producer ids (ProducerIdControlManager, KIP-730): each is given away once, and the next one is known to the metadata log.
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from "../protocol/group-apis.ts";
import type { MetadataRecord } from "../protocol/types.ts";
import type { MetadataImage } from "./state.ts";

const BLOCK_SIZE = 1000;

export function allocateProducerIds(
  image: MetadataImage,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): { records: MetadataRecord[]; response: AllocateProducerIdsResponse } {
  if (image.brokers.get(brokerId)?.brokerEpoch !== brokerEpoch) {
    return { records: [], response: { error: "STALE_BROKER_EPOCH", first: -1, count: 0 } };
  }
  const first = image.nextProducerId;
  const nextProducerId = first + BLOCK_SIZE;
  return {
    records: [{ type: "ProducerIds", brokerId, brokerEpoch, nextProducerId }],
    response: { error: "NONE", first, count: BLOCK_SIZE },
  };
}
