// Hand-made traces: a story told to a judge event by event.
import type { ContractSettings } from "../../src/check/contract-settings.ts";
import type { CheckName } from "../../src/check/index.ts";
import { type CheckResult, Judge } from "../../src/check/judge.ts";
import type { EventName, KafkaEvent, TraceEvent } from "../../src/protocol/events.ts";
import { PartitionNames, type TopicPartition } from "../../src/protocol/types.ts";
import { HostDirectory } from "../../src/view/hosts.ts";
import { ToldEpochs } from "./told-epochs.ts";

/** Payload of an event: what an emitter gives. */
export type PayloadOf<K extends EventName> = Omit<
  KafkaEvent<K>,
  "type" | "seq" | "at" | "node" | "cause"
>;

export const PRODUCER = 101;
export const CONSUMER = 102;

export const HOSTS = new HostDirectory([
  { id: 1, name: "broker-1", kind: "broker" },
  { id: 2, name: "broker-2", kind: "broker" },
  { id: 3, name: "broker-3", kind: "broker" },
  { id: 11, name: "controller-1", kind: "controller" },
  { id: 12, name: "controller-2", kind: "controller" },
  { id: 13, name: "controller-3", kind: "controller" },
  { id: PRODUCER, name: "checkout", kind: "client" },
  { id: CONSUMER, name: "billing", kind: "client" },
]);

export const SETTINGS: ContractSettings = {
  producers: [
    {
      name: "checkout",
      topic: "orders",
      acks: "all",
      idempotence: true,
      retries: 2147483647,
      maxInFlight: 5,
    },
  ],
  topics: [{ name: "orders", replicationFactor: 3, minIsr: 2, unclean: false, flushed: false }],
  consumers: [{ name: "billing", autoOffsetReset: "earliest" }],
  elr: true,
  faults: [],
  uncleanOperations: 0,
};

export class Story {
  readonly judge: Judge;
  readonly partition: TopicPartition;
  seq = 0;
  at = 0;
  /** Number of the event that leads to the next. */
  cause = 0;
  /** Who hears every event after the judge. */
  readonly heard: ((event: TraceEvent) => void)[] = [];
  /** undefined: the story itself tells of leader epoch caches. */
  epochs: ToldEpochs | undefined = new ToldEpochs();
  #epoch = 0;
  #partitionEpoch = 0;
  #leader = 1;

  constructor(names?: readonly CheckName[], settings: ContractSettings = SETTINGS) {
    this.judge = new Judge({
      hosts: HOSTS,
      settings,
      ...(names === undefined ? {} : { names }),
    });
    this.partition = new PartitionNames().of("orders", 0);
  }

  tell<K extends EventName>(node: number, type: K, payload: PayloadOf<K>): number {
    this.seq++;
    this.at += 1000;
    const { seq, at, cause } = this;
    const event = { ...payload, type, seq, at, node, cause } as unknown as TraceEvent;
    for (const told of this.epochs?.before(event) ?? []) this.#happens(told);
    this.#happens(event);
    return this.seq;
  }

