// One real Kafka node: its directory, its server.properties and its process.
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Jars } from "./jars.ts";
import { exited, isRunning, startJava } from "./processes.ts";

export interface NodeSpec {
  readonly id: number;
  /** As in the scenario: broker-1, controller-1. */
  readonly name: string;
  readonly roles: readonly ("broker" | "controller")[];
  readonly address: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly config: Readonly<Record<string, string | number | boolean>>;
  readonly namespace: string | undefined;
}

export interface Format {
  readonly clusterId: string;
  /** Written by StorageTool for this release; null where the release needs none. */
  readonly bootstrapCheckpoint: string;
}

export class RealNode {
  readonly spec: NodeSpec;
  readonly logDir: string;
  readonly #jars: Jars;
  readonly #dir: string;
  readonly #format: Format;
  readonly #voters: string;
  #process: ChildProcess | undefined;
  #paused = false;

  constructor(jars: Jars, dir: string, spec: NodeSpec, voters: string, format: Format) {
    this.spec = spec;
    this.#jars = jars;
    this.#dir = join(dir, spec.name);
    this.logDir = join(this.#dir, "data");
    this.#format = format;
    this.#voters = voters;
    mkdirSync(this.#dir, { recursive: true });
    writeFileSync(this.#propertiesFile, this.#properties());
    this.#formatLogDir();
  }

  get state(): "running" | "paused" | "down" {
    if (!isRunning(this.#process)) return "down";
    return this.#paused ? "paused" : "running";
  }

  isBroker(): boolean {
    return this.spec.roles.includes("broker");
  }

  start(): void {
    if (isRunning(this.#process)) return;
    this.#paused = false;
    this.#process = startJava({
      classPath: this.#jars.classPath,
      main: "kafka.Kafka",
      args: [this.#propertiesFile],
      logFile: join(this.#dir, "server.log"),
      logLevel: "info",
      namespace: this.spec.namespace,
    });
  }

  kill(): void {
    this.#process?.kill("SIGKILL");
  }

  terminate(): void {
    this.#process?.kill("SIGTERM");
  }

  pause(): void {
    this.#paused = true;
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#paused = false;
    this.#process?.kill("SIGCONT");
  }

  /** True when the process is gone. */
  async gone(withinMs: number): Promise<boolean> {
    return this.#process === undefined || (await exited(this.#process, withinMs));
  }

  /** A new, formatted disk. Only while it is down. */
  wipe(): void {
    rmSync(this.logDir, { recursive: true, force: true });
    this.#formatLogDir();
  }

  get #propertiesFile(): string {
    return join(this.#dir, "server.properties");
  }

  #formatLogDir(): void {
    mkdirSync(this.logDir, { recursive: true });
    const lines = [
      "version=1",
      `cluster.id=${this.#format.clusterId}`,
      `node.id=${this.spec.id}`,
      `directory.id=${randomBytes(16).toString("base64url")}`,
    ];
    writeFileSync(join(this.logDir, "meta.properties"), `${lines.join("\n")}\n`);
    if (existsSync(this.#format.bootstrapCheckpoint))
      cpSync(this.#format.bootstrapCheckpoint, join(this.logDir, "bootstrap.checkpoint"));
  }

  #properties(): string {
    const { id, roles, address, port, controllerPort, config } = this.spec;
    const listeners = [
      ...(roles.includes("broker") ? [`PLAINTEXT://${address}:${port}`] : []),
      ...(roles.includes("controller") ? [`CONTROLLER://${address}:${controllerPort}`] : []),
    ];
    const lines: Record<string, string | number | boolean> = {
      "process.roles": roles.join(","),
      "node.id": id,
      "controller.quorum.voters": this.#voters,
      "controller.listener.names": "CONTROLLER",
      "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
      listeners: listeners.join(","),
      "log.dirs": this.logDir,
      "auto.create.topics.enable": false,
      // The default of 128 MiB alone would fill the small heap.
      "log.cleaner.dedupe.buffer.size": 2 * 1024 * 1024,
      ...config,
    };
    return Object.entries(lines)
      .map(([key, value]) => `${key}=${value}\n`)
      .join("");
  }
}
