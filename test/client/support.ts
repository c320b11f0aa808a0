// A world of one client and scripted brokers: each keeps one log a partition and answers as the test tells it to.
import type { ProduceRequest, Request, Response } from "../../src/protocol/apis.ts";
import { CONSUMER_CONFIG, type ConsumerConfig } from "../../src/protocol/config/consumer.ts";
import { PRODUCER_CONFIG, type ProducerConfig } from "../../src/protocol/config/producer.ts";
import { resolveConfig, type Settings } from "../../src/protocol/config/row.ts";
import { type Environment, environment } from "../../src/protocol/environment.ts";
import type { ErrorName } from "../../src/protocol/errors.ts";
import type { EventName, KafkaEvent, TraceEvent } from "../../src/protocol/events.ts";
import {
  type Call,
  type KafkaHost,
  type KafkaWorld,
  kafkaWorld,
} from "../../src/protocol/kafka-host.ts";
import { type Rules, rulesFor } from "../../src/protocol/releases.ts";
import type { RecordBatch, TopicPartition } from "../../src/protocol/types.ts";
import { ms } from "../../src/sim/kernel.ts";

const DISK = { writeBytesPerSecond: 1e9, readBytesPerSecond: 1e9, fsyncUs: 1000 };
const NETWORK = {
  latencyUs: 500,
  jitterUs: 0,
  interRackLatencyUs: 0,
  bandwidthBytesPerSecond: 1e10,
};

export interface Partition {
  readonly partition: TopicPartition;
  leader: number;
  leaderEpoch: number;
  logStartOffset: number;
  batches: RecordBatch[];
  /** Where the metadata has its replicas. */
  replicas: number[];
}

export interface Arrival {
  readonly at: number;
  readonly broker: number;
  readonly request: ProduceRequest;
}

type Produced = {
  error: ErrorName;
  append?: boolean;
  currentLeader?: number;
  currentLeaderEpoch?: number;
};

export class Lab {
  readonly world: KafkaWorld;
  readonly env: Environment;
  readonly client: KafkaHost;
  readonly brokers: KafkaHost[] = [];
  readonly partitions: Partition[] = [];
  readonly events: TraceEvent[] = [];
  readonly produces: Arrival[] = [];
  readonly fetches: { at: number; broker: number; request: Request<"Fetch"> }[] = [];
  readonly epochs: { at: number; broker: number; request: Request<"OffsetForLeaderEpoch"> }[] = [];
  metadataRequests = 0;
  /** Time a broker takes to answer a produce. */
  produceDelay = 0;
  /** What a broker answers to a produce of a partition; undefined: no answer at all. */
  onProduce: (partition: Partition, nth: number, broker: number) => Produced | undefined = () => ({
    error: "NONE",
  });
  /** What a broker answers when asked for a producer id. */
  onInitProducerId: (nth: number) => ErrorName = () => "NONE";
  producerIdRequests = 0;
  onFetch: (partition: Partition) => ErrorName | undefined = () => undefined;
  onListOffsets: () => ErrorName = () => "NONE";
  onEpoch:
    | ((
        partition: Partition,
        epoch: number,
      ) => { error: ErrorName; leaderEpoch: number; endOffset: number })
    | undefined;
  /** How long brokers take to tell the end of an epoch. */
  readonly epochDelays = new Map<number, number>();
  /** What the metadata has of a partition, where that is not the truth. */
  onMetadata: (partition: Partition) => { leader: number; leaderEpoch: number } = (truth) => truth;
  /** Brokers that the metadata does not have (they go on answering). */
  readonly fenced = new Set<number>();
  topicExists = true;
  /** broker.rack by broker, from the first one on. */
  racks: readonly string[] = [];
  hasLeaders = true;

