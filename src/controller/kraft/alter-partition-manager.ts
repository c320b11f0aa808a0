// A broker's ISR changes on their way to the controller: one request in flight, everything that came meanwhile in the next.
// The truth: AlterPartitionManager (KIP-497).
import type { AlterPartitionResponse } from "../../protocol/apis.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { IsrAnswer, IsrProposal } from "../../protocol/roles.ts";
import type { BrokerEpoch, TopicPartition } from "../../protocol/types.ts";
import { ms } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";
import type { ControllerChannel } from "./controller-channel.ts";

/** After an error of the whole request. */
const RESEND_DELAY = ms(50);

interface Pending {
  readonly proposal: IsrProposal;
  readonly answered: (answer: IsrAnswer) => void;
}

export class AlterPartitionManager {
  readonly #host: KafkaHost;
  readonly #channel: ControllerChannel;
  readonly #brokerEpoch: () => BrokerEpoch;
  readonly #unsent = new Map<TopicPartition, Pending>();
  readonly #arrived: Signal;

  constructor(host: KafkaHost, channel: ControllerChannel, brokerEpoch: () => BrokerEpoch) {
    this.#host = host;
    this.#channel = channel;
    this.#brokerEpoch = brokerEpoch;
    this.#arrived = new Signal(host);
  }

  start(): void {
    this.#host.spawn(this.#propagate());
  }

  submit(proposal: IsrProposal, answered: (answer: IsrAnswer) => void): void {
    if (this.#unsent.has(proposal.partition)) {
      answered(rejection(proposal));
      return;
    }
    this.#unsent.set(proposal.partition, { proposal, answered });
    this.#arrived.notify();
  }

  *#propagate(): Process<void> {
    for (;;) {
      while (this.#unsent.size === 0) yield* this.#arrived.wait();
      const inFlight = [...this.#unsent.values()];
      const request = {
        brokerId: this.#host.id,
        brokerEpoch: this.#brokerEpoch(),
        partitions: inFlight.map(({ proposal }) => ({
          partition: proposal.partition,
          leaderEpoch: proposal.leaderEpoch,
          newIsr: proposal.isr,
          leaderRecoveryState: proposal.leaderRecoveryState,
          partitionEpoch: proposal.partitionEpoch,
        })),
      };
      const response = yield* this.#channel.call("AlterPartition", () => request, Infinity);
      if (response === undefined || response.error !== "NONE") {
        yield* this.#host.sleep(RESEND_DELAY);
      } else this.#deliver(inFlight, response);
    }
  }

  #deliver(inFlight: readonly Pending[], { partitions }: AlterPartitionResponse): void {
    const answers = new Map(partitions.map((answer) => [answer.partition, answer]));
    for (const { proposal, answered } of inFlight) {
      const answer = answers.get(proposal.partition);
      if (answer === undefined) continue;
      // First: the answer may bring the next proposal.
      this.#unsent.delete(proposal.partition);
      const { error, leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch } = answer;
      answered({ error, leader, leaderEpoch, isr, leaderRecoveryState, partitionEpoch });
    }
  }
}

/** Another change of the partition is under way. */
const rejection = ({ leaderEpoch, partitionEpoch }: IsrProposal): IsrAnswer => ({
  error: "OPERATION_NOT_ATTEMPTED",
  leader: -1,
  leaderEpoch,
  isr: [],
  leaderRecoveryState: "RECOVERED",
  partitionEpoch,
});
