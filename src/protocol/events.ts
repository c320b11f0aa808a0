// Every trace event of the simulated cluster. Observers, triggers and reports know the world through this table alone.
// Facts, not prose: ids and numbers; the one-line text is made here.

import type { Micros } from "../sim/kernel.ts";
import { type AnyEvent, type EventOf, event } from "../sim/trace.ts";
import type { ApiName } from "./apis.ts";
import type { ErrorName } from "./errors.ts";
import type { KeyRange } from "./record-keys.ts";
import type {
  BrokerEpoch,
  BrokerId,
  LeaderEpoch,
  Offset,
  PartitionEpoch,
  TopicPartition,
} from "./types.ts";

/** `1 record`, `2 records` */
const plural = (n: number, noun: string, many = `${noun}s`): string =>
  `${n} ${n === 1 ? noun : many}`;
const list = (ids: readonly number[]): string => `[${ids.join(", ")}]`;
const leaderName = (id: BrokerId): string => (id < 0 ? "none" : `broker-${id}`);

interface OnPartition {
  readonly partition: TopicPartition;
}
/** A run of records of one stream: (stream, firstNumber .. firstNumber + count - 1). */
interface RecordRange {
  readonly stream: number;
  readonly firstNumber: number;
  readonly count: number;
}
interface Registration extends OnPartition {
  readonly leader: BrokerId;
  readonly leaderEpoch: LeaderEpoch;
  readonly partitionEpoch: PartitionEpoch;
  readonly isr: readonly BrokerId[];
}

interface RequestDone {
  readonly broker: BrokerId;
  readonly latencyUs: Micros;
  readonly outcome: "answered" | "timeout" | "disconnected";
  readonly requestBytes: number;
  readonly responseBytes: number;
}

const END_OF_PROCESS = {
  kill: "killed",
  oom: "killed by the kernel: out of memory",
  poweroff: "lost power",
} as const;

