// The nodes of a KRaft cluster: brokers, and controllers of their own or combined with brokers.
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterSpec } from "../../../src/scenario/model.ts";
import { CACHE, type Jars, SetupError } from "./jars.ts";
import type { Network } from "./network.ts";
import { type NodeProgram, type NodeSpec, type Properties, RealNode } from "./node.ts";
import { exited, freePorts, startJava } from "./processes.ts";

const FIRST_CONTROLLER = 3001;

interface KraftSpec extends NodeSpec {
  readonly roles: readonly ("broker" | "controller")[];
  readonly controllerPort: number;
  readonly config: Properties;
}

/** What every broker of the harness has, whoever decides about its partitions. */
export const BROKER_DEFAULTS: Properties = {
  "auto.create.topics.enable": false,
  // The default of 128 MiB alone would fill the small heap.
  "log.cleaner.dedupe.buffer.size": 2 * 1024 * 1024,
};

export async function kraftNodes(
  jars: Jars,
  dir: string,
  spec: ClusterSpec,
  network: Network | undefined,
): Promise<RealNode[]> {
  const format = await formatFor(jars);
  const specs = await nodeSpecs(spec, network);
  const voters = specs
    .filter(({ isVoter }) => isVoter)
    .map(({ id, address, controllerPort }) => `${id}@${address}:${controllerPort}`)
    .join(",");
  return specs.map((node) => new RealNode(jars, dir, node, programOf(node, voters, format)));
}

/** Of a broker of its own, with the settings that the scenario gives it. */
export const brokerConfig = (
  { config }: ClusterSpec,
  broker: ClusterSpec["brokers"][number],
): Properties => ({
  ...config,
  ...broker.config,
  ...(broker.rack === undefined ? {} : { "broker.rack": broker.rack }),
});

async function nodeSpecs(spec: ClusterSpec, network: Network | undefined): Promise<KraftSpec[]> {
  const { count, mode } = spec.controllers;
  const combined = mode === "combined";
  const total = spec.brokers.length + (combined ? 0 : count);
  const ports = await freePorts(2 * total);
  const next = (): number => ports.pop() as number;
  const controllers = combined
    ? []
    : Array.from({ length: count }, (_, i) => ({
        id: FIRST_CONTROLLER + i,
        name: `controller-${i + 1}`,
        roles: ["controller"] as const,
        config: spec.config,
      }));
  const brokers = spec.brokers.map((broker, i) => ({
    id: broker.id,
    name: `broker-${broker.id}`,
    roles: combined && i < count ? (["broker", "controller"] as const) : (["broker"] as const),
    config: brokerConfig(spec, broker),
  }));
  return [...controllers, ...brokers].map((node) => ({
    ...node,
    isBroker: node.roles.some((role) => role === "broker"),
    isVoter: node.roles.some((role) => role === "controller"),
    ...(network?.add() ?? { address: "127.0.0.1", namespace: undefined }),
    port: next(),
    controllerPort: next(),
  }));
}

interface Format {
  readonly clusterId: string;
  /** Written by StorageTool for this release; absent where the release needs none. */
  readonly bootstrapCheckpoint: string;
}

const programOf = (spec: KraftSpec, voters: string, format: Format): NodeProgram => ({
  main: "kafka.Kafka",
  properties: (logDir) => propertiesOf(spec, voters, logDir),
  format: (logDir) => formatLogDir(spec, format, logDir),
});

function formatLogDir({ id }: KraftSpec, format: Format, logDir: string): void {
  const lines = [
    "version=1",
    `cluster.id=${format.clusterId}`,
    `node.id=${id}`,
    `directory.id=${randomBytes(16).toString("base64url")}`,
  ];
  writeFileSync(join(logDir, "meta.properties"), `${lines.join("\n")}\n`);
  if (existsSync(format.bootstrapCheckpoint))
    cpSync(format.bootstrapCheckpoint, join(logDir, "bootstrap.checkpoint"));
}

function propertiesOf(spec: KraftSpec, voters: string, logDir: string): Properties {
  const { id, roles, address, port, controllerPort, config } = spec;
  const listeners = [
    ...(roles.includes("broker") ? [`PLAINTEXT://${address}:${port}`] : []),
    ...(roles.includes("controller") ? [`CONTROLLER://${address}:${controllerPort}`] : []),
  ];
  return {
    "process.roles": roles.join(","),
    "node.id": id,
    "controller.quorum.voters": voters,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    listeners: listeners.join(","),
    "log.dirs": logDir,
    ...BROKER_DEFAULTS,
    ...config,
  };
}

/** The release's own StorageTool, run once: what it writes beside meta.properties is the same for every node. */
async function formatFor(jars: Jars): Promise<Format> {
  const dir = join(CACHE, jars.release, "format");
  const data = join(dir, "data");
  const bootstrapCheckpoint = join(data, "bootstrap.checkpoint");
  const clusterId = randomBytes(16).toString("base64url");
  if (existsSync(join(data, "meta.properties"))) return { clusterId, bootstrapCheckpoint };
  mkdirSync(dir, { recursive: true });
  const properties = join(dir, "server.properties");
  writeFileSync(
    properties,
    [
      "process.roles=controller",
      "node.id=1",
      "controller.quorum.voters=1@127.0.0.1:1",
      "controller.listener.names=CONTROLLER",
      "listeners=CONTROLLER://127.0.0.1:1",
      `log.dirs=${data}`,
      "",
    ].join("\n"),
  );
  const logFile = join(dir, "format.log");
  const tool = startJava({
    classPath: jars.classPath,
    main: "faultline.Driver",
    args: ["format", "format", "--cluster-id", clusterId, "--config", properties],
    logFile,
    logLevel: "warn",
  });
  if (!(await exited(tool, 60_000)) || tool.exitCode !== 0)
    throw new SetupError(`StorageTool of Kafka ${jars.release} failed: see ${logFile}`);
  return { clusterId, bootstrapCheckpoint };
}
