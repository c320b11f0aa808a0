// Why a cluster with ZooKeeper does otherwise than a KRaft cluster, by what Kafka's source says.

export interface Reason {
  readonly scenarios: readonly string[];
  readonly text: string;
}

export const REASONS: readonly Reason[] = [
  {
    scenarios: [
      ...["follower-kill", "min-isr", "broker-wipe", "controlled-shutdown", "rolling-restart"],
      ...["leader-kill-for-good", "unclean-on", "unclean-off", "controller-kill"],
    ],
    text: "A controller that takes the replica of a broker that has gone, or is going, out of an ISR raises the leader epoch though the leader stays (ReplicaStateMachine.doRemoveReplicasFromIsr, LeaderAndIsr.newLeaderAndIsr). A KRaft controller leaves it as it is since KAFKA-15021. A leader's own proposal leaves it in both.",
  },
  {
    scenarios: ["fast-bounce"],
    text: "A broker that is back before its old session has ended finds its znode held by that session, and its start fails (KafkaZkClient.CheckedEphemeral: NODEEXISTS). Nobody starts it again here, so it stays away. A KRaft broker goes on asking until the old registration is fenced.",
  },
  {
    scenarios: ["controller-kill", "controller-kill-then-leader", "rolling-restart"],
    text: "The controller is a broker: replicas die with it, and it is replaced when its session has ended, or at once when it is stopped in an orderly way. Where a second broker is killed, one of three is left, too few for min.insync.replicas=2; whose session ends first decides whether the next controller finds one of them gone or both, and then nobody leads for a moment.",
  },
  {
    scenarios: ["unclean-on", "unclean-off"],
    text: "The brokers that are killed are one after the other the controller. When the last one is, nobody is left to write that nobody leads; that is done by the first broker that is back.",
  },
  {
    scenarios: ["quorum-loss"],
    text: "While ZooKeeper is away the controller stays the controller and nothing can be decided. Sessions are on its disk; each has its whole timeout again when it is back.",
  },
  {
    scenarios: ["leader-pause-timeout"],
    text: "The race that is known of KRaft clusters too: when the leader runs on, its overdue look at the ISR and its followers' waiting fetches are due at the same instant. Which comes first does not depend on where metadata is.",
  },
];