  #happens(event: TraceEvent): void {
    this.judge.on(event);
    for (const hear of this.heard) hear(event);
  }

  /** Three brokers, three controllers, two clients, orders-0 led by broker 1 with a full ISR, one open stream. */
  begin(): this {
    for (const host of HOSTS.hosts) this.tell(host.id, "host.booted", { incarnation: 1 });
    this.tell(11, "quorum.roleChanged", { role: "leader", epoch: 1, leaderId: 11, why: "votes" });
    for (const node of [12, 13]) {
      this.tell(node, "quorum.roleChanged", { role: "follower", epoch: 1, leaderId: 11, why: "" });
    }
    this.tell(11, "controller.activated", { epoch: 1 });
    for (const broker of [1, 2, 3]) this.register(broker);
    const partition = this.partition;
    this.tell(11, "partition.created", {
      partition,
      leader: 1,
      leaderEpoch: 0,
      partitionEpoch: 0,
      isr: [1, 2, 3],
      replicas: [1, 2, 3],
      minIsr: 2,
    });
    this.becomeLeader(1, 0, [1, 2, 3]);
    for (const node of [2, 3]) this.follow(node, 0);
    this.tell(PRODUCER, "stream.opened", { partition, stream: 1, producer: "checkout" });
    return this;
  }

  register(broker: number): void {
    this.tell(11, "broker.registered", { broker, brokerEpoch: this.seq, incarnation: 1 });
    this.tell(11, "broker.unfenced", { broker });
  }

  send(firstNumber: number, count: number, names?: readonly string[], stream = 1): void {
    const partition = this.partition;
    this.tell(PRODUCER, "op.invoked", { partition, stream, firstNumber, count, names });
  }

  append(
    node: number,
    baseOffset: number,
    count: number,
    firstNumber: number,
    stream = 1,
    epoch = this.#epoch,
  ): number {
    return this.tell(node, "log.appended", {
      partition: this.partition,
      stream,
      firstNumber,
      count,
      baseOffset,
      leaderEpoch: epoch,
      leader: node === this.#leader,
      sizeBytes: 100 * count,
    });
  }

  hw(node: number, from: number, to: number, leader = node === this.#leader): number {
    const { partition } = this;
    return this.tell(node, "hw.advanced", {
      partition,
      from,
      to,
      leaderEpoch: this.#epoch,
      leader,
    });
  }

  ack(firstNumber: number, count: number, baseOffset: number, stream = 1): number {
    const { partition } = this;
    return this.tell(PRODUCER, "op.acked", {
      partition,
      stream,
      firstNumber,
      count,
      baseOffset,
      latencyUs: 5000,
    });
  }

  /** Sent, appended everywhere, committed and acked. */
  commit(
    baseOffset: number,
    count: number,
    firstNumber: number,
    nodes: readonly number[] = [1, 2, 3],
  ): void {
    this.send(firstNumber, count);
    for (const node of nodes) this.append(node, baseOffset, count, firstNumber);
    this.hw(this.#leader, baseOffset, baseOffset + count);
    this.ack(firstNumber, count, baseOffset);
    for (const node of nodes)
      if (node !== this.#leader) this.hw(node, baseOffset, baseOffset + count);
  }

  elect(leader: number, isr: readonly number[], options: { unclean?: boolean } = {}): number {
    const previous = this.#leader;
    this.#leader = leader;
    this.#epoch++;
    return this.tell(11, "leader.elected", {
      partition: this.partition,
      leader,
      leaderEpoch: this.#epoch,
      partitionEpoch: ++this.#partitionEpoch,
      isr,
      previous,
      unclean: options.unclean ?? false,
      why: "leader fenced",
    });
  }

  becomeLeader(
    node: number,
    epochStartOffset: number,
    isr: readonly number[],
    highWatermark = 0,
  ): number {
    this.#leader = node;
    return this.tell(node, "replica.becameLeader", {
      partition: this.partition,
      leaderEpoch: this.#epoch,
      partitionEpoch: this.#partitionEpoch,
      isr,
      epochStartOffset,
      highWatermark,
    });
  }

  follow(node: number, logEndOffset: number): void {
    this.tell(node, "replica.becameFollower", {
      partition: this.partition,
      leader: this.#leader,
      leaderEpoch: this.#epoch,
      logEndOffset,
    });
  }

  changeIsr(
    type: "isr.shrunk" | "isr.expanded",
    isr: readonly number[],
    members: readonly number[],
  ): void {
    const common = {
      partition: this.partition,
      leader: this.#leader,
      leaderEpoch: this.#epoch,
      partitionEpoch: ++this.#partitionEpoch,
      isr,
      why: "test",
    };
    if (type === "isr.shrunk") this.tell(11, type, { ...common, removed: members });
    else this.tell(11, type, { ...common, added: members });
  }

  loseLeader(isr: readonly number[]): void {
    this.tell(11, "leader.lost", {
      partition: this.partition,
      leader: -1,
      leaderEpoch: ++this.#epoch,
      partitionEpoch: ++this.#partitionEpoch,
      isr,
      previous: this.#leader,
      why: "no live replica in the ISR",
    });
  }

  crash(node: number, how: "kill" | "poweroff" = "kill"): void {
    this.tell(node, "host.crashed", { how });
  }

  truncate(node: number, from: number, to: number): number {
    return this.tell(node, "log.truncated", {
      partition: this.partition,
      from,
      to,
      why: "diverging epoch",
    });
  }

  assign(position: number, consumer = CONSUMER): void {
    this.tell(consumer, "consumer.assigned", { partition: this.partition, position });
  }

  poll(
    baseOffset: number,
    count: number,
    firstNumber: number,
    options: { stream?: number; position?: number; consumer?: number } = {},
  ): number {
    return this.tell(options.consumer ?? CONSUMER, "consumer.polled", {
      partition: this.partition,
      stream: options.stream ?? 1,
      firstNumber,
      count,
      baseOffset,
      position: options.position ?? baseOffset + count,
      highWatermark: baseOffset + count,
      leader: this.#leader,
      leaderEpoch: this.#epoch,
    });
  }

  get epoch(): number {
    return this.#epoch;
  }

  finish(): readonly CheckResult[] {
    return this.judge.finish({ seq: this.seq, atUs: this.at });
  }

  result(name: CheckName): CheckResult {
    const result = this.finish().find((r) => r.name === name);
    if (result === undefined) throw new Error(`no result of ${name}`);
    return result;
  }

  /** `name:count` of every check with findings. */
  broken(): string[] {
    return this.finish()
      .filter((r) => r.count > 0)
      .map((r) => `${r.name}:${r.count}`);
  }
}
