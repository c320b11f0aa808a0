// What runs on a producer's machine: the parts of a KafkaProducer put together, and the load that an application puts on it.
import type { RecordShape } from "../../protocol/batch-size.ts";
import {
  type Compressibility,
  type Compression,
  compressionOf,
  compressUs,
} from "../../protocol/compression.ts";
import type { ProducerConfig } from "../../protocol/config/producer.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { utf8 } from "../../protocol/murmur2.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { retryBackoff } from "../backoff.ts";
import { KeySource, type KeySpec } from "../keys.ts";
import { LoadSchedule, type LoadSpec } from "../load.ts";
import { Metadata } from "../metadata.ts";
import { MetadataUpdater } from "../metadata-updater.ts";
import { NetworkClient } from "../network-client.ts";
import { RecordAccumulator } from "./accumulator.ts";
import { ApplicationThread } from "./application-thread.ts";
import { BatchCompressor } from "./batch-compressor.ts";
import { BufferPool } from "./buffer-pool.ts";
import { CompressionRatioEstimator } from "./compression-ratio-estimator.ts";
import { Idempotence } from "./idempotence.ts";
import { ignoresKeys, partitionerFor, roundRobin, type TopicView } from "./partitioner.ts";
import { Producer, type Sending } from "./producer.ts";
import { type RegionPartitionerSpec, regionRouting } from "./region-partitioner.ts";
import { Sender } from "./sender.ts";
import { SenderThread } from "./sender-thread.ts";

export interface ProducerSpec {
  readonly name: string;
  readonly topic: string;
  readonly records: {
    readonly sizeBytes: number;
    readonly keys: KeySpec;
    /** undefined: as of JSON. */
    readonly compressibility?: Compressibility | undefined;
  };
  /** Time a record: before send() on the application's thread, and on the sender's when it has its outcome. */
  readonly costs?: SendCosts | undefined;
  readonly partitioner?: RegionPartitionerSpec | undefined;
  readonly load: LoadSpec | undefined;
  readonly startUs: Micros;
  readonly stopUs: Micros | undefined;
  readonly config: ProducerConfig;
}

export interface SendCosts {
  readonly onSendUs: Micros;
  readonly serializersUs: Micros;
  readonly onAcknowledgementUs: Micros;
}

/** Where scripted records differ from the producer's others. */
export interface OwnShape {
  readonly sizeBytes?: number | undefined;
  readonly compressibility?: Compressibility | undefined;
}

export interface ProducerProgram {
  /** Everything sent has its outcome. */
  readonly idle: boolean;
  /** Records that were not acknowledged and never will be. */
  readonly givenUp: number;
  /** No more generated records; scripted ones may still come. */
  stopLoad(): void;
  /** Another constant rate from now on; undefined: what the load's own schedule has from now on. */
  setRate(perSecond: number | undefined): void;
  sendScripted(names: readonly string[], key?: string, partition?: number, own?: OwnShape): void;
}

/** Generated load comes in chunks: what arrives within this time is sent together. Long ones only where a batch waits for more anyway. */
const LEAST_CHUNK_MS = 1;
const LARGEST_CHUNK_MS = 5;

const chunkUs = (lingerMs: number): Micros =>
  ms(Math.min(Math.max(lingerMs / 2, LEAST_CHUNK_MS), LARGEST_CHUNK_MS));

