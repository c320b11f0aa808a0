// Which replica a consumer reads a partition from (KIP-392; AbstractFetch.selectReadReplica): the leader, until a leader names another one;
// that one for metadata.max.age.ms, or until it fails, leaves the metadata, or another leader is elected.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { type BrokerId, NO_LEADER } from "../../protocol/types.ts";
import type { Micros } from "../../sim/kernel.ts";
import type { Metadata } from "../metadata.ts";
import type { PartitionPosition } from "./positions.ts";

export class ReadReplicas {
  readonly #host: KafkaHost;
  readonly #metadata: Metadata;
  readonly #leaseUs: Micros;

  constructor(host: KafkaHost, metadata: Metadata, leaseUs: Micros) {
    this.#host = host;
    this.#metadata = metadata;
    this.#leaseUs = leaseUs;
  }

  /** NO_LEADER: nobody to read from. */
  select(position: PartitionPosition): BrokerId {
    const leader = position.leader.id;
    const { preferredReplica } = position;
    if (leader === NO_LEADER || preferredReplica < 0) return leader;
    if (this.#host.now > position.preferredUntil) this.clear(position, "metadata.max.age.ms");
    else if (this.#metadata.isOnline(position.partition, preferredReplica)) return preferredReplica;
    else {
      this.#metadata.requestUpdate();
      this.clear(position, "offline");
    }
    return leader;
  }

  /** A leader's answer. A replica that is preferred already gets no longer lease by it. */
  prefer(position: PartitionPosition, replica: BrokerId): void {
    if (position.preferredReplica === replica) return;
    position.preferredReplica = replica;
    position.preferredUntil = this.#host.now + this.#leaseUs;
    const { partition } = position;
    this.#host.emit("consumer.readsFrom", { partition, replica, why: "rack" });
  }

  /** True when a replica other than the leader was preferred. */
  clear(position: PartitionPosition, why: string): boolean {
    if (position.preferredReplica < 0) return false;
    position.preferredReplica = NO_LEADER;
    const { partition } = position;
    this.#host.emit("consumer.readsFrom", { partition, replica: NO_LEADER, why });
    return true;
  }
}
