// Where records go that cannot be processed (DeadLetterPublishingRecoverer): a topic, the same partition number, origin and error in headers.
// A producer of its own with default settings, whose answer the application waits for. Left out: the record's own headers.
import { PRODUCER_CONFIG } from "../../protocol/config/producer.ts";
import { resolveConfig } from "../../protocol/config/row.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import { ms } from "../../sim/kernel.ts";
import { kafkaProducer, type ProducerProgram } from "../producer/program.ts";
import type { Polled } from "./completed-fetch.ts";

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

  /** Sends one record and waits for its outcome; false: it is not in the dead letter topic, as far as anybody knows. */
  *publish(record: Polled, name: string, attempts: number): Process<boolean> {
    const { partition, baseOffset: offset, stream, firstNumber: number } = record;
    const headers = headersOf(record, name, attempts);
    const producer = this.#producer ?? this.#open(record.recordBytes + headers.length);
    const before = producer.givenUp;
    producer.sendScripted([name], undefined, partition.partition);
    while (!producer.idle) yield* this.#host.sleep(CHECK_INTERVAL);
    const ok = producer.givenUp === before;
    const letter = { partition, offset, stream, number, topic: this.#topic, headers, ok };
    this.#host.emit("consumer.deadLettered", letter);
    return ok;
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

function headersOf({ partition, baseOffset }: Polled, name: string, attempts: number): string {
  const headers = {
    "original-topic": partition.topic,
    "original-partition": partition.partition,
    "original-offset": baseOffset,
    "exception-message": `${name} failed ${attempts} times`,
  };
  return Object.entries(headers)
    .map(([header, value]) => `kafka_dlt-${header}=${value}`)
    .join(", ");
}