export function kafkaProducer(
  host: KafkaHost,
  env: Environment,
  spec: ProducerSpec,
): ProducerProgram {
  const { producer, application } = assemble(host, env, spec);
  const { records } = spec;
  const send = (sending: Sending): void => {
    if (application === undefined) producer.send(sending);
    else application.send(sending);
  };
  const load = spec.load === undefined ? undefined : new GeneratedLoad(host, spec, spec.load, send);
  return {
    get idle() {
      return producer.isIdle && application?.isIdle !== false;
    },
    get givenUp() {
      return producer.givenUp;
    },
    stopLoad: () => {
      load?.stop();
      application?.stopLoad();
    },
    setRate: (perSecond) => load?.setRate(perSecond),
    sendScripted: (names, key, partition, own = {}) => {
      const shape: RecordShape = {
        keyBytes: key === undefined ? -1 : utf8(key).length,
        valueBytes: own.sizeBytes ?? records.sizeBytes,
        compressibility: own.compressibility ?? records.compressibility,
      };
      send({ count: names.length, names, shape, key, partition });
    },
  };
}

interface Assembled {
  readonly producer: Producer;
  /** undefined: send() takes no time. */
  readonly application: ApplicationThread | undefined;
}

function assemble(host: KafkaHost, env: Environment, spec: ProducerSpec): Assembled {
  const { config, topic } = spec;
  const backoff = retryBackoff(env.rules, config, host.rng("producer/backoff"));
  const metadata = new Metadata(env, [topic], ms(config["metadata.max.age.ms"]), backoff);
  const maxInFlight = config["max.in.flight.requests.per.connection"];
  const network = new NetworkClient(host, "producer", config, maxInFlight);
  const pool = new BufferPool(config["buffer.memory"]);
  const rng = host.rng("producer/partitioner");
  const view = topicView(metadata, topic);
  const partitioner =
    spec.partitioner === undefined
      ? partitionerFor(env.rules, config, view, rng)
      : roundRobin(view, 0, false);
  const idempotence = config["enable.idempotence"] ? new Idempotence() : undefined;
  const compression = compressionOf(config["compression.type"], config);
  const accumulator = new RecordAccumulator(topic, config, {
    metadata,
    pool,
    partitioner,
    retryBackoff: backoff,
    idempotence,
    compressor: compressorFor(compression),
    splitsInHalves: env.rules["producer.batch-split"] === "halves",
  });
  const thread = senderThreadFor(host, spec.costs, compression);
  const sender = new Sender(host, config, {
    accumulator,
    metadata,
    network,
    idempotence,
    thread,
    forgetsAttempts: env.rules.mutant === "forgets-attempts",
    forgetsBatches: env.rules.mutant === "producer-forgets-batch",
  });
  const producer = new Producer(host, env, topic, config, {
    accumulator,
    metadata,
    partitioner,
    pool,
    sender,
    ignoresKeys: spec.partitioner === undefined && ignoresKeys(config),
    keyRouting: spec.partitioner && regionRouting(spec.partitioner, metadata, topic),
  });
  new MetadataUpdater(host, metadata, network, config, () => {
    const partitions = metadata.partitionsOf(topic).length;
    host.emit("producer.metadataUpdated", { topic, partitions });
    producer.pump();
    sender.wakeup();
  });
  return { producer, application: applicationFor(host, producer, spec, compression) };
}

function compressorFor(compression: Compression | undefined): (() => BatchCompressor) | undefined {
  if (compression === undefined) return undefined;
  const estimator = new CompressionRatioEstimator();
  return () => new BatchCompressor(compression, estimator);
}

function senderThreadFor(
  host: KafkaHost,
  costs: SendCosts | undefined,
  compression: Compression | undefined,
): SenderThread | undefined {
  const perRecord = costs?.onAcknowledgementUs ?? 0;
  if (perRecord === 0 && compression === undefined) return undefined;
  return new SenderThread(host, perRecord);
}

function applicationFor(
  host: KafkaHost,
  producer: Producer,
  { costs, records }: ProducerSpec,
  compression: Compression | undefined,
): ApplicationThread | undefined {
  const perRecord = (costs?.onSendUs ?? 0) + (costs?.serializersUs ?? 0);
  if (perRecord === 0 && compression === undefined) return undefined;
  const codecUs = compression === undefined ? 0 : compressUs(compression, records.sizeBytes);
  return new ApplicationThread(host, producer, perRecord, codecUs);
}