  constructor(
    options: {
      brokers?: number;
      partitions?: number;
      rules?: Partial<Rules>;
      seed?: string;
      /** Of the client's machine. */
      rack?: string | undefined;
    } = {},
  ) {
    const ids = Array.from({ length: options.brokers ?? 1 }, (_, i) => i + 1);
    this.world = kafkaWorld({ kernel: { seed: options.seed ?? "client" }, network: NETWORK });
    this.env = environment({
      release: "4.1",
      rules: rulesFor("4.1", options.rules),
      voters: [],
      brokers: ids,
    });
    this.world.trace.onAny((event) => void this.events.push(event));
    for (let p = 0; p < (options.partitions ?? 1); p++)
      this.addPartition(ids[p % ids.length] as number);
    for (const id of ids) this.brokers.push(this.#broker(id));
    this.client = this.world.addHost({ id: 100, name: "client", disk: DISK, rack: options.rack });
  }

  addPartition(leader: number): Partition {
    const partition = this.env.partitions.of("t", this.partitions.length);
    const added: Partition = {
      partition,
      leader,
      leaderEpoch: 0,
      logStartOffset: 0,
      batches: [],
      replicas: [],
    };
    this.partitions.push(added);
    return added;
  }

  /** Installs and starts the client's program. */
  start<T>(program: (host: KafkaHost) => T): T {
    let started: T | undefined;
    this.client.install((host) => {
      started = program(host as KafkaHost);
    });
    this.client.boot();
    return started as T;
  }

  run(untilMs: number): void {
    this.world.kernel.run(ms(untilMs));
  }

  of<K extends EventName>(type: K): KafkaEvent<K>[] {
    return this.events.filter((event) => event.type === type) as KafkaEvent<K>[];
  }

  /** Fills a log without a producer: batches of `count` records in the given epochs. */
  fill(index: number, count: number, epochs: readonly number[]): void {
    const log = this.partitions[index] as Partition;
    for (const leaderEpoch of epochs)
      this.append(log, { ...EMPTY, count, firstNumber: endOf(log) }, leaderEpoch);
  }

  append(
    log: Partition,
    batch: Omit<RecordBatch, "baseOffset" | "leaderEpoch">,
    leaderEpoch: number,
  ): number {
    const baseOffset = endOf(log);
    log.batches.push({ ...batch, baseOffset, leaderEpoch });
    return baseOffset;
  }

  #broker(id: number): KafkaHost {
    const host = this.world.addHost({ id, name: `broker-${id}`, disk: DISK });
    host.install((self) => {
      self.serve({
        Metadata: (_request, call) => call.reply(this.#metadata()),
        InitProducerId: (_request, call) => {
          const error = this.onInitProducerId(this.producerIdRequests++);
          const isGranted = error === "NONE";
          const producerId = isGranted ? 1000 + this.producerIdRequests : -1;
          call.reply({ error, producerId, producerEpoch: isGranted ? 0 : -1 });
        },
        Produce: (request, call) => this.#produce(id, request, call),
        Fetch: (request, call) => this.#fetch(id, request, call),
        ListOffsets: (request, call) => call.reply(this.#listOffsets(id, request)),
        OffsetForLeaderEpoch: (request, call) => {
          this.epochs.push({ at: this.world.kernel.now, broker: id, request });
          const response = this.#epochs(request);
          this.world.kernel.after(this.epochDelays.get(id) ?? 0, () => call.reply(response));
        },
      });
    });
    host.boot();
    return host;
  }

  #log(partition: TopicPartition): Partition {
    return this.partitions[partition.partition] as Partition;
  }

  #metadata(): Response<"Metadata"> {
    this.metadataRequests++;
    const partitions = this.partitions.map((log) => ({
      partition: log.partition,
      error: this.hasLeaders ? ("NONE" as const) : ("LEADER_NOT_AVAILABLE" as const),
      leader: this.hasLeaders ? this.onMetadata(log).leader : -1,
      leaderEpoch: this.onMetadata(log).leaderEpoch,
      replicas: log.replicas,
      isr: [],
      offlineReplicas: [],
    }));
    return {
      brokers: this.env.brokers
        .filter((id) => !this.fenced.has(id))
        .map((id) => ({ id, rack: this.racks[id - 1] })),
      controllerId: 1,
      topics: this.topicExists
        ? [{ name: "t", error: "NONE", partitions }]
        : [{ name: "t", error: "UNKNOWN_TOPIC_OR_PARTITION", partitions: [] }],
    };
  }

