// What a voter asks and tells the others: Vote, BeginQuorumEpoch, EndQuorumEpoch. The truth: KafkaRaftClient.maybeSendRequest.
import type { VoteRequest, VoteResponse } from "../../../protocol/apis.ts";
import type { KafkaHost } from "../../../protocol/kafka-host.ts";
import type { Micros } from "../../../sim/kernel.ts";
import { reconnectBackoff } from "./log-fetcher.ts";

/** Epoch and leader in an answer. */
export type Heard = (epoch: number, leaderId: number, why: string) => void;

export class VoterClient {
  readonly #host: KafkaHost;
  readonly #others: readonly number[];
  readonly #options: { readonly channel: string; readonly timeoutUs: Micros };
  readonly #heard: Heard;

  constructor(host: KafkaHost, voters: readonly number[], requestTimeout: Micros, heard: Heard) {
    this.#host = host;
    this.#others = voters.filter((voter) => voter !== host.id);
    this.#options = { channel: "controller/raft", timeoutUs: requestTimeout };
    this.#heard = heard;
  }

  /** Asks every other voter, again where no answer comes, for as long as `isOpen`. */
  askVotes(
    request: VoteRequest,
    isOpen: () => boolean,
    answered: (voter: number, granted: boolean) => void,
  ): void {
    const use = (voter: number, response: VoteResponse): void => {
      const { error, leaderId, leaderEpoch, voteGranted } = response;
      this.#heard(leaderEpoch, leaderId, `answer to a vote request by node ${voter}`);
      if (isOpen() && error === "NONE") answered(voter, voteGranted);
    };
    const ask = (voter: number, failures: number): void => {
      if (!isOpen()) return;
      this.#host.send(voter, "Vote", request, this.#options, (reply) => {
        if (!isOpen()) return;
        if (reply.ok) use(voter, reply.response);
        else this.#host.after(reconnectBackoff(failures), () => ask(voter, failures + 1));
      });
    };
    for (const voter of this.#others) ask(voter, 0);
  }

  beginQuorumEpoch(leaderEpoch: number): void {
    const request = { leaderId: this.#host.id, leaderEpoch };
    for (const voter of this.#others) {
      this.#host.send(voter, "BeginQuorumEpoch", request, this.#options, (reply) => {
        if (!reply.ok) return;
        this.#heard(reply.response.leaderEpoch, reply.response.leaderId, `answer of node ${voter}`);
      });
    }
  }

  /** Until each voter has answered, for as long as `isOpen`. */
  endQuorumEpoch(
    leaderEpoch: number,
    preferredSuccessors: readonly number[],
    isOpen: () => boolean,
  ): void {
    const request = { leaderId: this.#host.id, leaderEpoch, preferredSuccessors };
    const tell = (voter: number, failures: number): void => {
      if (!isOpen()) return;
      this.#host.send(voter, "EndQuorumEpoch", request, this.#options, (reply) => {
        if (reply.ok) {
          const { leaderEpoch: epoch, leaderId } = reply.response;
          this.#heard(epoch, leaderId, `answer of node ${voter}`);
        } else this.#host.after(reconnectBackoff(failures), () => tell(voter, failures + 1));
      });
    };
    for (const voter of this.#others) tell(voter, 0);
  }
}