export const EVENTS = {
  // Hosts and faults
  "host.booted": event<{ incarnation: number }>(
    "A machine's process started.",
    (e) => `started (life ${e.incarnation})`,
  ),
  "host.crashed": event<{ how: "kill" | "oom" | "poweroff" }>(
    "A process died without clean-up; poweroff also loses what was not fsynced.",
    (e) => END_OF_PROCESS[e.how],
  ),
  "host.stopped": event<{ clean: boolean }>("A process ended by itself.", (e) =>
    e.clean ? "shut down cleanly" : "shut down",
  ),
  "host.paused": event<{ incarnation: number }>(
    "A process was stopped in its tracks (SIGSTOP, a long GC).",
    () => "paused",
  ),
  "host.resumed": event<{ incarnation: number }>("A paused process runs on.", () => "resumed"),
  "host.wiped": event<{ incarnation: number }>("A machine lost its disk.", () => "disk wiped"),
  "disk.failed": event<{ method: "read" | "write" | "fsync"; errno: "EIO" | "ENOSPC" }>(
    "A disk operation failed.",
    (e) => `disk ${e.method} failed: ${e.errno}`,
  ),
  "disk.tornTail": event<OnPartition & { lost: number }>(
    "Records in the page cache that a power loss took.",
    (e) => `${e.partition.name} lost ${plural(e.lost, "unsynced record")}`,
  ),
  "connection.closed": event<{ peer: number; channel: string; why: string }>(
    "A client's connection to a peer ended.",
    (e) => `connection (${e.channel}) to node ${e.peer} closed: ${e.why}`,
  ),
  "fault.injected": event<{ id: string; kind: string; action: string; targets: readonly string[] }>(
    "A fault of the scenario began.",
    (e) => `${e.kind} ${e.action} ${e.targets.join(", ")} (${e.id})`,
  ),
  "fault.healed": event<{
    id: string;
    kind: string;
    action: string;
    targets: readonly string[];
    remains?: readonly string[];
  }>(
    "A fault of the scenario ended; where it remains in force, it does for good.",
    (e) =>
      `${e.kind} ${e.action} ${e.targets.join(", ")} ended (${e.id})${e.remains === undefined ? "" : `, and stays on ${e.remains.join(", ")}`}`,
  ),
  "message.held": event<{
    fault: string;
    rpc: string;
    phase: "request" | "response";
    from: number;
    to: number;
  }>(
    "MessageChaos took hold of a message.",
    (e) => `${e.rpc} ${e.phase} ${e.from} -> ${e.to} touched by ${e.fault}`,
  ),
  "operation.run": event<{ tool: string; args: string }>(
    "An operator ran a tool.",
    (e) => `${e.tool} ${e.args}`,
  ),
  "operation.done": event<{ tool: string; ok: boolean; message: string }>(
    "A tool finished.",
    (e) => `${e.tool}: ${e.message}`,
  ),
  "run.settling": event<{ healed: number; core?: readonly string[] }>(
    "The scenario's duration is over: faults are healed (of the core alone, where one is declared), load stops, the cluster settles.",
    (e) =>
      e.core === undefined
        ? "load stops, faults are healed, the cluster settles"
        : `load stops, the core is healed (${e.core.join(", ") || "nobody"}), faults elsewhere stay`,
  ),

  // The log of one replica
  "log.opened": event<
    OnPartition & {
      logStartOffset: Offset;
      logEndOffset: Offset;
      highWatermark: Offset;
      clean: boolean;
    }
  >(
    "A replica's log was loaded at start-up.",
    (e) =>
      `${e.partition.name} loaded: log end ${e.logEndOffset}, high watermark ${e.highWatermark}${e.clean ? "" : " (after recovery)"}`,
  ),
  "log.appended": event<
    OnPartition &
      RecordRange & {
        baseOffset: Offset;
        leaderEpoch: LeaderEpoch;
        leader: boolean;
        sizeBytes: number;
      }
  >(
    "A batch was appended to a replica.",
    (e) =>
      `${e.partition.name} appended ${e.baseOffset}..${e.baseOffset + e.count - 1} (epoch ${e.leaderEpoch})`,
  ),
  "log.truncated": event<OnPartition & { from: Offset; to: Offset; why: string }>(
    "A replica dropped its tail: from = old log end, to = new log end.",
    (e) => `${e.partition.name} truncated ${e.from} -> ${e.to}: ${e.why}`,
  ),
  "log.startAdvanced": event<OnPartition & { from: Offset; to: Offset; why: string }>(
    "A replica dropped its head.",
    (e) => `${e.partition.name} log start ${e.from} -> ${e.to}: ${e.why}`,
  ),
  "log.epochsChanged": event<
    OnPartition & {
      epochs: readonly { readonly epoch: LeaderEpoch; readonly startOffset: Offset }[];
    }
  >(
    "A replica's leader epoch cache changed (KIP-101): the epochs it knows, and where each begins.",
    (e) =>
      `${e.partition.name} leader epochs: ${e.epochs.map((known) => `${known.epoch} from ${known.startOffset}`).join(", ") || "none"}`,
  ),
  "log.cleaned": event<
    OnPartition & {
      from: Offset;
      to: Offset;
      removed: number;
      kept: number;
      bytesBefore: number;
      bytesAfter: number;
    }
  >(
    "The cleaner compacted a replica's log up to the offset `to`; from = where it was dirty.",
    (e) =>
      `${e.partition.name} compacted up to ${e.to}: ${plural(e.removed, "record")} removed, ${e.kept} kept (${e.bytesBefore} -> ${e.bytesAfter} bytes)`,
  ),
  "log.deleted": event<OnPartition & { why: string }>(
    "A replica's log was deleted.",
    (e) => `${e.partition.name} deleted: ${e.why}`,
  ),
  "hw.advanced": event<
    OnPartition & { from: Offset; to: Offset; leaderEpoch: LeaderEpoch; leader: boolean }
  >(
    "A replica's high watermark rose.",
    (e) => `${e.partition.name} high watermark ${e.from} -> ${e.to}`,
  ),
  "hw.lowered": event<
    OnPartition & { from: Offset; to: Offset; leaderEpoch: LeaderEpoch; leader: boolean }
  >(
    "A follower's high watermark went back (it copies the leader's; truncation).",
    (e) => `${e.partition.name} high watermark ${e.from} -> ${e.to} (lowered)`,
  ),

  // Replicas on brokers
  "replica.becameLeader": event<
    OnPartition & {
      leaderEpoch: LeaderEpoch;
      partitionEpoch: PartitionEpoch;
      isr: readonly BrokerId[];
      epochStartOffset: Offset;
      highWatermark: Offset;
    }
  >(
    "A broker began to lead.",
    (e) =>
      `${e.partition.name} leads from offset ${e.epochStartOffset}, epoch ${e.leaderEpoch}, ISR ${list(e.isr)}`,
  ),
  "replica.becameFollower": event<
    OnPartition & { leader: BrokerId; leaderEpoch: LeaderEpoch; logEndOffset: Offset }
  >(
    "A broker follows a leader in a new epoch.",
    (e) =>
      `${e.partition.name} follows ${leaderName(e.leader)}, epoch ${e.leaderEpoch}, log end ${e.logEndOffset}`,
  ),
  "replica.fetchFailed": event<
    OnPartition & { leader: BrokerId; error: ErrorName | "disconnected" | "timeout" }
  >(
    "A follower's fetch of a partition failed.",
    (e) => `${e.partition.name} fetch from ${leaderName(e.leader)}: ${e.error}`,
  ),
  "isr.proposed": event<
    OnPartition & {
      leaderEpoch: LeaderEpoch;
      partitionEpoch: PartitionEpoch;
      change: "expand" | "shrink";
      isr: readonly BrokerId[];
      members: readonly BrokerId[];
    }
  >(
    "A leader sent AlterPartition: isr is the proposal, members those added or removed.",
    (e) => `${e.partition.name} proposes to ${e.change} ISR to ${list(e.isr)}`,
  ),
  "isr.committed": event<
    OnPartition & {
      leaderEpoch: LeaderEpoch;
      partitionEpoch: PartitionEpoch;
      isr: readonly BrokerId[];
      maximalIsr: readonly BrokerId[];
      highWatermark: Offset;
    }
  >(
    "A leader adopted an ISR the controller accepted.",
    (e) => `${e.partition.name} ISR is ${list(e.isr)} (partition epoch ${e.partitionEpoch})`,
  ),
  "isr.rejected": event<OnPartition & { error: ErrorName; isr: readonly BrokerId[] }>(
    "The controller refused an ISR.",
    (e) => `${e.partition.name} ISR ${list(e.isr)} refused: ${e.error}`,
  ),
  "produce.rejected": event<OnPartition & { error: ErrorName; count: number; appended: boolean }>(
    "A broker answered a produce with an error.",
    (e) => `${e.partition.name} produce of ${plural(e.count, "record")}: ${e.error}`,
  ),

  // Decisions of the active controller, when committed to the metadata log it leads
  "topic.created": event<{ topic: string; partitions: number; replicationFactor: number }>(
    "A topic was created.",
    (e) =>
      `topic ${e.topic} created, ${plural(e.partitions, "partition")}, replication factor ${e.replicationFactor}`,
  ),
  "topic.deleted": event<{ topic: string }>(
    "A topic was deleted.",
    (e) => `topic ${e.topic} deleted`,
  ),
  "config.altered": event<{ resource: string; name: string; value: string }>(
    "A setting was changed (kafka-configs); value empty: it is no longer set there. resource: topic <name>, broker <id>, or brokers.",
    (e) => `${e.resource}: ${e.name}${e.value === "" ? " removed" : `=${e.value}`}`,
  ),
  "partition.created": event<Registration & { replicas: readonly BrokerId[]; minIsr: number }>(
    "A partition was created.",
    (e) =>
      `${e.partition.name} created: leader ${leaderName(e.leader)}, replicas ${list(e.replicas)}`,
  ),
  "leader.elected": event<Registration & { previous: BrokerId; unclean: boolean; why: string }>(
    "The controller chose a leader; unclean: from outside the ISR.",
    (e) =>
      `${e.partition.name} leader ${leaderName(e.previous)} -> ${leaderName(e.leader)}, epoch ${e.leaderEpoch}, ISR ${list(e.isr)}${e.unclean ? " (UNCLEAN)" : ""}: ${e.why}`,
  ),
  "leader.lost": event<Registration & { previous: BrokerId; why: string }>(
    "No replica may lead: the partition is offline.",
    (e) =>
      `${e.partition.name} has no leader (was ${leaderName(e.previous)}), ISR ${list(e.isr)}: ${e.why}`,
  ),
  "isr.shrunk": event<Registration & { removed: readonly BrokerId[]; why: string }>(
    "The ISR lost members.",
    (e) =>
      `${e.partition.name} ISR shrinks to ${list(e.isr)}, without ${list(e.removed)}: ${e.why}`,
  ),
  "isr.expanded": event<Registration & { added: readonly BrokerId[]; why: string }>(
    "The ISR gained members.",
    (e) => `${e.partition.name} ISR grows to ${list(e.isr)}, with ${list(e.added)}: ${e.why}`,
  ),
  "replicas.changed": event<
    OnPartition & {
      replicas: readonly BrokerId[];
      adding: readonly BrokerId[];
      removing: readonly BrokerId[];
    }
  >(
    "The replica set of a partition changed.",
    (e) => `${e.partition.name} replicas ${list(e.replicas)}`,
  ),
  "elr.changed": event<Registration & { elr: readonly BrokerId[] }>(
    "The eligible leader replicas changed (KIP-966).",
    (e) => `${e.partition.name} ELR ${list(e.elr)}`,
  ),
  "directories.changed": event<Registration & { broker: BrokerId }>(
    "The controller learnt that a broker has its replica in another log directory, as after the loss of its disk (KIP-858).",
    (e) => `${e.partition.name} lies in another log directory of broker-${e.broker}`,
  ),
  "broker.registered": event<{ broker: BrokerId; brokerEpoch: BrokerEpoch; incarnation: number }>(
    "A broker registered with the controller.",
    (e) => `broker-${e.broker} registered, broker epoch ${e.brokerEpoch}`,
  ),
  "broker.fenced": event<{ broker: BrokerId; why: string }>(
    "The controller fenced a broker: it leads nothing and is in no ISR.",
    (e) => `broker-${e.broker} fenced: ${e.why}`,
  ),
  "broker.unfenced": event<{ broker: BrokerId }>(
    "The controller unfenced a broker.",
    (e) => `broker-${e.broker} unfenced`,
  ),
  "broker.shuttingDown": event<{ broker: BrokerId }>(
    "A broker asked for controlled shutdown.",
    (e) => `broker-${e.broker} in controlled shutdown`,
  ),

  // The quorum
  "quorum.roleChanged": event<{
    role: "unattached" | "follower" | "prospective" | "candidate" | "leader" | "resigned";
    epoch: number;
    leaderId: number;
    why: string;
  }>(
    "A voter changed its role.",
    (e) =>
      `quorum: ${e.role} in epoch ${e.epoch}${e.role === "follower" ? ` of node ${e.leaderId}` : ""}: ${e.why}`,
  ),
  "quorum.voted": event<{ candidate: number; epoch: number; granted: boolean; preVote: boolean }>(
    "A voter answered a vote request.",
    (e) => `quorum: ${e.granted ? "votes for" : "refuses"} node ${e.candidate} in epoch ${e.epoch}`,
  ),
  "quorum.appended": event<{ baseOffset: Offset; count: number; epoch: number; leader: boolean }>(
    "Records were appended to a node's metadata log.",
    (e) =>
      `metadata log appended ${e.baseOffset}..${e.baseOffset + e.count - 1} (epoch ${e.epoch})`,
  ),
  "quorum.truncated": event<{ from: Offset; to: Offset }>(
    "A node's metadata log dropped its tail.",
    (e) => `metadata log truncated ${e.from} -> ${e.to}`,
  ),
  "quorum.hwAdvanced": event<{ to: Offset; epoch: number; leader: boolean }>(
    "A node's metadata high watermark rose.",
    (e) => `metadata high watermark ${e.to}`,
  ),
  "metadata.applied": event<{ by: "controller" | "broker"; offset: Offset; digest: number }>(
    "A node has applied the metadata log up to an offset and keeps another image than before. digest: of all that the image holds.",
    (e) => `metadata applied up to ${e.offset} (image ${e.digest.toString(16).padStart(8, "0")})`,
  ),
  "controller.activated": event<{ epoch: number }>(
    "A controller became the active one.",
    (e) => `active controller, epoch ${e.epoch}`,
  ),
  "controller.deactivated": event<{ epoch: number; why: string }>(
    "A controller is no longer the active one.",
    (e) => `no longer active controller (epoch ${e.epoch}): ${e.why}`,
  ),

  // Clients
  "stream.opened": event<OnPartition & { stream: number; producer: string }>(
    "A producer instance first wrote to a partition: the identity of its records.",
    (e) => `${e.producer} writes to ${e.partition.name} as stream ${e.stream}`,
  ),
  "op.invoked": event<OnPartition & RecordRange & { names: readonly string[] | undefined }>(
    "The application called send(): records entered the accumulator.",
    (e) => `sends ${e.count} to ${e.partition.name} (${e.stream}/${e.firstNumber}..)`,
  ),
  "op.keyed": event<OnPartition & RecordRange & { key: string }>(
    "Scripted records have a key.",
    (e) => `${e.count} in ${e.partition.name} have the key ${e.key}`,
  ),
  "producer.keys": event<
    {
      topic: string;
      partitions: readonly number[];
      drawn: number;
    } & KeyRange
  >(
    "How a producer spreads the keys of generated records over partitions from now on: by their hash over these partitions, in this order; drawn: keys drawn before.",
    (e) =>
      `${e.topic}: ${plural(e.cardinality, "key")} (${e.distribution}) over partitions ${list(e.partitions)}`,
  ),
  "op.acked": event<OnPartition & RecordRange & { baseOffset: Offset; latencyUs: Micros }>(
    "Records were acknowledged. baseOffset -1: unknown (acks=0). latencyUs: since the oldest of them entered the accumulator.",
    (e) => `${e.count} acked on ${e.partition.name} at ${e.baseOffset}`,
  ),
  "op.failed": event<
    OnPartition & RecordRange & { error: ErrorName | "DELIVERY_TIMEOUT" | "BUFFER_EXHAUSTED" }
  >(
    "Records certainly had no effect: no request that carried them can have been applied.",
    (e) => `${e.count} failed on ${e.partition.name}: ${e.error}`,
  ),
  "op.unknown": event<OnPartition & RecordRange & { error: ErrorName | "DELIVERY_TIMEOUT" }>(
    "The producer gave up on records that may have been written.",
    (e) => `${e.count} unknown on ${e.partition.name}: ${e.error}`,
  ),
  "producer.retried": event<OnPartition & RecordRange & { attempt: number; error: ErrorName }>(
    "A batch was put back to be sent again.",
    (e) => `retries ${e.count} to ${e.partition.name} (attempt ${e.attempt}): ${e.error}`,
  ),
  "producer.identified": event<{ producerId: number; producerEpoch: number }>(
    "An idempotent producer got its producer id, or raised its epoch.",
    (e) => `is producer ${e.producerId}, epoch ${e.producerEpoch}`,
  ),
  "producer.requestSent": event<{
    topic: string;
    broker: BrokerId;
    batches: number;
    records: number;
    sizeBytes: number;
    largestBatchBytes: number;
    /** Sums over the batches: of their compression rates, the upper bounds of their largest records, the times since they were opened. */
    compressionRates: number;
    recordBytes: number;
    queueUs: Micros;
    largestRecordBytes: number;
    longestQueueUs: Micros;
    bufferAvailableBytes: number;
    bufferTotalBytes: number;
  }>(
    "A producer sent a request: what its sender reports of the batches in it.",
    (e) =>
      `sends ${plural(e.records, "record")} in ${plural(e.batches, "batch", "batches")} (${e.sizeBytes} bytes) to broker-${e.broker}`,
  ),
  "producer.requestDone": event<{
    broker: BrokerId;
    latencyUs: Micros;
    outcome: "answered" | "timeout" | "disconnected" | "written";
    bufferAvailableBytes: number;
    requestBytes: number;
    responseBytes: number;
  }>(
    "A produce request was answered, failed, or, with acks=0, is written.",
    (e) => `request to broker-${e.broker} ${e.outcome}`,
  ),
  "producer.split": event<OnPartition & RecordRange & { pieces: number; sizeBytes: number }>(
    "A batch was too large for the broker and is sent in pieces.",
    (e) =>
      `splits ${plural(e.count, "record")} (${e.sizeBytes} bytes) to ${e.partition.name} into ${plural(e.pieces, "batch", "batches")}`,
  ),
  "producer.unblocked": event<{ topic: string; why: string; waitedUs: Micros }>(
    "send() goes on, or has given up, after it was blocked.",
    (e) => `no longer ${e.why}`,
  ),
  "producer.metadataUpdated": event<{ topic: string; partitions: number }>(
    "A producer learned the cluster's metadata anew.",
    (e) => `knows ${plural(e.partitions, "partition")} of ${e.topic}`,
  ),
  "producer.blocked": event<{ topic: string; count: number; why: string }>(
    "send() blocked or was refused before the accumulator.",
    (e) => `${plural(e.count, "record")} blocked: ${e.why}`,
  ),
  "consumer.assigned": event<OnPartition & { position: Offset }>(
    "A consumer took a partition.",
    (e) => `takes ${e.partition.name}`,
  ),
  "consumer.reset": event<OnPartition & { from: Offset; to: Offset; strategy: string }>(
    "A consumer's position was reset. from -1: it had none.",
    (e) => `${e.partition.name} position ${e.from} -> ${e.to} (${e.strategy})`,
  ),
  "consumer.readsFrom": event<OnPartition & { replica: BrokerId; why: string }>(
    "A consumer fetches a partition from another replica than before (KIP-392); replica -1: from the leader again.",
    (e) =>
      `${e.partition.name} is read from ${e.replica < 0 ? "its leader" : `broker-${e.replica}`}: ${e.why}`,
  ),
  "consumer.polled": event<
    OnPartition &
      RecordRange & {
        baseOffset: Offset;
        position: Offset;
        leader: BrokerId;
        leaderEpoch: LeaderEpoch;
        /** As the fetch response told it. */
        highWatermark: Offset;
      }
  >(
    "poll() returned records of one batch: offsets baseOffset .. baseOffset + count - 1; position is the next offset.",
    (e) => `polled ${e.partition.name} ${e.baseOffset}..${e.baseOffset + e.count - 1}`,
  ),
  "group.stateChanged": event<{
    group: string;
    from: string;
    to: string;
    generation: number;
    members: number;
    why: string;
  }>(
    "A group coordinator moved a group to another state.",
    (e) =>
      `group ${e.group}: ${e.from} -> ${e.to}, generation ${e.generation}, ${plural(e.members, "member")}: ${e.why}`,
  ),
  "group.assigned": event<{
    group: string;
    generation: number;
    member: string;
    client: number;
    partitions: readonly TopicPartition[];
  }>(
    "A member's assignment in a generation, as the coordinator stored it.",
    (e) =>
      `group ${e.group}: ${e.member} is assigned ${e.partitions.map((p) => p.name).join(", ") || "nothing"} in generation ${e.generation}`,
  ),
  "group.memberRemoved": event<{ group: string; member: string; client: number; why: string }>(
    "A member left a group or was removed from it.",
    (e) => `group ${e.group}: ${e.member} removed: ${e.why}`,
  ),
  "group.loaded": event<{ partition: TopicPartition; groups: number; offsets: number }>(
    "A new coordinator read its groups from __consumer_offsets.",
    (e) =>
      `${e.partition.name} loaded: ${plural(e.groups, "group")}, ${plural(e.offsets, "offset")}`,
  ),
  "offset.committed": event<{
    group: string;
    partition: TopicPartition;
    offset: Offset;
    client: number;
    generation: number;
  }>(
    "A coordinator accepted a committed offset. client: host that asked; generation -1: not a member.",
    (e) => `group ${e.group} committed ${e.partition.name} at ${e.offset}`,
  ),
  "offset.expired": event<{ group: string; partition: TopicPartition }>(
    "A committed offset expired or was deleted.",
    (e) => `group ${e.group}: offset of ${e.partition.name} expired`,
  ),
  "consumer.joined": event<{
    group: string;
    member: string;
    generation: number;
    leader: boolean;
    protocol: string;
  }>(
    "A consumer is a member of a new generation.",
    (e) =>
      `joined ${e.group} as ${e.member}, generation ${e.generation}${e.leader ? " (leader)" : ""}`,
  ),
  "consumer.assignedGroup": event<{
    group: string;
    generation: number;
    protocol: string;
    known: readonly TopicPartition[];
    claimed: readonly TopicPartition[];
    assignments: readonly {
      readonly member: string;
      readonly partitions: readonly TopicPartition[];
    }[];
  }>(
    "The leader of a group divided the partitions of the subscribed topics. known: all of them, by its metadata; claimed: those that members still own.",
    (e) =>
      `divides ${plural(e.known.length, "partition")} among ${plural(e.assignments.length, "member")} of ${e.group} in generation ${e.generation} (${e.protocol})`,
  ),
  "consumer.rebalanced": event<{
    group: string;
    generation: number;
    callback: "revoked" | "assigned" | "lost";
    partitions: readonly TopicPartition[];
  }>(
    "A consumer's rebalance listener was called.",
    (e) =>
      `${e.group}: onPartitions${e.callback === "revoked" ? "Revoked" : e.callback === "lost" ? "Lost" : "Assigned"} [${e.partitions.map((p) => p.name).join(", ")}]`,
  ),
  "consumer.left": event<{ group: string; why: string }>(
    "A consumer left its group or was told that it is out of it.",
    (e) => `left ${e.group}: ${e.why}`,
  ),
  "consumer.processed": event<
    OnPartition &
      RecordRange & { baseOffset: Offset; outcome: "done" | "deadLetter" | "skipped" | "duplicate" }
  >("The application finished records that poll() had returned.", (e) =>
    e.outcome === "skipped"
      ? `passes over ${e.partition.name}@${e.baseOffset}: it failed every time`
      : `processed ${e.partition.name} ${e.baseOffset}..${e.baseOffset + e.count - 1}${e.outcome === "done" ? "" : ` (${e.outcome})`}`,
  ),
  "consumer.deadLettered": event<
    OnPartition & {
      offset: Offset;
      stream: number;
      number: number;
      topic: string;
      headers: string;
      ok: boolean;
    }
  >(
    "A record that could not be processed was sent to a dead letter topic; ok false: it is not known to be there. headers: its origin, and what went wrong.",
    (e) =>
      `${e.partition.name}@${e.offset} ${e.ok ? "is in" : "could not be published to"} ${e.topic} (${e.headers})`,
  ),
  "consumer.committed": event<
    OnPartition & { group: string; offset: Offset; how: "auto" | "sync" | "async" | "external" }
  >(
    "A consumer learned that its commit succeeded.",
    (e) => `${e.group} committed ${e.partition.name} at ${e.offset} (${e.how})`,
  ),
  "consumer.commitFailed": event<{
    group: string;
    error: ErrorName | "timeout" | "disconnected";
    how: "auto" | "sync" | "async";
  }>("A commit failed.", (e) => `${e.group} commit (${e.how}) failed: ${e.error}`),
  "consumer.failed": event<OnPartition & { error: string }>(
    "A consumer cannot go on with a partition.",
    (e) => `${e.partition.name}: ${e.error}`,
  ),

  // What clients measure of themselves
  "client.requestDone": event<RequestDone & { api: ApiName; error: ErrorName }>(
    "A client's request, other than Produce and Fetch, was answered or failed.",
    (e) => `${e.api} to broker-${e.broker} ${e.outcome} after ${e.latencyUs / 1000} ms`,
  ),
  "consumer.fetchDone": event<RequestDone & { partitions: number; sizeBytes: number }>(
    "A consumer's fetch was answered or failed: partitions in the response, and bytes of their batches.",
    (e) => `fetch from broker-${e.broker} ${e.outcome}: ${e.sizeBytes} bytes`,
  ),
  "consumer.pollTimes": event<{
    polls: number;
    betweenUs: Micros;
    longestBetweenUs: Micros;
    idleRatios: number;
  }>(
    "The polls of a consumer in the last second or more: sums over them of the time since the one before and of the share spent in poll().",
    (e) => `${e.polls} polls`,
  ),

  // Memory under pressure
  "host.stressorKilled": event<{ bytes: number }>(
    "Out of memory, the kernel killed a worker of a StressChaos memory stressor: what it held is free.",
    (e) => `out of memory: the kernel kills a memory stressor's worker of ${e.bytes} bytes`,
  ),
  "disk.read": event<{ reader: string; bytes: number; tookUs: Micros }>(
    "A response was not in the page cache: its network thread waited for the disk (sendfile).",
    (e) =>
      `${e.reader} reads from the disk, not the page cache: ${e.bytes} bytes in ${e.tookUs / 1000} ms`,
  ),
  "disk.writerWaited": event<{ bytes: number; waitUs: Micros }>(
    "Too many pages are dirty: the kernel holds up a producer's append until some are written back.",
    (e) => `an append of ${e.bytes} bytes waits ${e.waitUs / 1000} ms for dirty pages`,
  ),
} as const;

export type KafkaEvents = typeof EVENTS;
export type EventName = keyof KafkaEvents;
export type KafkaEvent<K extends EventName = EventName> = EventOf<KafkaEvents, K>;
export type TraceEvent = AnyEvent<KafkaEvents>;

/** One line of text for any event. */
export function textOf(e: TraceEvent): string {
  return (EVENTS[e.type].text as (event: TraceEvent) => string)(e);
}