  #produce(id: number, request: ProduceRequest, call: Call<"Produce">): void {
    const nth = this.produces.length;
    this.produces.push({ at: this.world.kernel.now, broker: id, request });
    const partitions: Response<"Produce">["partitions"][number][] = [];
    for (const { partition, batch } of request.batches) {
      const log = this.#log(partition);
      const answer: Produced | undefined =
        log.leader === id ? this.onProduce(log, nth, id) : { error: "NOT_LEADER_OR_FOLLOWER" };
      if (answer === undefined) return;
      const appends = answer.append ?? answer.error === "NONE";
      const baseOffset = appends ? this.append(log, batch, log.leaderEpoch) : -1;
      partitions.push({
        partition,
        error: answer.error,
        baseOffset: answer.error === "NONE" ? baseOffset : -1,
        logStartOffset: 0,
        currentLeader: answer.currentLeader ?? -1,
        currentLeaderEpoch: answer.currentLeaderEpoch ?? -1,
      });
    }
    if (request.acks === 0) return;
    this.world.kernel.after(this.produceDelay, () => call.reply({ partitions }));
  }

  #fetch(id: number, request: Request<"Fetch">, call: Call<"Fetch">): void {
    this.fetches.push({ at: this.world.kernel.now, broker: id, request });
    const answer = (): Response<"Fetch"> => ({
      error: "NONE",
      sessionId: 1,
      partitions: request.partitions.map(({ partition, fetchOffset }) => {
        const log = this.#log(partition);
        const end = endOf(log);
        let error: ErrorName = log.leader === id ? "NONE" : "NOT_LEADER_OR_FOLLOWER";
        if (error === "NONE" && (fetchOffset > end || fetchOffset < log.logStartOffset))
          error = "OFFSET_OUT_OF_RANGE";
        error = this.onFetch(log) ?? error;
        const batches =
          error === "NONE" ? log.batches.filter((b) => b.baseOffset + b.count > fetchOffset) : [];
        return {
          partition,
          error,
          highWatermark: end,
          lastStableOffset: end,
          logStartOffset: log.logStartOffset,
          batches,
          sizeBytes: 100,
          divergingEpoch: undefined,
          currentLeader: -1,
          currentLeaderEpoch: -1,
          preferredReadReplica: -1,
        };
      }),
    });
    const first = answer();
    if (first.partitions.some((p) => p.error !== "NONE" || p.batches.length > 0)) call.reply(first);
    else this.world.kernel.after(ms(request.maxWaitMs), () => call.reply(answer()));
  }

  #listOffsets(id: number, request: Request<"ListOffsets">): Response<"ListOffsets"> {
    return {
      partitions: request.partitions.map(({ partition, timestamp }) => {
        const log = this.#log(partition);
        const error = log.leader === id ? this.onListOffsets() : "NOT_LEADER_OR_FOLLOWER";
        const offset = timestamp === "earliest" ? log.logStartOffset : endOf(log);
        return {
          partition,
          error,
          offset: error === "NONE" ? offset : -1,
          leaderEpoch: log.leaderEpoch,
        };
      }),
    };
  }

  #epochs(request: Request<"OffsetForLeaderEpoch">): Response<"OffsetForLeaderEpoch"> {
    return {
      partitions: request.partitions.map(({ partition, leaderEpoch }) => {
        const log = this.#log(partition);
        const given = this.onEpoch?.(log, leaderEpoch);
        const last = log.batches.filter((b) => b.leaderEpoch <= leaderEpoch).at(-1);
        const found = last === undefined ? -1 : last.baseOffset + last.count;
        return {
          partition,
          ...(given ?? {
            error: "NONE" as const,
            leaderEpoch: last?.leaderEpoch ?? -1,
            endOffset: found,
          }),
        };
      }),
    };
  }
}

const EMPTY = {
  stream: 99,
  sizeBytes: 100,
  firstTimestamp: 0,
  maxTimestamp: 0,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
};

export const endOf = (log: Partition): number => {
  const last = log.batches.at(-1);
  return last === undefined ? log.logStartOffset : last.baseOffset + last.count;
};

export const producerConfig = (settings: Settings = {}): ProducerConfig =>
  resolveConfig(PRODUCER_CONFIG, "4.1", { "enable.idempotence": false, ...settings });

export const consumerConfig = (settings: Settings = {}): ConsumerConfig =>
  resolveConfig(CONSUMER_CONFIG, "4.1", settings);
