// What a broker tells the controller of where its replicas lie: gathered for a moment, one request in flight.
// The truth: AssignmentsManager, AssignmentsManagerDeadlineFunction (KIP-858).
import type { AssignReplicasToDirsResponse } from "../../protocol/apis.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { BrokerEpoch, DirectoryId, TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms, seconds } from "../../sim/kernel.ts";
import type { ControllerChannel } from "./controller-channel.ts";

/** AssignReplicasToDirsRequest.MAX_ASSIGNMENTS_PER_REQUEST. */
const MAX_ASSIGNMENTS = 2250;
const INITIAL_BACKOFF = ms(100);
const LONGEST_BACKOFF = seconds(10);
const JITTER = 0.02;
/** BrokerServer: after this the channel gives a request back. */
const RETRY_TIMEOUT = seconds(60);

interface Knowledge {
  readonly brokerEpoch: () => BrokerEpoch;
  /** As the metadata that this broker has applied say. */
  readonly isReplica: (partition: TopicPartition) => boolean;
}

export class AssignmentsManager {
  readonly #host: KafkaHost;
  readonly #channel: ControllerChannel;
  readonly #knowledge: Knowledge;
  readonly #ready = new Map<TopicPartition, DirectoryId>();
  #started = false;
  #sending = false;

  constructor(host: KafkaHost, channel: ControllerChannel, knowledge: Knowledge) {
    this.#host = host;
    this.#channel = channel;
    this.#knowledge = knowledge;
  }

  /** BrokerServer lets nobody hear of metadata before the controller agrees that it has been read: only from then on is anything sent. */
  start(): void {
    this.#started = true;
    this.#wake();
  }

  onAssignment(partition: TopicPartition, directory: DirectoryId): void {
    this.#ready.set(partition, directory);
    this.#wake();
  }

  #wake(): void {
    if (!this.#started || this.#sending || this.#ready.size === 0) return;
    this.#sending = true;
    this.#host.spawn(this.#send());
  }

  *#send(): Process<void> {
    for (let failures = 0; this.#ready.size > 0; ) {
      yield* this.#host.sleep(this.#delay(failures));
      const sent = this.#take();
      const [directory] = sent.values();
      if (directory === undefined) continue;
      const response = yield* this.#channel.call(
        "AssignReplicasToDirs",
        () => ({
          brokerId: this.#host.id,
          brokerEpoch: this.#knowledge.brokerEpoch(),
          directory,
          partitions: [...sent.keys()],
        }),
        RETRY_TIMEOUT,
      );
      failures = response?.error === "NONE" ? 0 : failures + 1;
      this.#keepFailed(sent, response);
    }
    this.#sending = false;
  }

  #delay(failures: number): Micros {
    if (failures === 0) return this.#ready.size > MAX_ASSIGNMENTS ? 0 : INITIAL_BACKOFF;
    const backoff = Math.min(LONGEST_BACKOFF, INITIAL_BACKOFF << Math.min(failures, 10));
    const jitter = this.#host.rng("directory-assignments").float() * 2 - 1;
    return Math.round(backoff * (1 + JITTER * jitter));
  }

  /** Those that still hold, oldest first. */
  #take(): Map<TopicPartition, DirectoryId> {
    const taken = new Map<TopicPartition, DirectoryId>();
    for (const [partition, directory] of this.#ready) {
      if (taken.size === MAX_ASSIGNMENTS) break;
      this.#ready.delete(partition);
      if (this.#knowledge.isReplica(partition)) taken.set(partition, directory);
    }
    return taken;
  }

  #keepFailed(
    sent: ReadonlyMap<TopicPartition, DirectoryId>,
    response: AssignReplicasToDirsResponse | undefined,
  ): void {
    const errors = new Map(
      response?.error === "NONE"
        ? response.partitions.map(({ partition, error }) => [partition, error])
        : [],
    );
    for (const [partition, directory] of sent) {
      if (errors.get(partition) === "NONE" || this.#ready.has(partition)) continue;
      this.#ready.set(partition, directory);
    }
  }
}
