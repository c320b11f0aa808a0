// What a voter answers the others: Vote, BeginQuorumEpoch, EndQuorumEpoch, and the fetches of the metadata log.
// The truth: KafkaRaftClient.handle*Request.
import type {
  BeginQuorumEpochRequest,
  EndQuorumEpochRequest,
  FetchMetadataLogRequest,
  QuorumEpochResponse,
  VoteRequest,
} from "../../../protocol/apis.ts";
import type { ErrorName } from "../../../protocol/errors.ts";
import type { Call, Handlers } from "../../../protocol/kafka-host.ts";
import type { RaftNode } from "./raft-node.ts";

export function quorumHandlers(node: RaftNode): Handlers {
  return {
    Vote: (request, call) => onVote(node, request, call),
    BeginQuorumEpoch: (request, call) => onBeginQuorumEpoch(node, request, call),
    EndQuorumEpoch: (request, call) => onEndQuorumEpoch(node, request, call),
    FetchMetadataLog: (request, call) => onFetch(node, request, call),
  };
}

function onVote(node: RaftNode, request: VoteRequest, call: Call<"Vote">): void {
  const { candidateId, candidateEpoch, lastOffset, lastOffsetEpoch, preVote } = request;
  const answer = (error: ErrorName, voteGranted: boolean): void =>
    call.reply({ error, leaderId: node.leaderId, leaderEpoch: node.role.epoch, voteGranted });
  const beyond = preVote ? lastOffsetEpoch > candidateEpoch : lastOffsetEpoch >= candidateEpoch;
  if (beyond) return answer("INVALID_REQUEST", false);
  const error = checkVoter(node, candidateId, candidateEpoch);
  if (error !== "NONE") return answer(error, false);
  if (candidateEpoch > node.role.epoch) {
    node.heardOf(candidateEpoch, -1, `vote request of node ${candidateId}`);
  }
  const { lastEpoch, endOffset } = node.log;
  const upToDate =
    lastOffsetEpoch > lastEpoch || (lastOffsetEpoch === lastEpoch && lastOffset >= endOffset);
  const { epoch } = node.role;
  node.vote({ candidate: candidateId, preVote, upToDate }, (granted) => {
    // The vote was for that epoch, whatever has happened while it was made durable.
    const leaderId = node.role.epoch === epoch ? node.leaderId : -1;
    call.reply({ error: "NONE", leaderId, leaderEpoch: epoch, voteGranted: granted });
  });
}

function onBeginQuorumEpoch(
  node: RaftNode,
  { leaderId, leaderEpoch }: BeginQuorumEpochRequest,
  call: Call<"BeginQuorumEpoch">,
): void {
  const error = checkVoter(node, leaderId, leaderEpoch);
  if (error === "NONE") node.heardOf(leaderEpoch, leaderId, `node ${leaderId} leads`);
  call.reply(epochResponse(node, error));
}

function onEndQuorumEpoch(
  node: RaftNode,
  { leaderId, leaderEpoch, preferredSuccessors }: EndQuorumEpochRequest,
  call: Call<"EndQuorumEpoch">,
): void {
  const error = checkVoter(node, leaderId, leaderEpoch);
  if (error === "NONE") {
    node.heardOf(leaderEpoch, leaderId, `node ${leaderId} led`);
    node.leaderResigned(leaderId, preferredSuccessors);
  }
  call.reply(epochResponse(node, error));
}

function onFetch(
  node: RaftNode,
  request: FetchMetadataLogRequest,
  call: Call<"FetchMetadataLog">,
): void {
  const { epoch } = node.role;
  const { duties } = node;
  let error: ErrorName = "NONE";
  if (request.currentLeaderEpoch < epoch) error = "FENCED_LEADER_EPOCH";
  else if (request.currentLeaderEpoch > epoch) error = "UNKNOWN_LEADER_EPOCH";
  if (error === "NONE" && duties !== undefined) return duties.fetch(request, call);
  call.reply({
    error: error === "NONE" ? "NOT_LEADER_OR_FOLLOWER" : error,
    leaderId: node.leaderId,
    leaderEpoch: epoch,
    highWatermark: -1,
    batches: [],
    divergingEpoch: undefined,
  });
}

/** validateVoterOnlyRequest. */
function checkVoter(node: RaftNode, id: number, epoch: number): ErrorName {
  if (epoch < node.role.epoch) return "FENCED_LEADER_EPOCH";
  return node.voters.includes(id) ? "NONE" : "INCONSISTENT_VOTER_SET";
}

const epochResponse = (node: RaftNode, error: ErrorName): QuorumEpochResponse => ({
  error,
  leaderId: node.leaderId,
  leaderEpoch: node.role.epoch,
});
