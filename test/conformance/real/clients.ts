// The clients of a scenario on real brokers: who runs in which driver process, and what each is told to do.
import type {
  ConsumerSpec,
  ProducerSpec,
  Scenario,
  Settings,
} from "../../../src/scenario/model.ts";
import type { RealCluster } from "./cluster.ts";
import { Driver } from "./driver.ts";

const CLOSE_MS = 12_000;

/** The class that a scenario's short name stands for. */
const ASSIGNORS: Readonly<Record<string, string>> = {
  range: "RangeAssignor",
  roundrobin: "RoundRobinAssignor",
  sticky: "StickyAssignor",
  "cooperative-sticky": "CooperativeStickyAssignor",
};
const STRATEGY = "partition.assignment.strategy";

export class RealClients {
  readonly #cluster: RealCluster;
  readonly #scenario: Scenario;
  readonly #ownProcess: ReadonlySet<string>;
  readonly #own = new Map<string, Driver>();
  readonly #open = new Set<string>();

  constructor(cluster: RealCluster, scenario: Scenario, ownProcess: ReadonlySet<string>) {
    this.#cluster = cluster;
    this.#scenario = scenario;
    this.#ownProcess = new Set([...ownProcess].filter((name) => this.isClient(name)));
    for (const name of this.#ownProcess) this.#startProcess(name);
  }

  /** Every process has come up. */
  async ready(): Promise<void> {
    for (const driver of this.#own.values()) await driver.ask("ping");
  }

  isClient(name: string): boolean {
    return this.consumer(name) !== undefined || this.producer(name) !== undefined;
  }

  consumer(name: string): ConsumerSpec | undefined {
    return this.#scenario.consumers.find((spec) => spec.name === name);
  }

  producer(name: string): ProducerSpec | undefined {
    return this.#scenario.producers.find((spec) => spec.name === name);
  }

  get openConsumers(): ConsumerSpec[] {
    return this.#scenario.consumers.filter(({ name }) => this.#open.has(name));
  }

  driverOf(name: string): Driver {
    return this.#own.get(name) ?? this.#cluster.admin;
  }

  async openProducer(spec: ProducerSpec): Promise<void> {
    const { name, config, topic, records, load } = spec;
    const servers = { "bootstrap.servers": this.#cluster.bootstrap };
    const driver = this.driverOf(name);
    await driver.ask("producer", { name, config: { ...config, ...servers } });
    this.#open.add(name);
    if (load === undefined) return;
    const perSecond = load.stages[0]?.toPerSecond ?? 0;
    await driver.ask("load", {
      name,
      topic,
      perSecond,
      total: load.total,
      size: records.sizeBytes,
    });
  }

  async closeProducer({ name }: ProducerSpec): Promise<void> {
    this.#open.delete(name);
    await this.driverOf(name).ask("closeProducer", { name, timeoutMs: CLOSE_MS });
  }

  async send(
    spec: ProducerSpec,
    send: {
      readonly ids: readonly string[];
      readonly key: string | undefined;
      readonly partition: number | undefined;
    },
  ): Promise<void> {
    const { name, topic, records } = spec;
    if (!this.#open.has(name)) return;
    await this.driverOf(name).ask("send", { name, topic, size: records.sizeBytes, ...send });
  }

  async openConsumer(spec: ConsumerSpec): Promise<void> {
    const { name, topics, config, processing } = spec;
    const servers = { "bootstrap.servers": this.#cluster.bootstrap };
    await this.driverOf(name).ask("consumer", {
      name,
      topics,
      assign: this.#shareOf(spec),
      config: { ...javaConfig(config), ...servers },
      processing: {
        timeMs: processing.timeUs / 1000,
        per: processing.per,
        commit: processing.commit,
        commitPer: "poll",
      },
    });
    this.#open.add(name);
  }

  async closeConsumer({ name }: ConsumerSpec): Promise<void> {
    this.#open.delete(name);
    await this.driverOf(name).ask("closeConsumer", { name, timeoutMs: CLOSE_MS });
  }

  /** As a machine would: without a last word. */
  crash(name: string): void {
    this.#open.delete(name);
    this.#own.get(name)?.signal("SIGKILL");
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.#own.get(name)?.signal(signal);
  }

  /** Its program anew, after a crash or a farewell. */
  async restart(name: string): Promise<void> {
    if (this.#open.has(name)) return;
    await this.#own.get(name)?.end();
    if (this.#ownProcess.has(name)) this.#startProcess(name);
    const consumer = this.consumer(name);
    const producer = this.producer(name);
    if (consumer !== undefined) await this.openConsumer(consumer);
    if (producer !== undefined) await this.openProducer(producer);
  }

  stopLoads(): Promise<unknown> {
    const loaded = this.#scenario.producers.filter(
      ({ name, load }) => load !== undefined && this.#open.has(name),
    );
    return Promise.all(
      loaded.map(({ name }) =>
        this.driverOf(name)
          .ask("stopLoad", { name })
          .catch(() => undefined),
      ),
    );
  }

  async end(): Promise<void> {
    const closing: Promise<unknown>[] = [];
    for (const name of this.#open) {
      const what = this.consumer(name) === undefined ? "closeProducer" : "closeConsumer";
      closing.push(this.driverOf(name).ask(what, { name, timeoutMs: 3_000 }));
    }
    await Promise.allSettled(closing);
    this.#open.clear();
    await Promise.all([...this.#own.values()].map((driver) => driver.end()));
  }

  #startProcess(name: string): void {
    const { jars, dir } = this.#cluster;
    const driver = new Driver(jars, dir, name, (o) => this.#cluster.observer(o));
    this.#own.set(name, driver);
  }

  /** Without a group, instance i of n takes the partitions p with p % n = i. */
  #shareOf({ topics, config, share }: ConsumerSpec): string[] {
    if (config["group.id"] !== undefined && config["group.id"] !== "") return [];
    return topics.flatMap((topic) => {
      const count = this.#scenario.topics.find(({ name }) => name === topic)?.partitions ?? 0;
      return Array.from({ length: count }, (_, p) => p)
        .filter((p) => p % share.of === share.index)
        .map((p) => `${topic}-${p}`);
    });
  }
}

function javaConfig(config: Settings): Settings {
  const strategy = config[STRATEGY];
  if (strategy === undefined) return config;
  const classes = String(strategy)
    .split(",")
    .map((name) => `org.apache.kafka.clients.consumer.${ASSIGNORS[name.trim()] ?? name.trim()}`);
  return { ...config, [STRATEGY]: classes.join(",") };
}
