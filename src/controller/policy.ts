// Which of Kafka's decision rules a controller obeys: the only reader of the controller's protocol rules.
import type { Rules } from "../protocol/releases.ts";

export interface Policy {
  /** KAFKA-15021: before 3.6 the leader epoch rises when the ISR shrinks. */
  readonly bumpLeaderEpochOnShrink: boolean;
  /** KIP-966. */
  readonly eligibleLeaderReplicas: boolean;
  /** KIP-858. */
  readonly directoryAssignment: boolean;
  /** KAFKA-12670: the controller itself acts on unclean.leader.election.enable. */
  readonly automaticUncleanElection: boolean;
  /** Planted bug: elections do not look at the ISR. */
  readonly electAnyReplica: boolean;
  /** Planted bug: a stale broker epoch in AlterPartition is accepted. */
  readonly ignoreBrokerEpoch: boolean;
  /** Planted bug: a fenced broker in AlterPartition is accepted. */
  readonly ignoreFencing: boolean;
  /** Planted bug: nobody is elected when a broker is unfenced. */
  readonly unfenceElectsNobody: boolean;
}

export function policyFor(rules: Rules): Policy {
  return {
    bumpLeaderEpochOnShrink: rules["replication.leader-epoch-bump-on-shrink"] === "on",
    eligibleLeaderReplicas: rules["controller.eligible-leader-replicas"] === "on",
    directoryAssignment: rules["controller.directory-assignment"] === "on",
    automaticUncleanElection: rules["controller.unclean-election"] === "automatic",
    electAnyReplica: rules.mutant === "elect-any-replica",
    ignoreBrokerEpoch: rules.mutant === "isr-ignores-broker-epoch",
    ignoreFencing: rules.mutant === "isr-takes-fenced",
    unfenceElectsNobody: rules.mutant === "unfence-elects-nobody",
  };
}
