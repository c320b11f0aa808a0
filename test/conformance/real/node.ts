// One real node: its directory, its properties file and its process.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Jars } from "./jars.ts";
import { exited, isRunning, startJava } from "./processes.ts";

export interface NodeSpec {
  readonly id: number;
  /** As in the scenario: broker-1, controller-1; or zookeeper-1. */
  readonly name: string;
  readonly isBroker: boolean;
  /** Of a KRaft quorum. */
  readonly isVoter: boolean;
  readonly address: string;
  readonly port: number;
  readonly namespace: string | undefined;
}

/** What runs on a node. */
export interface NodeProgram {
  readonly main: string;
  properties(logDir: string): Properties;
  /** Puts into an empty log directory what the program wants to find there. */
  format(logDir: string): void;
}

export type Properties = Readonly<Record<string, string | number | boolean>>;

export class RealNode {
  readonly spec: NodeSpec;
  readonly logDir: string;
  readonly #jars: Jars;
  readonly #dir: string;
  readonly #program: NodeProgram;
  #process: ChildProcess | undefined;
  #paused = false;

  constructor(jars: Jars, dir: string, spec: NodeSpec, program: NodeProgram) {
    this.spec = spec;
    this.#jars = jars;
    this.#dir = join(dir, spec.name);
    this.logDir = join(this.#dir, "data");
    this.#program = program;
    mkdirSync(this.logDir, { recursive: true });
    writeFileSync(this.#propertiesFile, textOf(program.properties(this.logDir)));
    program.format(this.logDir);
  }

  get state(): "running" | "paused" | "down" {
    if (!isRunning(this.#process)) return "down";
    return this.#paused ? "paused" : "running";
  }

  start(): void {
    if (isRunning(this.#process)) return;
    this.#paused = false;
    this.#process = startJava({
      classPath: this.#jars.classPath,
      main: this.#program.main,
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
    mkdirSync(this.logDir, { recursive: true });
    this.#program.format(this.logDir);
  }

  get #propertiesFile(): string {
    return join(this.#dir, "server.properties");
  }
}

const textOf = (properties: Properties): string =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
