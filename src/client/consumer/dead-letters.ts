// Where records go that cannot be processed (DeadLetterPublishingRecoverer): a topic, the same partition number, the origin in headers.
// A producer of its own with default settings. Left out: what the headers say, only their bytes count; the producer's failure, which an
// application would have to handle.
import { PRODUCER_CONFIG } from "../../protocol/config/producer.ts";
import { resolveConfig } from "../../protocol/config/row.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import { ms } from "../../sim/kernel.ts";
import { kafkaProducer, type ProducerProgram } from "../producer/program.ts";
import type { Polled } from "./completed-fetch.ts";

/** kafka_dlt-original-topic, -partition, -offset, -exception-message and their like. */
const HEADER_BYTES = 160;
/** How often the application looks whether the send has its outcome. */
const CHECK_INTERVAL = ms(1);

export class DeadLetters {
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #topic: string;
  #producer: ProducerProgram | undefined;

  constructor(host: KafkaHost, env: Environment, topic: string) {
    this.#host = host;
    this.#env = env;
    this.#topic = topic;
  }

  /** Sends one record and waits for its outcome. */
  *publish(record: Polled, name: string): Process {
    const producer = this.#producer ?? this.#open(record.recordBytes + HEADER_BYTES);
    producer.sendScripted([name], undefined, record.partition.partition);
    while (!producer.idle) yield* this.#host.sleep(CHECK_INTERVAL);
  }

  #open(sizeBytes: number): ProducerProgram {
    const config = resolveConfig(PRODUCER_CONFIG, this.#env.release);
    this.#producer = kafkaProducer(this.#host, this.#env, {
      name: this.#host.name,
      topic: this.#topic,
      records: { sizeBytes, keys: { kind: "none" } },
      load: undefined,
      startUs: this.#host.now,
      stopUs: undefined,
      config,
    });
    return this.#producer;
  }
}
