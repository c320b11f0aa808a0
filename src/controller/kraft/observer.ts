// A broker's copy of the metadata: it fetches the metadata log as an observer of the quorum and applies what is committed.
// The truth: KafkaRaftClient (observer), MetadataLoader, BrokerMetadataPublisher.
// Left out: the broker's own copy of the log on disk; a broker fetches everything anew when it starts.
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { ControlledBroker, MetadataChange } from "../../protocol/roles.ts";
import type {
  MetadataBatch,
  MetadataRecord,
  Offset,
  TopicPartition,
} from "../../protocol/types.ts";
import { ms } from "../../sim/kernel.ts";
import type { Rng } from "../../sim/rng.ts";
import { changesImage, type Fact, MetadataImage } from "../state.ts";
import { endOf, MetadataLog, memoryStore } from "./raft/log.ts";
import { ANONYMOUS_OBSERVER, LogFetcher } from "./raft/log-fetcher.ts";

export class MetadataObserver {
  readonly image = new MetadataImage();
  readonly #host: KafkaHost;
  readonly #voters: readonly number[];
  /** Planted bug: records that are passed over. */
  readonly #overlooked: ((batches: readonly MetadataBatch[]) => Overlooked) | undefined;
  readonly #rng: Rng;
  readonly #log = new MetadataLog(memoryStore());
  readonly #fetcher: LogFetcher;
  #broker: ControlledBroker | undefined;
  #epoch = 0;
  #leaderId = -1;
  /** The leader did not answer: any voter may know another. */
  #asksAnybody = false;
  /** Until the log has been read up to the first high watermark it saw, nothing is published. */
  #caughtUp = false;
  #highWatermark: Offset = -1;
  /** The last record that should have changed the image, and the last that the trace has heard of. */
  #changedAt: Offset = -1;
  #toldOf: Offset = -1;

  constructor(host: KafkaHost, env: Environment, config: BrokerConfig) {
    this.#host = host;
    this.#voters = env.voters;
    this.#overlooked = OVERLOOKING[env.rules.mutant];
    this.#rng = host.rng("observer");
    this.#fetcher = new LogFetcher(host, {
      log: this.#log,
      // On a combined node the voter fetches for itself: what this log holds in memory is no voter's promise.
      replicaId: env.voters.includes(host.id) ? ANONYMOUS_OBSERVER : host.id,
      rules: env.rules,
      knownHighWatermark: () => this.#highWatermark,
      requestTimeout: ms(config["controller.quorum.request.timeout.ms"]),
      retryBackoff: ms(config["controller.quorum.retry.backoff.ms"]),
      target: () => ({ node: this.#target(), epoch: this.#epoch }),
      unreachable: () => {
        this.#asksAnybody = true;
      },
      accepts: ({ error, leaderId, leaderEpoch }) => {
        this.#heardOf(leaderEpoch, leaderId);
        return error === "NONE";
      },
      truncated: () => undefined,
      append: (batches, done) => {
        for (const batch of batches) this.#log.append(batch);
        done();
      },
      highWatermark: (leaders) => this.#apply(leaders),
    });
  }

  /** The active controller as this broker knows it, -1 unknown. */
  get leaderId(): number {
    return this.#leaderId;
  }

  /** Offset of the last record applied. */
  get appliedOffset(): Offset {
    return this.#caughtUp ? this.image.offset : -1;
  }

  start(broker: ControlledBroker): void {
    this.#broker = broker;
    this.#fetcher.start();
  }

  #target(): number {
    if (this.#leaderId >= 0 && !this.#asksAnybody) return this.#leaderId;
    return this.#rng.pick(this.#voters);
  }

  #heardOf(epoch: number, leaderId: number): void {
    if (epoch < this.#epoch) return;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#leaderId = -1;
    }
    if (leaderId < 0) return;
    this.#leaderId = leaderId;
    this.#asksAnybody = false;
  }

  #apply(highWatermark: Offset): void {
    this.#highWatermark = Math.max(this.#highWatermark, highWatermark);
    const changes: MetadataChange[] = [];
    const batches = this.#log.read(this.image.offset + 1, highWatermark);
    const overlooked = this.#caughtUp ? this.#overlooked?.(batches) : undefined;
    for (const batch of batches) {
      if (endOf(batch) > highWatermark) break;
      batch.records.forEach((record, index) => {
        const isApplied = overlooked?.has(record) !== true;
        const applied: MetadataRecord = isApplied ? record : { type: "NoOp" };
        const fact = this.image.replay(applied, batch.baseOffset + index);
        if (fact !== undefined) changes.push(...changesOf(fact));
      });
      if (changesImage(batch)) this.#changedAt = this.image.offset;
    }
    const isFirst = !this.#caughtUp;
    if (isFirst && (highWatermark < 0 || this.image.offset + 1 < highWatermark)) return;
    this.#caughtUp = true;
    this.#tell();
    if (isFirst) this.#broker?.apply(wholeImage(this.image), this.image);
    else if (changes.length > 0) this.#broker?.apply(changes, this.image);
  }

  #tell(): void {
    const offset = this.#changedAt;
    if (offset <= this.#toldOf) return;
    this.#toldOf = offset;
    this.#host.note("metadata.applied", { by: "broker", offset, digest: this.image.digest });
  }
}

type Overlooked = ReadonlySet<MetadataRecord>;

const OVERLOOKING: Readonly<Record<string, (batches: readonly MetadataBatch[]) => Overlooked>> = {
  "metadata-changes-coalesced": overtaken,
  "config-changes-overlooked": (batches) =>
    new Set(batches.flatMap(({ records }) => records.filter(({ type }) => type === "Config"))),
};

/** Changes of partitions that a later one of the same batches changes again. */
function overtaken(batches: readonly MetadataBatch[]): Overlooked {
  const last = new Map<TopicPartition, MetadataRecord>();
  const found = new Set<MetadataRecord>();
  for (const record of batches.flatMap(({ records }) => records)) {
    if (record.type !== "PartitionChange") continue;
    const before = last.get(record.partition);
    if (before !== undefined) found.add(before);
    last.set(record.partition, record);
  }
  return found;
}

function changesOf(fact: Fact): MetadataChange[] {
  switch (fact.kind) {
    case "broker":
      return [{ kind: "broker", registration: fact.after }];
    case "partition":
      return [{ kind: "partition", registration: fact.after, topicConfig: fact.topic.config }];
    case "topicDeleted":
      return fact.topic.partitions.map(({ partition }) => ({
        kind: "partitionDeleted",
        partition,
      }));
    case "config":
      return fact.resource.type === "topic"
        ? [{ kind: "topicConfig", topic: fact.resource.topic, topicConfig: fact.settings }]
        : [{ kind: "brokerConfig", broker: fact.resource.broker, settings: fact.settings }];
    case "topicCreated":
      return [];
  }
}

function wholeImage(image: MetadataImage): MetadataChange[] {
  const changes: MetadataChange[] = [];
  for (const [broker, settings] of image.brokerConfigs)
    changes.push({ kind: "brokerConfig", broker, settings });
  for (const registration of image.brokers.values()) changes.push({ kind: "broker", registration });
  for (const { partitions, config } of image.topics.values()) {
    for (const registration of partitions) {
      changes.push({ kind: "partition", registration, topicConfig: config });
    }
  }
  return changes;
}
