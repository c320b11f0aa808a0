// A Java driver process: commands as JSON lines to its standard input, answers and observations as JSON lines back.
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Jars } from "./jars.ts";
import { exited, isRunning, startJava } from "./processes.ts";

export interface Observation {
  readonly event: string;
  /** Epoch milliseconds. */
  readonly at: number;
  // biome-ignore lint/suspicious/noExplicitAny: observations are read by those who know their shape.
  readonly [field: string]: any;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

const ANSWER_WITHIN_MS = 45_000;

export class Driver {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #observe: (observation: Observation) => void;
  #nextId = 1;

  constructor(jars: Jars, dir: string, name: string, observe: (o: Observation) => void) {
    this.#observe = observe;
    this.#process = startJava({
      classPath: jars.classPath,
      main: "faultline.Driver",
      args: [],
      logFile: join(dir, `${name}.log`),
      logLevel: "warn",
      piped: true,
    });
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("the driver has no standard output");
    createInterface({ input: stdout }).on("line", (line) => this.#line(line));
    this.#process.once("exit", () => {
      for (const waiting of this.#waiting.values())
        waiting.reject(new Error(`driver ${name} has ended`));
      this.#waiting.clear();
    });
    // A command to a process that was killed by the scenario is refused below, not by an unhandled EPIPE.
    this.#process.stdin?.on("error", () => undefined);
  }

  // biome-ignore lint/suspicious/noExplicitAny: results are read by those who know their shape.
  ask(what: string, args: Readonly<Record<string, unknown>> = {}): Promise<any> {
    if (!isRunning(this.#process)) return Promise.reject(new Error(`no driver to ${what}`));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`no answer to ${what} within ${ANSWER_WITHIN_MS} ms`));
      }, ANSWER_WITHIN_MS);
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(timer);
          then(value);
        };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#process.stdin?.write(`${JSON.stringify({ id, do: what, ...args })}\n`);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async end(): Promise<void> {
    this.#process.stdin?.end();
    if (await exited(this.#process, 3_000)) return;
    this.#process.kill("SIGKILL");
    await exited(this.#process, 3_000);
  }

  #line(line: string): void {
    const message = JSON.parse(line);
    if (message.event !== undefined) return this.#observe(message as Observation);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.ok === true) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error));
  }
}
