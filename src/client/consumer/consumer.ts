// A consumer and its application: the poll loop of KafkaConsumer (ClassicKafkaConsumer). With group.id it is a member of a group (subscribe),
// without it is assigned its share of the partitions (assign) and commits nothing.
// As in the classic consumer, fetches go out from poll() only; what arrives between two polls waits.
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { Offset, TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";
import { type Backoff, retryBackoff } from "../backoff.ts";
import { Metadata } from "../metadata.ts";
import { MetadataUpdater } from "../metadata-updater.ts";
import { NetworkClient } from "../network-client.ts";
import { Application } from "./application.ts";
import { Arrivals } from "./arrivals.ts";
import type { Polled } from "./completed-fetch.ts";
import { Fetcher, type ReadingDefect } from "./fetcher.ts";
import { CLOSE_TIMEOUT, ConsumerGroup } from "./group.ts";
import { groupSettings } from "./group-settings.ts";
import { OffsetLookup } from "./offset-lookup.ts";
import { PollTimes } from "./poll-times.ts";
import { PositionLeaders } from "./position-leaders.ts";
import type { ConsumerProgram, ConsumerSpec } from "./program.ts";
import { SubscriptionState } from "./subscription-state.ts";

export type { ConsumerProgram, ConsumerSpec };

const READING_DEFECTS: Readonly<Record<string, ReadingDefect>> = {
  "consumer-skips-batch": "skips",
  "consumer-repeats-batch": "repeats",
  "consumer-misreads-batch": "misreads",
};

/** What an application passes to poll(). */
const POLL_TIMEOUT = ms(100);
/** A classic consumer has no limit of its own (max.in.flight.requests.per.connection is 100). */
const MAX_IN_FLIGHT = 100;

export function kafkaConsumer(
  host: KafkaHost,
  env: Environment,
  spec: ConsumerSpec,
): ConsumerProgram {
  const consumer = new Consumer(host, env, spec);
  host.spawn(consumer.run());
  // With a group, SIGTERM ends the poll loop, and the process after close().
  if (consumer.member !== undefined) host.onTerminate(() => consumer.terminate());
  return consumer;
}

class Consumer implements ConsumerProgram {
  readonly #host: KafkaHost;
  readonly #spec: ConsumerSpec;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #lookup: OffsetLookup;
  readonly #fetcher: Fetcher;
  readonly #arrivals: Arrivals;
  readonly #resumed: Signal;
  readonly #validates: boolean;
  readonly #subscriptions: SubscriptionState;
  readonly #leaders: PositionLeaders;
  readonly #group: ConsumerGroup | undefined;
  readonly #application: Application | undefined;
  #updater: MetadataUpdater | undefined;
  #timeUs: Micros;
  #isStopped = false;
  #isHanging = false;
  #isTerminating = false;

  constructor(host: KafkaHost, env: Environment, spec: ConsumerSpec) {
    const { config } = spec;
    this.#host = host;
    this.#spec = spec;
    this.#timeUs = spec.processing.timeUs;
    this.#validates = env.rules["consumer.position-validation"] === "on";
    this.#arrivals = new Arrivals(host);
    this.#resumed = new Signal(host);
    this.#subscriptions = new SubscriptionState(spec.topics);
    const wake = (): void => this.#arrivals.notify();
    const backoff = retryBackoff(env.rules, config, host.rng("consumer/backoff"));
    const metadata = new Metadata(env, spec.topics, ms(config["metadata.max.age.ms"]), backoff);
    const network = new NetworkClient(host, "consumer", config, MAX_IN_FLIGHT);
    this.#metadata = metadata;
    this.#network = network;
    network.onConnection((broker, isUp) => {
      if (!isUp) this.#fetcher.disconnected(broker, this.#subscriptions.positions);
      wake();
    });
    const neverValid = env.rules.mutant === "validation-never-ends";
    this.#lookup = new OffsetLookup(host, config, { metadata, network, changed: wake, neverValid });
    this.#fetcher = new Fetcher(host, config, {
      metadata,
      network,
      lookup: this.#lookup,
      arrived: wake,
      sparesNodes: env.rules["consumer.spares-buffered-nodes"] === "on",
      defect: READING_DEFECTS[env.rules.mutant],
    });
    const share = config["group.id"] === "" ? spec.share : undefined;
    this.#leaders = new PositionLeaders(host, metadata, this.#subscriptions, {
      share,
      validates: this.#validates,
    });
    if (share !== undefined) return;
    const { group, application } = this.#joining(env, backoff);
    this.#group = group;
    this.#application = application;
  }

  #joining(env: Environment, backoff: Backoff): { group: ConsumerGroup; application: Application } {
    const { config, processing, name } = this.#spec;
    const isAuto = (processing.commit ?? "auto") === "auto" && processing.externalOffsets !== true;
    const settings = groupSettings(config, name, isAuto);
    const listener = {
      onPartitionsAssigned: (partitions: readonly TopicPartition[]): void => {
        for (const partition of partitions) {
          const offset = application.externalOffset(partition);
          if (offset >= 0) this.seek(partition, offset);
        }
      },
    };
    const group = new ConsumerGroup(this.#host, env, config, settings, {
      metadata: this.#metadata,
      network: this.#network,
      arrivals: this.#arrivals,
      subscriptions: this.#subscriptions,
      backoff,
      listener,
    });
    const application = new Application(this.#host, env, processing, settings.groupId, group);
    return { group, application };
  }

  get positions(): readonly { partition: string; offset: Offset }[] {
    return this.#subscriptions.positions.map(({ partition, offset }) => ({
      partition: partition.name,
      offset,
    }));
  }

  get member(): ConsumerProgram["member"] {
    if (this.#group === undefined) return undefined;
    const { generation, state } = this.#group.membership;
    return { id: generation.memberId, generation: generation.generationId, state };
  }

  stop(): void {
    this.#isStopped = true;
    this.resumePolling();
    if (this.#group === undefined) this.#updater?.stop();
    else this.#arrivals.notify();
  }

  terminate(): void {
    this.#isTerminating = true;
    this.stop();
  }

  stopPolling(): void {
    this.#isHanging = true;
  }

  resumePolling(): void {
    this.#isHanging = false;
    this.#resumed.notify();
  }

  setProcessingTime(timeUs: Micros): void {
    this.#timeUs = timeUs;
    if (this.#application !== undefined) this.#application.timeUs = timeUs;
  }

  pause(partition: TopicPartition): void {
    const position = this.#subscriptions.get(partition);
    if (position !== undefined) position.isPaused = true;
  }

  resume(partition: TopicPartition): void {
    const position = this.#subscriptions.get(partition);
    if (position !== undefined) position.isPaused = false;
    this.#arrivals.notify();
  }

  seek(partition: TopicPartition, offset: Offset): void {
    const position = this.#subscriptions.get(partition);
    if (position === undefined) return;
    const from = position.offset;
    position.seek(offset, -1, this.#metadata.currentLeader(partition), this.#validates);
    this.#host.emit("consumer.reset", { partition, from, to: offset, strategy: "seek" });
  }

  /** The application: poll, process, again. */
  *run(): Process {
    const { startUs, stopUs, config } = this.#spec;
    if (startUs > this.#host.now) yield* this.#host.sleep(startUs - this.#host.now);
    this.#updater = new MetadataUpdater(this.#host, this.#metadata, this.#network, config, () =>
      this.#arrivals.notify(),
    );
    const pollTimes = new PollTimes(this.#host);
    while (!this.#isStopped && this.#host.now < (stopUs ?? Number.POSITIVE_INFINITY)) {
      while (this.#isHanging) yield* this.#resumed.wait();
      pollTimes.begin();
      const polled = yield* this.#poll();
      pollTimes.end();
      if (this.#group?.fatal !== undefined) break;
      if (polled.length > 0 || this.#application?.owesCommit) yield* this.#process(polled);
    }
    this.stop();
    yield* this.#close();
  }

  *#process(polled: readonly Polled[]): Process {
    if (this.#application !== undefined) return yield* this.#application.handle(polled);
    let records = 0;
    for (const piece of polled) records += piece.count;
    const busy = this.#timeUs * (this.#spec.processing.per === "record" ? records : 1);
    if (records > 0 && busy > 0) yield* this.#host.sleep(busy);
  }

  *#close(): Process {
    const group = this.#group;
    if (group === undefined) return;
    const { fatal, settings } = group;
    if (fatal !== undefined)
      this.#host.emit("consumer.left", { group: settings.groupId, why: `poll() threw ${fatal}` });
    if (this.#application !== undefined) yield* this.#application.drain();
    const deadline = this.#host.now + CLOSE_TIMEOUT;
    yield* group.close(deadline);
    this.#fetcher.closeSessions();
    yield* this.#arrivals.until(() => this.#fetcher.closing === 0, deadline);
    this.#updater?.stop();
    if (this.#isTerminating) this.#host.stop(true);
  }

  /** Nothing when no records came in time. The next fetches are on their way before it returns. */
  *#poll(): Process<readonly Polled[]> {
    const deadline = this.#host.now + POLL_TIMEOUT;
    for (;;) {
      this.#leaders.apply();
      let until = deadline;
      if (this.#group !== undefined) until = yield* this.#pollGroup(this.#group, deadline);
      const polled = this.#fetcher.collect(this.#spec.config["max.poll.records"]);
      this.#group?.collected();
      this.#leaders.apply();
      this.#lookup.askAll(this.#subscriptions.positions);
      this.#fetcher.sendFetches(this.#subscriptions.positions);
      if (polled.length > 0 || this.#group?.fatal !== undefined) return polled;
      const left = Math.min(until, deadline) - this.#host.now;
      const isOver = deadline <= this.#host.now || (this.#isStopped && this.#group !== undefined);
      if (isOver) return polled;
      const isWoken = left > 0 && (yield* this.#arrivals.waitAtMost(left));
      if (!isWoken && deadline <= this.#host.now) return polled;
    }
  }

  /** updateAssignmentMetadataIfNeeded; when poll() has to come back to it even if nothing arrives. */
  *#pollGroup(group: ConsumerGroup, deadline: Micros): Process<Micros> {
    const polled = group.poll(deadline);
    if (!(typeof polled === "boolean" ? polled : yield* polled)) return deadline;
    const initialized = group.initialize(deadline, this.#validates);
    const isInitialized = typeof initialized === "boolean" ? initialized : yield* initialized;
    this.#leaders.apply();
    const nextTry = isInitialized
      ? Number.POSITIVE_INFINITY
      : this.#host.now + group.settings.retryBackoffUs;
    return Math.max(this.#host.now + 1, Math.min(group.nextAutoCommitAt, nextTry));
  }
}
