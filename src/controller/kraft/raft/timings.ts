// How long a voter waits, from controller.quorum.* (QuorumConfig). The truth for the random ones: KafkaRaftClient, QuorumState.
import type { BrokerConfig } from "../../../protocol/config/broker.ts";
import { type Micros, ms } from "../../../sim/kernel.ts";
import type { Rng } from "../../../sim/rng.ts";

/** RETRY_BACKOFF_BASE_MS of lost elections. */
const ELECTION_BACKOFF_BASE_MS = 100;

export class RaftTimings {
  readonly #config: BrokerConfig;
  readonly #rng: Rng;

  constructor(config: BrokerConfig, rng: Rng) {
    this.#config = config;
    this.#rng = rng;
  }

  get fetchTimeout(): Micros {
    return ms(this.#config["controller.quorum.fetch.timeout.ms"]);
  }

  get checkQuorumTimeout(): Micros {
    return Math.floor(this.fetchTimeout * 1.5);
  }

  get requestTimeout(): Micros {
    return ms(this.#config["controller.quorum.request.timeout.ms"]);
  }

  get retryBackoff(): Micros {
    return ms(this.#config["controller.quorum.retry.backoff.ms"]);
  }

  get appendLinger(): Micros {
    return ms(this.#config["controller.quorum.append.linger.ms"]);
  }

  /** Drawn between one and two times the setting. */
  electionTimeout(): Micros {
    const base = ms(this.#config["controller.quorum.election.timeout.ms"]);
    return base + this.#rng.integer(0, Math.max(0, base - 1));
  }

  /** After the `retries`-th lost election in a row. */
  electionBackoff(retries: number): Micros {
    const slots = 2 << Math.min(20, retries - 1);
    const drawn = ELECTION_BACKOFF_BASE_MS * this.#rng.integer(0, slots - 1);
    return ms(Math.min(drawn, this.#config["controller.quorum.election.backoff.max.ms"]));
  }

  /** How long a voter in this place among the successors of a leader that resigned lets the others go first. */
  successionDelay(position: number, successors: number): Micros {
    if (position === 0 || successors === 0) return 0;
    const max = this.#config["controller.quorum.election.backoff.max.ms"];
    const base = max >> (successors - 1);
    // Who is not among them comes last.
    const place = position < 0 ? successors : position;
    return ms(Math.min(max, base << (place - 1)));
  }
}
