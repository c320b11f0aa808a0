// Kafka's error codes (org.apache.kafka.common.protocol.Errors) as a table: what a client may do about each.
// Names and codes are Kafka's. Left out: security, delegation tokens, telemetry, share groups.

/** One error code. */
export interface ErrorRow {
  readonly code: number;
  /** RetriableException: the same request may succeed later. */
  readonly retriable: boolean;
  /**
   * As the answer to a produce request: nothing was appended anywhere. When false the record may
   * be in the log and may become visible, so the caller does not know.
   */
  readonly definite: boolean;
  /** InvalidMetadataException: a client refreshes its metadata before it tries again. */
  readonly invalidMetadata: boolean;
  readonly doc: string;
}

const fatal = (code: number, doc: string): ErrorRow => ({
  code,
  retriable: false,
  definite: true,
  invalidMetadata: false,
  doc,
});
const retriable = (code: number, doc: string): ErrorRow => ({
  ...fatal(code, doc),
  retriable: true,
});
const stale = (code: number, doc: string): ErrorRow => ({
  ...retriable(code, doc),
  invalidMetadata: true,
});
const unsure = (row: ErrorRow): ErrorRow => ({ ...row, definite: false });

export const ERRORS = {
  UNKNOWN_SERVER_ERROR: unsure(fatal(-1, "The broker failed in a way it has no code for.")),
  NONE: fatal(0, "No error."),
  OFFSET_OUT_OF_RANGE: fatal(1, "The offset lies before the log start or beyond the log end."),
  CORRUPT_MESSAGE: retriable(2, "A batch fails its checksum or its size is wrong."),
  // DelayedProduce answers with this, with NOT_LEADER_OR_FOLLOWER or with KAFKA_STORAGE_ERROR when
  // the replica changes while a produce with acks=all waits: by then the leader has appended.
  UNKNOWN_TOPIC_OR_PARTITION: unsure(stale(3, "The broker does not host this partition.")),
  LEADER_NOT_AVAILABLE: stale(5, "The partition has no leader at the moment."),
  NOT_LEADER_OR_FOLLOWER: unsure(
    stale(6, "The broker is not the leader (or, where a follower would do, not a replica)."),
  ),
  REQUEST_TIMED_OUT: unsure(retriable(7, "The request was not completed in time.")),
  BROKER_NOT_AVAILABLE: fatal(8, "The broker is not available."),
  REPLICA_NOT_AVAILABLE: stale(9, "The broker should host the replica but does not have it yet."),
  MESSAGE_TOO_LARGE: fatal(10, "A batch is larger than max.message.bytes."),
  STALE_CONTROLLER_EPOCH: fatal(11, "The sender is no longer the active controller."),
  OFFSET_METADATA_TOO_LARGE: fatal(12, "The metadata of a committed offset is too long."),
  NETWORK_EXCEPTION: unsure(stale(13, "The connection was lost before the response arrived.")),
  COORDINATOR_LOAD_IN_PROGRESS: retriable(
    14,
    "The coordinator still reads its state from the log.",
  ),
  COORDINATOR_NOT_AVAILABLE: retriable(15, "There is no coordinator at the moment."),
  NOT_COORDINATOR: retriable(16, "The broker is not the coordinator of this group or transaction."),
  INVALID_TOPIC_EXCEPTION: fatal(17, "The topic name is not allowed."),
  RECORD_LIST_TOO_LARGE: fatal(18, "A batch is larger than segment.bytes."),
  NOT_ENOUGH_REPLICAS: retriable(
    19,
    "The ISR is smaller than min.insync.replicas; rejected before the append.",
  ),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: unsure(
    retriable(20, "The ISR fell below min.insync.replicas after the leader had appended."),
  ),
  INVALID_REQUIRED_ACKS: fatal(21, "acks is none of 0, 1 and all."),
  ILLEGAL_GENERATION: fatal(22, "The generation is not the group's current one."),
  INCONSISTENT_GROUP_PROTOCOL: fatal(23, "The member shares no assignor with the group."),
  INVALID_GROUP_ID: fatal(24, "The group id is not allowed."),
  UNKNOWN_MEMBER_ID: fatal(25, "The coordinator does not know this member."),
  INVALID_SESSION_TIMEOUT: fatal(26, "The session timeout is outside the broker's bounds."),
  REBALANCE_IN_PROGRESS: fatal(27, "The group is rebalancing: the member has to rejoin."),
  INVALID_COMMIT_OFFSET_SIZE: fatal(28, "The commit is too large for the offsets topic."),
  INVALID_TIMESTAMP: fatal(32, "A record's timestamp is outside the allowed range."),
  UNSUPPORTED_VERSION: fatal(35, "The broker does not know this version of the API."),
  TOPIC_ALREADY_EXISTS: fatal(36, "There is a topic of this name."),
  INVALID_PARTITIONS: fatal(37, "The number of partitions is below 1 or would shrink."),
  INVALID_REPLICATION_FACTOR: fatal(
    38,
    "The replication factor is below 1 or larger than the number of brokers.",
  ),
  INVALID_REPLICA_ASSIGNMENT: fatal(39, "The replica assignment is not valid."),
  INVALID_CONFIG: fatal(40, "A setting is not valid."),
  NOT_CONTROLLER: retriable(41, "This is not the active controller."),
  INVALID_REQUEST: fatal(42, "The request contradicts the protocol."),
  POLICY_VIOLATION: fatal(44, "A configured policy forbids the request."),
  OUT_OF_ORDER_SEQUENCE_NUMBER: fatal(
    45,
    "The batch's sequence is not the next one of this producer.",
  ),
  DUPLICATE_SEQUENCE_NUMBER: fatal(46, "The batch was appended before; producers take it as done."),
  INVALID_PRODUCER_EPOCH: fatal(47, "The producer's epoch is older than the known one."),
  INVALID_TXN_STATE: fatal(48, "The transaction is not in a state that allows this."),
  INVALID_PRODUCER_ID_MAPPING: fatal(
    49,
    "The producer id does not belong to the transactional id.",
  ),
  INVALID_TRANSACTION_TIMEOUT: fatal(50, "The timeout exceeds transaction.max.timeout.ms."),
  CONCURRENT_TRANSACTIONS: retriable(51, "The previous transaction is still being completed."),
  TRANSACTION_COORDINATOR_FENCED: fatal(
    52,
    "The marker comes from an old transaction coordinator.",
  ),
  OPERATION_NOT_ATTEMPTED: fatal(55, "Another part of the request failed first."),
  KAFKA_STORAGE_ERROR: unsure(stale(56, "The log directory failed; another broker may lead soon.")),
  LOG_DIR_NOT_FOUND: fatal(57, "There is no such log directory."),
  UNKNOWN_PRODUCER_ID: fatal(59, "The broker has no state for this producer id (any more)."),
  REASSIGNMENT_IN_PROGRESS: fatal(60, "The partition is being reassigned."),
  NON_EMPTY_GROUP: fatal(68, "The group still has members."),
  GROUP_ID_NOT_FOUND: fatal(69, "There is no such group."),
  FETCH_SESSION_ID_NOT_FOUND: retriable(70, "The fetch session was evicted: start a full one."),
  INVALID_FETCH_SESSION_EPOCH: retriable(71, "Fetch requests of a session came out of order."),
  LISTENER_NOT_FOUND: stale(72, "The leader does not have the listener the request used."),
  TOPIC_DELETION_DISABLED: fatal(73, "delete.topic.enable is false."),
  FENCED_LEADER_EPOCH: stale(74, "The leader epoch in the request is older than the broker's."),
  UNKNOWN_LEADER_EPOCH: retriable(
    75,
    "The leader epoch in the request is newer than the broker's.",
  ),
  STALE_BROKER_EPOCH: fatal(77, "The broker has registered again since this request was made."),
  OFFSET_NOT_AVAILABLE: retriable(78, "A new leader's high watermark has not caught up yet."),
  MEMBER_ID_REQUIRED: fatal(79, "The member has to join again with the id it was given."),
  PREFERRED_LEADER_NOT_AVAILABLE: stale(80, "The preferred leader is not eligible now."),
  GROUP_MAX_SIZE_REACHED: fatal(81, "The group is full."),
  FENCED_INSTANCE_ID: fatal(82, "Another member with the same group.instance.id took over."),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: stale(83, "No replica may become leader now."),
  ELECTION_NOT_NEEDED: stale(84, "The partition already has the leader that was asked for."),
  NO_REASSIGNMENT_IN_PROGRESS: fatal(85, "The partition is not being reassigned."),
  INVALID_RECORD: fatal(87, "A record is refused by the broker's validation."),
  UNSTABLE_OFFSET_COMMIT: retriable(88, "A transaction that commits offsets is still open."),
  THROTTLING_QUOTA_EXCEEDED: retriable(89, "A quota is used up."),
  PRODUCER_FENCED: fatal(90, "A newer producer uses the same transactional id."),
  INCONSISTENT_VOTER_SET: fatal(94, "Sender and receiver disagree on the voters."),
  INVALID_UPDATE_VERSION: fatal(
    95,
    "The partition epoch in AlterPartition is not the current one.",
  ),
  SNAPSHOT_NOT_FOUND: fatal(98, "There is no such snapshot of the metadata log."),
  UNKNOWN_TOPIC_ID: stale(100, "The broker does not host a topic of this id."),
  DUPLICATE_BROKER_REGISTRATION: fatal(101, "Another live incarnation holds this broker id."),
  BROKER_ID_NOT_REGISTERED: fatal(102, "The controller does not know this broker id."),
  INCONSISTENT_TOPIC_ID: stale(103, "The topic id in the request is not the log's."),
  INCONSISTENT_CLUSTER_ID: fatal(104, "The request was meant for another cluster."),
  FETCH_SESSION_TOPIC_ID_ERROR: retriable(
    106,
    "A session mixes requests with and without topic ids.",
  ),
  INELIGIBLE_REPLICA: fatal(107, "The proposed ISR holds a fenced or restarted broker."),
  NEW_LEADER_ELECTED: fatal(
    108,
    "AlterPartition succeeded and moved the leader to another broker.",
  ),
  OFFSET_MOVED_TO_TIERED_STORAGE: fatal(109, "The offset is in remote storage only."),
  FENCED_MEMBER_EPOCH: fatal(110, "The member epoch is fenced: give up all partitions and rejoin."),
  STALE_MEMBER_EPOCH: fatal(113, "The member epoch is old: heartbeat, then try again."),
  UNKNOWN_CONTROLLER_ID: fatal(116, "There is no controller of this id."),
  INVALID_REGISTRATION: fatal(119, "The controller refuses the broker's registration."),
  TRANSACTION_ABORTABLE: fatal(120, "The transaction can only be aborted."),
  INVALID_VOTER_KEY: fatal(125, "The request names another incarnation of this voter."),
  DUPLICATE_VOTER: fatal(126, "The voter is already in the set."),
  VOTER_NOT_FOUND: fatal(127, "The voter is not in the set."),
} as const satisfies Readonly<Record<string, ErrorRow>>;

export type ErrorName = keyof typeof ERRORS;
