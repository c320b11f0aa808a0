// A consumer that is assigned its partitions (KafkaConsumer.assign): the poll loop of an application, one record batch after another.
// As in the classic consumer, requests go out from poll() only; what arrives between two polls waits. Left out: groups, commits, seek, pause.
import type { ConsumerConfig } from "../../protocol/config/consumer.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { Offset } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";
import { retryBackoff } from "../backoff.ts";
import { Metadata } from "../metadata.ts";
import { MetadataUpdater } from "../metadata-updater.ts";
import { NetworkClient } from "../network-client.ts";
import { Fetcher } from "./fetcher.ts";
import { OffsetLookup } from "./offset-lookup.ts";
import { PartitionPosition } from "./positions.ts";

export interface ConsumerSpec {
  readonly name: string;
  readonly topics: readonly string[];
  readonly processing: { readonly timeUs: Micros; readonly per: "record" | "poll" };
  /** This instance takes the partitions p with p % of = index. */
  readonly share: { readonly index: number; readonly of: number };
  readonly startUs: Micros;
  readonly stopUs: Micros | undefined;
  readonly config: ConsumerConfig;
}

export interface ConsumerProgram {
  /** Partitions it holds, and the next offset of each (-1: none yet). */
  readonly positions: readonly { readonly partition: string; readonly offset: Offset }[];
  stop(): void;
}

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
  return consumer;
}

class Consumer implements ConsumerProgram {
  readonly #host: KafkaHost;
  readonly #spec: ConsumerSpec;
  readonly #metadata: Metadata;
  readonly #network: NetworkClient;
  readonly #lookup: OffsetLookup;
  readonly #fetcher: Fetcher;
  readonly #wake: Signal;
  readonly #validates: boolean;
  readonly #positions: PartitionPosition[] = [];
  #metadataSeen = -1;
  #updater: MetadataUpdater | undefined;
  #isStopped = false;

  constructor(host: KafkaHost, env: Environment, spec: ConsumerSpec) {
    const { config } = spec;
    this.#host = host;
    this.#spec = spec;
    this.#validates = env.rules["consumer.position-validation"] === "on";
    this.#wake = new Signal(host);
    const wake = (): void => this.#wake.notify();
    const backoff = retryBackoff(env.rules, config, host.rng("consumer/backoff"));
    const metadata = new Metadata(env, spec.topics, ms(config["metadata.max.age.ms"]), backoff);
    const network = new NetworkClient(host, "consumer", config, MAX_IN_FLIGHT);
    this.#metadata = metadata;
    this.#network = network;
    network.onConnection(wake);
    this.#lookup = new OffsetLookup(host, config["auto.offset.reset"], {
      metadata,
      network,
      backoff,
      changed: wake,
    });
    this.#fetcher = new Fetcher(host, config, {
      metadata,
      network,
      lookup: this.#lookup,
      backoff,
      arrived: wake,
      skipsBatches: env.rules.mutant === "consumer-skips-batch",
    });
  }

  get positions(): readonly { partition: string; offset: Offset }[] {
    return this.#positions.map(({ partition, offset }) => ({ partition: partition.name, offset }));
  }

  stop(): void {
    this.#isStopped = true;
    this.#updater?.stop();
  }

  /** The application: poll, process, again. */
  *run(): Process {
    const { startUs, stopUs, processing, config } = this.#spec;
    if (startUs > this.#host.now) yield* this.#host.sleep(startUs - this.#host.now);
    this.#updater = new MetadataUpdater(this.#host, this.#metadata, this.#network, config, () =>
      this.#wake.notify(),
    );
    while (!this.#isStopped && this.#host.now < (stopUs ?? Number.POSITIVE_INFINITY)) {
      const records = yield* this.#poll();
      const busy = processing.timeUs * (processing.per === "record" ? records : 1);
      if (records > 0 && busy > 0) yield* this.#host.sleep(busy);
    }
    this.stop();
  }

  /** Records returned; 0 when none came in time. The next fetches are on their way before it returns. */
  *#poll(): Process<number> {
    const deadline = this.#host.now + POLL_TIMEOUT;
    for (;;) {
      this.#applyMetadata();
      const records = this.#fetcher.collect(this.#spec.config["max.poll.records"]);
      this.#applyMetadata();
      this.#lookup.askAll(this.#positions);
      this.#fetcher.sendFetches(this.#positions);
      if (records > 0) return records;
      const left = deadline - this.#host.now;
      if (left <= 0 || !(yield* this.#wake.waitAtMost(left))) return 0;
    }
  }

  /** Takes new partitions of its topics, and sends positions to be validated whose leader has changed. */
  #applyMetadata(): void {
    if (this.#metadataSeen === this.#metadata.version) return;
    this.#metadataSeen = this.#metadata.version;
    const held = new Set(this.#positions.map((position) => position.partition));
    const { index, of } = this.#spec.share;
    for (const topic of this.#spec.topics) {
      for (const { partition } of this.#metadata.partitionsOf(topic)) {
        if (partition.partition % of !== index || held.has(partition)) continue;
        this.#positions.push(new PartitionPosition(partition));
        this.#host.emit("consumer.assigned", { partition, position: -1 });
      }
    }
    for (const position of this.#positions) {
      const { partition } = position;
      const epoch = this.#metadata.leaderEpochOf(partition);
      position.learnLeader(this.#metadata.leaderOf(partition), epoch, this.#validates);
    }
  }
}
