// Java processes: started with their output in a file, ended by their id, never left behind.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createServer } from "node:net";

const HEAP = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = [
  "-Dorg.slf4j.simpleLogger.showDateTime=true",
  "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
];

const running = new Set<ChildProcess>();

export interface JavaOptions {
  readonly classPath: string;
  readonly main: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly logLevel: "info" | "warn" | "error";
  /** Standard input and output are pipes; otherwise output goes to the log file too. */
  readonly piped?: boolean;
  /** A network namespace to run in. */
  readonly namespace?: string | undefined;
}

export function startJava(options: JavaOptions): ChildProcess {
  const log = openSync(options.logFile, "a");
  const java = [
    "java",
    ...HEAP,
    ...LOGGING,
    `-Dorg.slf4j.simpleLogger.defaultLogLevel=${options.logLevel}`,
    "-cp",
    options.classPath,
    options.main,
    ...options.args,
  ];
  const { namespace } = options;
  const [command, ...args] =
    namespace === undefined ? java : ["ip", "netns", "exec", namespace, ...java];
  const piped = options.piped === true;
  const child = spawn(command as string, args, {
    stdio: piped ? ["pipe", "pipe", log] : ["ignore", log, log],
  });
  closeSync(log);
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

export const isRunning = (child: ChildProcess | undefined): boolean =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

export function exited(child: ChildProcess, withinMs: number): Promise<boolean> {
  if (!isRunning(child)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), withinMs);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Whatever still runs, by process id: for the end, however it came. */
export function killAll(): void {
  for (const child of running) {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    killAll();
    process.exit(130);
  });
}
process.once("exit", killAll);

/** Ports that nobody listens on just now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
