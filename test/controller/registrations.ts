// Partitions and brokers to decide about.
import type { DecisionContext } from "../../src/controller/decisions.ts";
import type { ChangeRequest } from "../../src/controller/partition-change.ts";
import { policyFor } from "../../src/controller/policy.ts";
import { MetadataImage } from "../../src/controller/state.ts";
import { type Release, type Rules, rulesFor } from "../../src/protocol/releases.ts";
import {
  type BrokerId,
  type MetadataRecord,
  PartitionNames,
  type PartitionRegistration,
} from "../../src/protocol/types.ts";

export const names = new PartitionNames();

export function registration(
  replicas: readonly BrokerId[],
  change: Partial<PartitionRegistration> = {},
): PartitionRegistration {
  return {
    partition: names.of("foo", 0),
    replicas,
    isr: replicas,
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    leader: replicas[0] as BrokerId,
    leaderEpoch: 100,
    partitionEpoch: 200,
    leaderRecoveryState: "RECOVERED",
    ...change,
  };
}

export const policy = (release: Release, rules: Partial<Rules> = {}) =>
  policyFor(rulesFor(release, rules));

export function request(
  of: PartitionRegistration,
  options: Partial<ChangeRequest> & { readonly dead?: readonly BrokerId[] } = {},
): ChangeRequest {
  const { dead = [], ...rest } = options;
  return {
    registration: of,
    policy: policy("4.0"),
    minIsr: 1,
    isAcceptableLeader: (id) => id >= 0 && !dead.includes(id),
    election: "ONLINE",
    ...rest,
  };
}

/** A cluster that is nothing but its image. */
export class PureCluster {
  readonly image = new MetadataImage();
  readonly context: DecisionContext;

  constructor(
    brokers: readonly BrokerId[],
    options: {
      readonly release?: Release;
      readonly rules?: Partial<Rules>;
      readonly unclean?: boolean;
    } = {},
  ) {
    this.context = {
      image: this.image,
      policy: policy(options.release ?? "4.0", options.rules),
      defaults: { minInsyncReplicas: 1, uncleanLeaderElection: options.unclean ?? false },
    };
    for (const id of brokers) {
      this.replay([{ type: "RegisterBroker", id, incarnation: 1, rack: undefined }]);
      this.replay([this.change(id, { fenced: false })]);
    }
  }

  replay(records: readonly MetadataRecord[]): void {
    for (const record of records) this.image.replay(record, this.image.offset + 1);
  }

  epoch(id: BrokerId): number {
    return this.image.brokers.get(id)?.brokerEpoch as number;
  }

  change(
    id: BrokerId,
    change: { readonly fenced?: boolean; readonly inControlledShutdown?: boolean },
  ): MetadataRecord {
    return {
      type: "BrokerRegistrationChange",
      id,
      brokerEpoch: this.epoch(id),
      fenced: change.fenced,
      inControlledShutdown: change.inControlledShutdown,
    };
  }

  partition(index: number): PartitionRegistration {
    return this.image.topics.get("foo")?.partitions[index] as PartitionRegistration;
  }

  addPartitions(...assignments: readonly (readonly BrokerId[])[]): void {
    this.replay([{ type: "Topic", name: "foo", config: {} }]);
    assignments.forEach((replicas, index) => {
      const partition = names.of("foo", index);
      const fresh = { partition, leaderEpoch: 0, partitionEpoch: 0 };
      this.replay([{ type: "Partition", registration: registration(replicas, fresh) }]);
    });
  }
}