/** The topic as the partitioner sees it, computed once per change of the metadata. */
function topicView(metadata: Metadata, topic: string): TopicView {
  let version = -1;
  let available: readonly number[] = [];
  return {
    get partitionCount() {
      return metadata.partitionsOf(topic).length;
    },
    get available() {
      if (version !== metadata.version) {
        version = metadata.version;
        available = metadata
          .partitionsOf(topic)
          .filter((known) => known.leader !== NO_LEADER)
          .map((known) => known.partition.partition);
      }
      return available;
    },
  };
}

/** Sends what arrives by the schedule, a chunk at a time. What would have arrived while the machine was down never does. */
class GeneratedLoad {
  readonly #host: KafkaHost;
  readonly #send: (sending: Sending) => void;
  readonly #planned: LoadSchedule;
  #schedule: LoadSchedule;
  #timer: { cancel(): void } | undefined;
  readonly #stopUs: Micros;
  readonly #keys: KeySource | undefined;
  readonly #shape: RecordShape;
  readonly #chunkUs: Micros;
  #arrived: number;
  #isStopped = false;

  constructor(
    host: KafkaHost,
    spec: ProducerSpec,
    load: LoadSpec,
    send: (sending: Sending) => void,
  ) {
    const { keys, sizeBytes, compressibility } = spec.records;
    this.#host = host;
    this.#send = send;
    this.#planned = new LoadSchedule(load, spec.startUs);
    this.#schedule = this.#planned;
    this.#stopUs = spec.stopUs ?? Number.POSITIVE_INFINITY;
    this.#chunkUs = chunkUs(spec.config["linger.ms"]);
    this.#keys = keys.kind === "none" ? undefined : new KeySource(keys, host.rng("producer/keys"));
    const keyBytes = this.#keys?.keyBytes ?? -1;
    this.#shape = { keyBytes, valueBytes: sizeBytes, compressibility };
    const isFirstLife = host.incarnation <= 1;
    this.#arrived = isFirstLife ? 0 : this.#schedule.arrivedBy(host.now);
    this.#arm(host.now);
  }

  /** What has arrived by now is still sent. */
  stop(): void {
    if (!this.#isStopped) this.#sendArrived();
    this.#isStopped = true;
  }

  setRate(perSecond: number | undefined): void {
    if (this.#isStopped) return;
    this.#sendArrived();
    const { now } = this.#host;
    const rate = perSecond ?? 0;
    const stage = { durationUs: undefined, fromPerSecond: rate, toPerSecond: rate };
    const constant = { stages: [stage], total: undefined };
    this.#schedule = perSecond === undefined ? this.#planned : new LoadSchedule(constant, now);
    this.#arrived = this.#schedule.arrivedBy(now);
    this.#timer?.cancel();
    this.#arm(now);
  }

  #arm(notBefore: Micros): void {
    const next = this.#schedule.nextArrival(this.#arrived, notBefore);
    if (next === undefined) return;
    // The last chunk ends with the load, whole or not.
    const at = Math.min(next, this.#stopUs);
    const isCut = at < next && this.#schedule.arrivedBy(at) <= this.#arrived;
    if (at >= this.#host.now && !isCut)
      this.#timer = this.#host.after(at - this.#host.now, this.#chunk);
  }

  readonly #chunk = (): void => {
    if (this.#isStopped) return;
    // The application sends because it wants to, not because it has sent before.
    this.#host.kernel.cause = 0;
    this.#sendArrived();
    this.#arm(this.#host.now + this.#chunkUs);
  };

  #sendArrived(): void {
    const arrived = this.#schedule.arrivedBy(Math.min(this.#host.now, this.#stopUs));
    const count = arrived - this.#arrived;
    this.#arrived = arrived;
    if (count > 0) this.#send({ count, shape: this.#shape, keys: this.#keys });
  }
}
