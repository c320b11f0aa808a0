// How often poll() is called and how much of the time is spent in it (KafkaConsumerMetrics), told about once a second.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import { type Micros, ms } from "../../sim/kernel.ts";

const EVERY = ms(1000);

export class PollTimes {
  readonly #host: KafkaHost;
  /** undefined: poll() was never called. */
  #beganAt: Micros | undefined;
  #sinceLastUs: Micros = 0;
  #toldAt: Micros;
  #polls = 0;
  #betweenUs: Micros = 0;
  #longestBetweenUs: Micros = 0;
  #idleRatios = 0;

  constructor(host: KafkaHost) {
    this.#host = host;
    this.#toldAt = host.now;
  }

  /** recordPollStart */
  begin(): void {
    const { now } = this.#host;
    this.#sinceLastUs = this.#beganAt === undefined ? 0 : now - this.#beganAt;
    this.#beganAt = now;
  }

  /** recordPollEnd */
  end(): void {
    const { now } = this.#host;
    const between = this.#sinceLastUs;
    const tookUs = now - (this.#beganAt ?? now);
    this.#polls++;
    this.#betweenUs += between;
    if (between > this.#longestBetweenUs) this.#longestBetweenUs = between;
    if (tookUs > 0) this.#idleRatios += tookUs / (tookUs + between);
    if (now - this.#toldAt >= EVERY) this.#tell(now);
  }

  #tell(now: Micros): void {
    this.#host.emit("consumer.pollTimes", {
      polls: this.#polls,
      betweenUs: this.#betweenUs,
      longestBetweenUs: this.#longestBetweenUs,
      idleRatios: this.#idleRatios,
    });
    this.#toldAt = now;
    this.#polls = 0;
    this.#betweenUs = 0;
    this.#longestBetweenUs = 0;
    this.#idleRatios = 0;
  }
}
