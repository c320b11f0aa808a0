// The digest that an image keeps as it goes is that of what it holds, and tells two images apart by any part of it.
import { expect, it } from "vitest";
import { replaced } from "../../src/controller/image-digest.ts";
import { MetadataImage } from "../../src/controller/state.ts";
import {
  type MetadataRecord,
  PartitionNames,
  type PartitionRegistration,
} from "../../src/protocol/types.ts";

const partition = new PartitionNames().of("orders", 0);
const registration: PartitionRegistration = {
  partition,
  replicas: [1, 2],
  isr: [1, 2],
  elr: [],
  lastKnownElr: [],
  addingReplicas: [],
  removingReplicas: [],
  leader: 1,
  leaderEpoch: 0,
  partitionEpoch: 0,
  leaderRecoveryState: "RECOVERED",
};
const topic = { type: "topic", topic: "orders" } as const;
const everywhere = { type: "broker", broker: undefined } as const;

const RECORDS: readonly MetadataRecord[] = [
  { type: "RegisterBroker", id: 1, incarnation: 1, rack: "a" },
  {
    type: "BrokerRegistrationChange",
    id: 1,
    brokerEpoch: 0,
    fenced: false,
    inControlledShutdown: undefined,
  },
  { type: "Topic", name: "orders", config: { "segment.bytes": 1000 } },
  { type: "Partition", registration },
  { type: "PartitionChange", partition, change: { isr: [1] } },
  { type: "Config", resource: topic, name: "retention.ms", value: 1.5 },
  { type: "Config", resource: everywhere, name: "min.insync.replicas", value: 2 },
  { type: "ProducerIds", brokerId: 1, brokerEpoch: 0, nextProducerId: 1000 },
  { type: "NoOp" },
  { type: "Config", resource: topic, name: "segment.bytes", value: undefined },
  { type: "RemoveTopic", name: "orders" },
];

function recomputed(image: MetadataImage): number {
  let digest = replaced(0, { nextProducerId: 0 }, { nextProducerId: image.nextProducerId });
  const keeps = (entry: object): void => {
    digest = replaced(digest, undefined, entry);
  };
  for (const broker of image.brokers.values()) keeps(broker);
  for (const [broker, settings] of image.brokerConfigs) {
    keeps({ broker, settings });
    digest = replaced(digest, { broker, settings: {} }, undefined);
  }
  for (const { name, config, partitions } of image.topics.values()) {
    keeps({ name, config });
    partitions.forEach(keeps);
  }
  return digest;
}

it("is that of all it holds, after every record, and a copy's", () => {
  const image = new MetadataImage();
  const seen = new Set<number>();
  RECORDS.forEach((record, offset) => {
    image.replay(record, offset);
    expect(image.digest).toBe(recomputed(image));
    expect(image.clone().digest).toBe(image.digest);
    seen.add(image.digest);
  });
  // The idle record changes nothing.
  expect(seen.size).toBe(RECORDS.length - 1);
});

it("tells every field of an entry, fractions too, in whatever order they were set", () => {
  const of = (entry: object): number => replaced(0, undefined, entry);
  expect(of({ a: 1, b: "x" })).toBe(of({ b: "x", a: 1 }));
  expect(of({ a: 1, b: undefined })).toBe(of({ a: 1 }));
  const all = [
    { a: 1 },
    { a: 2 },
    { b: 1 },
    { a: 1.5 },
    { a: "1" },
    { a: [1, 2] },
    { a: [2, 1] },
    { a: { c: 1 } },
  ];
  expect(new Set(all.map(of)).size).toBe(all.length);
  expect(replaced(of({ a: 1 }), { a: 1 }, undefined)).toBe(0);
});
