// The payload fields of every trace event with their kinds, so that triggers and assertions can be checked before a run.
// The types keep it complete: an event or a field that is missing here does not compile.
import type { EventName, KafkaEvent } from "../protocol/events.ts";

export type FieldKind = "number" | "text" | "flag" | "partition" | "list";

type KindOf<T> = [T] extends [number]
  ? "number"
  : [T] extends [boolean]
    ? "flag"
    : [T] extends [string]
      ? "text"
      : [T] extends [readonly unknown[] | undefined]
        ? "list"
        : "partition";

type Stamped = "type" | "seq" | "at" | "node" | "cause";
type Fields<K extends EventName> = {
  readonly [F in Exclude<keyof KafkaEvent<K>, Stamped>]: KindOf<KafkaEvent<K>[F]>;
};

const ON = { partition: "partition" } as const;
const RANGE = { stream: "number", firstNumber: "number", count: "number" } as const;
const LIFE = { incarnation: "number" } as const;
const FAULT = { id: "text", kind: "text", action: "text", targets: "list" } as const;
const REGISTRATION = {
  partition: "partition",
  leader: "number",
  leaderEpoch: "number",
  partitionEpoch: "number",
  isr: "list",
} as const;
const REQUEST_DONE = {
  broker: "number",
  latencyUs: "number",
  outcome: "text",
  requestBytes: "number",
  responseBytes: "number",
} as const;
const HIGH_WATERMARK = {
  ...ON,
  from: "number",
  to: "number",
  leaderEpoch: "number",
  leader: "flag",
} as const;

