// Topics that brokers create when they first need them (AutoTopicCreationManager): the request goes to the controller, and nobody waits for it.
import type { BrokerConfig } from "../protocol/config/broker.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { ControlPlane } from "../protocol/roles.ts";

export function offsetsTopicCreator(
  host: KafkaHost,
  controlPlane: ControlPlane,
  config: BrokerConfig,
): () => void {
  let isUnderWay = false;
  return () => {
    const create = controlPlane.forwarding.CreateTopics;
    if (isUnderWay || create === undefined) return;
    isUnderWay = true;
    const topic = {
      name: "__consumer_offsets",
      partitions: config["offsets.topic.num.partitions"],
      replicationFactor: config["offsets.topic.replication.factor"],
      assignment: undefined,
      config: {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": config["offsets.topic.segment.bytes"],
      },
    };
    // Refused while there are too few brokers; the clients that keep asking for their coordinator cause the next attempt.
    const done = (): void => {
      isUnderWay = false;
    };
    create({ topics: [topic] }, { from: host.id, reply: done, disconnect: done });
  };
}
