// What an application does with the records of a poll: takes its time, retries, gives up on poison, remembers what it has done, and commits.
// Patterns: at-least-once and at-most-once by where the commit stands, dead letter queue, idempotent consumer, offsets kept with the
// results, worker threads. Records count as processed at the end of their share of time, at once or not at all.

import type { Environment } from "../../protocol/environment.ts";
import type { CommittedOffset } from "../../protocol/group-apis.ts";
import type { KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { TopicPartition } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { Signal } from "../../sim/process.ts";
import type { Polled } from "./completed-fetch.ts";
import { Database, databaseOf } from "./database.ts";
import { DeadLetters } from "./dead-letters.ts";
import type { Committer, Processing } from "./processing.ts";

type Outcome = "done" | "deadLetter" | "skipped" | "duplicate";

/** Records that take less than this are finished together, as many as fit. */
const GRAIN = ms(1);

/** The least pause before a letter that was not taken is sent again. */
const LETTER_BACKOFF = ms(100);

export class Application {
  /** Time a record or a poll takes; may change while it runs. */
  timeUs: Micros;
  readonly #host: KafkaHost;
  readonly #env: Environment;
  readonly #processing: Processing;
  readonly #group: string;
  readonly #committer: Committer;
  readonly #database: Database;
  readonly #poison: ReadonlySet<string>;
  readonly #deadLetters: DeadLetters | undefined;
  readonly #handedOff: Polled[] = [];
  readonly #handOver: Signal;
  #isWorking = false;
  /** The last synchronous commit failed: what it was for is done and still to be committed. */
  owesCommit = false;

  constructor(
    host: KafkaHost,
    env: Environment,
    processing: Processing,
    group: string,
    committer: Committer,
  ) {
    this.#host = host;
    this.#env = env;
    this.#processing = processing;
    this.#group = group;
    this.#committer = committer;
    this.timeUs = processing.timeUs;
    const forgets = env.rules.mutant === "memory-of-the-process";
    this.#database = forgets ? new Database() : databaseOf(env, group);
    this.#poison = new Set(processing.poison ?? []);
    this.#deadLetters =
      processing.dlq === undefined ? undefined : new DeadLetters(host, env, processing.dlq);
    this.#handOver = new Signal(host);
    if (processing.handOff === true) host.spawn(this.#work());
  }

  /** Where a partition goes on by the application's own record; -1: it has none. */
  externalOffset(partition: TopicPartition): number {
    return this.#processing.externalOffsets === true ? this.#database.offsetOf(partition) : -1;
  }

  /** Everything between two polls. */
  *handle(polled: readonly Polled[]): Process {
    if (polled.length === 0) return yield* this.#commitWhatIsOwed();
    const { handOff, commitPer = "poll" } = this.#processing;
    const commit = this.#commit;
    const oncePerPoll = commitPer === "poll" || handOff === true;
    if (commit === "before" && oncePerPoll && !(yield* this.#committer.commitSync())) return;
    if (handOff === true) {
      this.#handedOff.push(...polled);
      this.#handOver.notify();
    } else yield* this.#process(polled);
    if (!oncePerPoll) return;
    if (commit === "sync") yield* this.#commitSync();
    if (commit === "async") this.#committer.commitAsync();
  }

  *#commitSync(offsets?: readonly CommittedOffset[]): Process<boolean> {
    const isCommitted = yield* this.#committer.commitSync(offsets);
    this.owesCommit = !isCommitted;
    return isCommitted;
  }

  /** RebalanceInProgressException: after it an application polls until the rebalance is complete, then commits: there may be no more records to do it with. */
  *#commitWhatIsOwed(): Process {
    if (this.owesCommit && this.#committer.isStable) yield* this.#commitSync();
  }

  /** Until the worker threads have nothing left. */
  *drain(): Process {
    while (this.#isWorking || this.#handedOff.length > 0) yield* this.#host.sleep(GRAIN);
  }

  get #commit(): Processing["commit"] {
    return this.#processing.externalOffsets === true ? "none" : (this.#processing.commit ?? "auto");
  }

  *#work(): Process {
    for (;;) {
      this.#isWorking = false;
      if (this.#handedOff.length === 0) yield* this.#handOver.wait();
      this.#isWorking = true;
      yield* this.#process(this.#handedOff.splice(0));
    }
  }

  *#process(polled: readonly Polled[]): Process {
    if (this.#processing.per === "poll" && this.timeUs > 0) yield* this.#host.sleep(this.timeUs);
    for (const batch of polled) {
      for (const piece of this.#pieces(batch)) {
        const name = piece.count === 1 ? this.#poisonName(piece) : undefined;
        if (name === undefined) yield* this.#range(piece);
        else yield* this.#fail(piece, name);
      }
    }
  }

  // Ranges

  /** Poisoned records stand alone. */
  #pieces(batch: Polled): readonly Polled[] {
    const names = this.#env.streams.at(batch.stream)?.names;
    if (this.#poison.size === 0 || names === undefined) return [batch];
    const pieces: Polled[] = [];
    let begun = 0;
    for (let i = 0; i < batch.count; i++) {
      if (this.#poisonName(part(batch, i, 1)) === undefined) continue;
      if (i > begun) pieces.push(part(batch, begun, i - begun));
      pieces.push(part(batch, i, 1));
      begun = i + 1;
    }
    if (begun < batch.count) pieces.push(part(batch, begun, batch.count - begun));
    return pieces;
  }

  #poisonName({ stream, firstNumber }: Polled): string | undefined {
    if (this.#poison.size === 0) return undefined;
    const name = this.#env.streams.at(stream)?.names?.get(firstNumber);
    return name !== undefined && this.#poison.has(name) ? name : undefined;
  }

  *#range(piece: Polled): Process {
    for (let at = 0; at < piece.count; ) {
      const rest = part(piece, at, piece.count - at);
      const known = this.#known(rest);
      if (known > 0) {
        this.#report(part(rest, 0, known), "duplicate");
        at += known;
        continue;
      }
      const chunk = part(rest, 0, this.#chunk(rest.count));
      at += chunk.count;
      if (!(yield* this.#commitRecord(chunk, "before"))) continue;
      if (this.#processing.per === "record" && this.timeUs > 0)
        yield* this.#host.sleep(this.timeUs * chunk.count);
      this.#finish(chunk, "done");
      yield* this.#commitRecord(chunk, "after");
    }
  }

  #chunk(count: number): number {
    if (this.#processing.commitPer === "record" && this.#commit !== "auto") return 1;
    if (this.#processing.per === "poll" || this.timeUs === 0) return count;
    return Math.min(count, Math.max(1, Math.floor(GRAIN / this.timeUs)));
  }

  /** False: the commit before the work failed, and the work is not begun. */
  *#commitRecord(record: Polled, when: "before" | "after"): Process<boolean> {
    if (this.#processing.commitPer !== "record" || this.#processing.handOff === true) return true;
    const { partition, baseOffset, count, leaderEpoch } = record;
    const offsets = [{ partition, offset: baseOffset + count, leaderEpoch, metadata: "" }];
    const commit = this.#commit;
    if (when === "before")
      return commit !== "before" || (yield* this.#committer.commitSync(offsets));
    if (commit === "sync") return yield* this.#commitSync(offsets);
    if (commit === "async") this.#committer.commitAsync(offsets);
    return true;
  }

  /** A record that fails every time: tried again, then published as a dead letter or passed over. */
  *#fail(record: Polled, name: string): Process {
    const { retries = 0, backoffUs = 0, per } = this.#processing;
    if (!(yield* this.#commitRecord(record, "before"))) return;
    for (let attempt = 0; attempt <= retries; attempt++) {
      if (attempt > 0 && backoffUs > 0) yield* this.#host.sleep(backoffUs);
      if (per === "record" && this.timeUs > 0) yield* this.#host.sleep(this.timeUs);
    }
    const letters = this.#deadLetters;
    while (letters !== undefined && !(yield* letters.publish(record, name, retries + 1))) {
      // Nobody has the record but Kafka: it is not done, and nothing behind it may be committed.
      if (this.#processing.dlqFailure === "stop") {
        this.#host.stop(false);
        // The rest of this life never happens.
        yield* this.#host.sleep(LETTER_BACKOFF);
      }
      yield* this.#host.sleep(Math.max(backoffUs, LETTER_BACKOFF));
    }
    this.#finish(record, letters === undefined ? "skipped" : "deadLetter");
    yield* this.#commitRecord(record, "after");
  }

  // Effects

  /** How many of the first records have had their effect already, by the application's own memory. */
  #known({ partition, baseOffset, stream, firstNumber, count }: Polled): number {
    if (this.#processing.externalOffsets === true)
      return Math.min(count, Math.max(0, this.#database.offsetOf(partition) - baseOffset));
    if (this.#processing.deduplicate !== true) return 0;
    const run = this.#database.run(stream, firstNumber, count);
    return run.isSeen ? run.count : 0;
  }

  /** One transaction: the effect, the memory of it, the offset. Another member may have been first. */
  #finish(chunk: Polled, outcome: Outcome): void {
    const { deduplicate, externalOffsets } = this.#processing;
    for (let at = 0; at < chunk.count; ) {
      const rest = part(chunk, at, chunk.count - at);
      const known = this.#known(rest);
      const { stream, firstNumber } = rest;
      const fresh =
        deduplicate === true && known === 0
          ? this.#database.run(stream, firstNumber, rest.count).count
          : rest.count;
      const range = part(rest, 0, known > 0 ? known : fresh);
      at += range.count;
      if (deduplicate === true) this.#database.insert(stream, firstNumber, range.count);
      this.#report(range, known > 0 ? "duplicate" : outcome);
      if (externalOffsets === true && known === 0) this.#keepOffset(range);
    }
  }

  #keepOffset({ partition, baseOffset, count }: Polled): void {
    const offset = baseOffset + count;
    this.#database.setOffset(partition, offset);
    const group = this.#group;
    this.#host.emit("consumer.committed", { partition, group, offset, how: "external" });
  }

  #report({ partition, stream, firstNumber, count, baseOffset }: Polled, outcome: Outcome): void {
    const range = { partition, stream, firstNumber, count, baseOffset, outcome };
    this.#host.emit("consumer.processed", range);
  }
}

function part(piece: Polled, from: number, count: number): Polled {
  if (from === 0 && count === piece.count) return piece;
  const { baseOffset, firstNumber } = piece;
  return { ...piece, baseOffset: baseOffset + from, firstNumber: firstNumber + from, count };
}