export const EVENT_FIELDS: { readonly [K in EventName]: Fields<K> } = {
  "host.booted": LIFE,
  "host.crashed": { how: "text" },
  "host.stopped": { clean: "flag" },
  "host.paused": LIFE,
  "host.resumed": LIFE,
  "host.wiped": LIFE,
  "disk.failed": { method: "text", errno: "text" },
  "disk.tornTail": { ...ON, lost: "number" },
  "connection.closed": { peer: "number", channel: "text", why: "text" },
  "fault.injected": FAULT,
  "fault.healed": { ...FAULT, remains: "list" },
  "message.held": { fault: "text", rpc: "text", phase: "text", from: "number", to: "number" },
  "operation.run": { tool: "text", args: "text" },
  "operation.done": { tool: "text", ok: "flag", message: "text" },
  "run.settling": { healed: "number", core: "list" },
  "log.opened": {
    ...ON,
    logStartOffset: "number",
    logEndOffset: "number",
    highWatermark: "number",
    clean: "flag",
  },
  "log.appended": {
    ...ON,
    ...RANGE,
    baseOffset: "number",
    leaderEpoch: "number",
    leader: "flag",
    sizeBytes: "number",
  },
  "log.truncated": { ...ON, from: "number", to: "number", why: "text" },
  "log.startAdvanced": { ...ON, from: "number", to: "number", why: "text" },
  "log.epochsChanged": { ...ON, epochs: "list" },
  "log.cleaned": {
    ...ON,
    from: "number",
    to: "number",
    removed: "number",
    kept: "number",
    bytesBefore: "number",
    bytesAfter: "number",
  },
  "log.deleted": { ...ON, why: "text" },
  "hw.advanced": HIGH_WATERMARK,
  "hw.lowered": HIGH_WATERMARK,
  "replica.becameLeader": {
    ...ON,
    leaderEpoch: "number",
    partitionEpoch: "number",
    isr: "list",
    epochStartOffset: "number",
    highWatermark: "number",
  },
  "replica.becameFollower": {
    ...ON,
    leader: "number",
    leaderEpoch: "number",
    logEndOffset: "number",
  },
  "replica.fetchFailed": { ...ON, leader: "number", error: "text" },
  "isr.proposed": {
    ...ON,
    leaderEpoch: "number",
    partitionEpoch: "number",
    change: "text",
    isr: "list",
    members: "list",
  },
  "isr.committed": {
    ...ON,
    leaderEpoch: "number",
    partitionEpoch: "number",
    isr: "list",
    maximalIsr: "list",
    highWatermark: "number",
  },
  "isr.rejected": { ...ON, error: "text", isr: "list" },
  "produce.rejected": { ...ON, error: "text", count: "number", appended: "flag" },
  "topic.created": { topic: "text", partitions: "number", replicationFactor: "number" },
  "topic.deleted": { topic: "text" },
  "config.altered": { resource: "text", name: "text", value: "text" },
  "partition.created": { ...REGISTRATION, replicas: "list", minIsr: "number" },
  "leader.elected": { ...REGISTRATION, previous: "number", unclean: "flag", why: "text" },
  "leader.lost": { ...REGISTRATION, previous: "number", why: "text" },
  "isr.shrunk": { ...REGISTRATION, removed: "list", why: "text" },
  "isr.expanded": { ...REGISTRATION, added: "list", why: "text" },
  "replicas.changed": { ...ON, replicas: "list", adding: "list", removing: "list" },
  "elr.changed": { ...REGISTRATION, elr: "list" },
  "directories.changed": { ...REGISTRATION, broker: "number" },
  "broker.registered": { broker: "number", brokerEpoch: "number", incarnation: "number" },
  "broker.fenced": { broker: "number", why: "text" },
  "broker.unfenced": { broker: "number" },
  "broker.shuttingDown": { broker: "number" },
  "quorum.roleChanged": { role: "text", epoch: "number", leaderId: "number", why: "text" },
  "quorum.voted": { candidate: "number", epoch: "number", granted: "flag", preVote: "flag" },
  "quorum.appended": { baseOffset: "number", count: "number", epoch: "number", leader: "flag" },
  "quorum.truncated": { from: "number", to: "number" },
  "quorum.hwAdvanced": { to: "number", epoch: "number", leader: "flag" },
  "metadata.applied": { by: "text", offset: "number", digest: "number" },
  "controller.activated": { epoch: "number" },
  "controller.deactivated": { epoch: "number", why: "text" },
  "stream.opened": { ...ON, stream: "number", producer: "text" },
  "op.invoked": { ...ON, ...RANGE, names: "list" },
  "op.keyed": { ...ON, ...RANGE, key: "text" },
  "producer.keys": {
    topic: "text",
    partitions: "list",
    drawn: "number",
    distribution: "text",
    cardinality: "number",
    exponent: "number",
    keys: "list",
  },
  "op.acked": { ...ON, ...RANGE, baseOffset: "number", latencyUs: "number" },
  "op.failed": { ...ON, ...RANGE, error: "text" },
  "op.unknown": { ...ON, ...RANGE, error: "text" },
  "producer.retried": { ...ON, ...RANGE, attempt: "number", error: "text" },
  "producer.identified": { producerId: "number", producerEpoch: "number" },
  "producer.requestSent": {
    topic: "text",
    broker: "number",
    batches: "number",
    records: "number",
    sizeBytes: "number",
    largestBatchBytes: "number",
    compressionRates: "number",
    recordBytes: "number",
    queueUs: "number",
    largestRecordBytes: "number",
    longestQueueUs: "number",
    bufferAvailableBytes: "number",
    bufferTotalBytes: "number",
  },
  "producer.requestDone": {
    broker: "number",
    latencyUs: "number",
    outcome: "text",
    bufferAvailableBytes: "number",
    requestBytes: "number",
    responseBytes: "number",
  },
  "producer.split": { ...ON, ...RANGE, pieces: "number", sizeBytes: "number" },
  "producer.unblocked": { topic: "text", why: "text", waitedUs: "number" },
  "producer.metadataUpdated": { topic: "text", partitions: "number" },
  "producer.blocked": { topic: "text", count: "number", why: "text" },
  "consumer.assigned": { ...ON, position: "number" },
  "consumer.reset": { ...ON, from: "number", to: "number", strategy: "text" },
  "consumer.readsFrom": { ...ON, replica: "number", why: "text" },
  "consumer.polled": {
    ...ON,
    ...RANGE,
    baseOffset: "number",
    position: "number",
    leader: "number",
    leaderEpoch: "number",
    highWatermark: "number",
  },
  "group.stateChanged": {
    group: "text",
    from: "text",
    to: "text",
    generation: "number",
    members: "number",
    why: "text",
  },
  "group.assigned": {
    group: "text",
    generation: "number",
    member: "text",
    client: "number",
    partitions: "list",
  },
  "group.memberRemoved": { group: "text", member: "text", client: "number", why: "text" },
  "group.loaded": { ...ON, groups: "number", offsets: "number" },
  "offset.committed": {
    ...ON,
    group: "text",
    offset: "number",
    client: "number",
    generation: "number",
  },
  "offset.expired": { ...ON, group: "text" },
  "consumer.joined": {
    group: "text",
    member: "text",
    generation: "number",
    leader: "flag",
    protocol: "text",
  },
  "consumer.assignedGroup": {
    group: "text",
    generation: "number",
    protocol: "text",
    known: "list",
    claimed: "list",
    assignments: "list",
  },
  "consumer.rebalanced": {
    group: "text",
    generation: "number",
    callback: "text",
    partitions: "list",
  },
  "consumer.left": { group: "text", why: "text" },
  "consumer.processed": { ...ON, ...RANGE, baseOffset: "number", outcome: "text" },
  "consumer.deadLettered": {
    ...ON,
    offset: "number",
    stream: "number",
    number: "number",
    topic: "text",
    headers: "text",
    ok: "flag",
  },
  "consumer.committed": { ...ON, group: "text", offset: "number", how: "text" },
  "consumer.commitFailed": { group: "text", error: "text", how: "text" },
  "consumer.failed": { ...ON, error: "text" },
  "client.requestDone": {
    ...REQUEST_DONE,
    api: "text",
    error: "text",
  },
  "consumer.fetchDone": {
    ...REQUEST_DONE,
    partitions: "number",
    sizeBytes: "number",
  },
  "consumer.pollTimes": {
    polls: "number",
    betweenUs: "number",
    longestBetweenUs: "number",
    idleRatios: "number",
  },
  "host.stressorKilled": { bytes: "number" },
  "disk.read": { reader: "text", bytes: "number", tookUs: "number" },
  "disk.writerWaited": { bytes: "number", waitUs: "number" },
};

export const EVENT_NAMES = Object.keys(EVENT_FIELDS) as readonly EventName[];
