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
import type { Offset } from "../../../protocol/types.ts";

/** What the requests need of the node they meet. */
export interface QuorumNode {
  readonly role: { readonly epoch: number };
  /** -1: unknown. */
  readonly leaderId: number;
  readonly voters: readonly number[];
  readonly log: { readonly lastEpoch: number; readonly endOffset: Offset };
  /** Present while the node leads. */
  readonly duties:
    | { fetch(request: FetchMetadataLogRequest, call: Call<"FetchMetadataLog">): void }
    | undefined;
  heardOf(epoch: number, leaderId: number, why: string): void;
  leaderResigned(leaderId: number, preferredSuccessors: readonly number[]): void;
  vote(
    ballot: { readonly candidate: number; readonly preVote: boolean; readonly upToDate: boolean },
    durable: (granted: boolean) => void,
  ): void;
}

export function quorumHandlers(node: QuorumNode): Handlers {
  return {
    Vote: (request, call) => onVote(node, request, call),
    BeginQuorumEpoch: (request, call) => onBeginQuorumEpoch(node, request, call),
    EndQuorumEpoch: (request, call) => onEndQuorumEpoch(node, request, call),
    FetchMetadataLog: (request, call) => onFetch(node, request, call),
  };
}

function onVote(node: QuorumNode, request: VoteRequest, call: Call<"Vote">): void {
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
  node: QuorumNode,
  { leaderId, leaderEpoch }: BeginQuorumEpochRequest,
  call: Call<"BeginQuorumEpoch">,
): void {
  const error = checkVoter(node, leaderId, leaderEpoch);
  if (error === "NONE") node.heardOf(leaderEpoch, leaderId, `node ${leaderId} leads`);
  call.reply(epochResponse(node, error));
}

function onEndQuorumEpoch(
  node: QuorumNode,
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
  node: QuorumNode,
  request: FetchMetadataLogRequest,
  call: Call<"FetchMetadataLog">,
): void {
  const { epoch } = node.role;
  const { duties } = node;
  let error: ErrorName = "NONE";
  if (request.currentLeaderEpoch < epoch) error = "FENCED_LEADER_EPOCH";
  else if (request.currentLeaderEpoch > epoch) error = "UNKNOWN_LEADER_EPOCH";
  if (error === "NONE" && duties !== undefined) return duties.fetch(request, call);
  refuseFetch(node, error === "NONE" ? "NOT_LEADER_OR_FOLLOWER" : error, call);
}

/** With the epoch and the leader that the asker should know. */
export function refuseFetch(
  node: Pick<QuorumNode, "role" | "leaderId">,
  error: ErrorName,
  call: Call<"FetchMetadataLog">,
): void {
  call.reply({
    error,
    leaderId: node.leaderId,
    leaderEpoch: node.role.epoch,
    highWatermark: -1,
    batches: [],
    divergingEpoch: undefined,
  });
}

/** validateVoterOnlyRequest. */
function checkVoter(node: QuorumNode, id: number, epoch: number): ErrorName {
  if (epoch < node.role.epoch) return "FENCED_LEADER_EPOCH";
  return node.voters.includes(id) ? "NONE" : "INCONSISTENT_VOTER_SET";
}

const epochResponse = (node: QuorumNode, error: ErrorName): QuorumEpochResponse => ({
  error,
  leaderId: node.leaderId,
  leaderEpoch: node.role.epoch,
});
