// What runs on a producer's machine: the parts of a KafkaProducer put together, and the load that an application puts on it.
import type { RecordShape } from "../../protocol/batch-size.ts";
import type { ProducerConfig } from "../../protocol/config/producer.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { NO_LEADER } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { retryBackoff } from "../backoff.ts";
import { KeySource, type KeySpec } from "../keys.ts";
import { LoadSchedule, type LoadSpec } from "../load.ts";
import { Metadata } from "../metadata.ts";
import { MetadataUpdater } from "../metadata-updater.ts";
import { utf8 } from "../murmur2.ts";
import { NetworkClient } from "../network-client.ts";
import { RecordAccumulator } from "./accumulator.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Idempotence } from "./idempotence.ts";
import { partitionerFor, type TopicView } from "./partitioner.ts";
import { Producer } from "./producer.ts";
import { Sender } from "./sender.ts";

export interface ProducerSpec {
  readonly name: string;
  readonly topic: string;
  readonly records: { readonly sizeBytes: number; readonly keys: KeySpec };
  readonly load: LoadSpec | undefined;
  readonly startUs: Micros;
  readonly stopUs: Micros | undefined;
  readonly config: ProducerConfig;
}

export interface ProducerProgram {
  /** Everything sent has its outcome. */
  readonly idle: boolean;
  /** No more generated records; scripted ones may still come. */
  stopLoad(): void;
  /** Another constant rate from now on; undefined: what the load's own schedule has from now on. */
  setRate(perSecond: number | undefined): void;
  sendScripted(names: readonly string[], key?: string, partition?: number): void;
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
  const producer = assemble(host, env, spec);
  const { sizeBytes } = spec.records;
  const load =
    spec.load === undefined ? undefined : new GeneratedLoad(host, spec, spec.load, producer);
  return {
    get idle() {
      return producer.isIdle;
    },
    stopLoad: () => load?.stop(),
    setRate: (perSecond) => load?.setRate(perSecond),
    sendScripted: (names, key, partition) => {
      const keyBytes = key === undefined ? -1 : utf8(key).length;
      const shape: RecordShape = { keyBytes, valueBytes: sizeBytes };
      producer.send({ count: names.length, names, shape, key, partition });
    },
  };
}

function assemble(host: KafkaHost, env: Environment, spec: ProducerSpec): Producer {
  const { config, topic } = spec;
  const backoff = retryBackoff(env.rules, config, host.rng("producer/backoff"));
  const metadata = new Metadata(env, [topic], ms(config["metadata.max.age.ms"]), backoff);
  const maxInFlight = config["max.in.flight.requests.per.connection"];
  const network = new NetworkClient(host, "producer", config, maxInFlight);
  const pool = new BufferPool(config["buffer.memory"]);
  const rng = host.rng("producer/partitioner");
  const partitioner = partitionerFor(env.rules, config, topicView(metadata, topic), rng);
  const idempotence = config["enable.idempotence"] ? new Idempotence() : undefined;
  const accumulator = new RecordAccumulator(topic, config, {
    metadata,
    pool,
    partitioner,
    retryBackoff: backoff,
    idempotence,
  });
  const sender = new Sender(host, config, { accumulator, metadata, network, idempotence });
  const producer = new Producer(host, env, topic, config, {
    accumulator,
    metadata,
    partitioner,
    pool,
    sender,
  });
  new MetadataUpdater(host, metadata, network, config, () => {
    producer.pump();
    sender.wakeup();
  });
  return producer;
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
  readonly #producer: Producer;
  readonly #planned: LoadSchedule;
  #schedule: LoadSchedule;
  #timer: { cancel(): void } | undefined;
  readonly #stopUs: Micros;
  readonly #keys: KeySource | undefined;
  readonly #shape: RecordShape;
  readonly #chunkUs: Micros;
  #arrived: number;
  #isStopped = false;

  constructor(host: KafkaHost, spec: ProducerSpec, load: LoadSpec, producer: Producer) {
    const { keys, sizeBytes } = spec.records;
    this.#host = host;
    this.#producer = producer;
    this.#planned = new LoadSchedule(load, spec.startUs);
    this.#schedule = this.#planned;
    this.#stopUs = spec.stopUs ?? Number.POSITIVE_INFINITY;
    this.#chunkUs = chunkUs(spec.config["linger.ms"]);
    this.#keys = keys.kind === "none" ? undefined : new KeySource(keys, host.rng("producer/keys"));
    this.#shape = { keyBytes: this.#keys?.keyBytes ?? -1, valueBytes: sizeBytes };
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
    if (count > 0) this.#producer.send({ count, shape: this.#shape, keys: this.#keys });
  }
}
