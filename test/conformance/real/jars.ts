// Kafka's jars and the driver, resolved and compiled by Maven once a release, into the ignored .cache/conformance/<release>.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const CACHE = new URL("../../../.cache/conformance/", import.meta.url).pathname;
const ZOOKEEPER_SOURCES = "src/zookeeper/";
const DRIVER = new URL("../driver/", import.meta.url).pathname;

/** What a person can put right: printed without a stack. */
export class SetupError extends Error {}

export interface Jars {
  readonly release: string;
  readonly classPath: string;
  readonly java: string;
  readonly hasZookeeper: boolean;
}

export function resolveJars(release: string): Jars {
  const java = toolVersion("java", ["-version"], "Java 17 or newer");
  const dir = join(CACHE, release);
  const libs = join(dir, "libs");
  const classes = join(dir, "classes");
  if (!isUpToDate(dir)) {
    toolVersion("mvn", ["-v"], "Maven 3.8 or newer");
    mkdirSync(dir, { recursive: true });
    run(release, "mvn", [
      ...["-B", "-q", `-Dkafka.version=${release}`, `-DoutputDirectory=${libs}`],
      "dependency:copy-dependencies",
    ]);
    run(release, "javac", [
      ...["-nowarn", "-Xlint:none", "-d", classes, "-cp", `${libs}/*`],
      ...driverSources().filter((file) => hasZookeeper(libs) || !file.includes(ZOOKEEPER_SOURCES)),
    ]);
    writeFileSync(join(dir, "built"), fingerprint());
  }
  return { release, classPath: `${classes}:${libs}/*`, java, hasZookeeper: hasZookeeper(libs) };
}

/** Releases before 4.0 depend on it. */
const hasZookeeper = (libs: string): boolean =>
  readdirSync(libs).some((jar) => /^zookeeper-\d/.test(jar));

function isUpToDate(dir: string): boolean {
  const mark = join(dir, "built");
  return existsSync(mark) && readFileSync(mark, "utf8") === fingerprint();
}

function run(release: string, tool: string, args: readonly string[]): void {
  const done = spawnSync(tool, args, { cwd: DRIVER, encoding: "utf8" });
  if (done.status === 0) return;
  const why = done.error?.message ?? `${done.stdout}${done.stderr}`;
  throw new SetupError(`${tool} failed for Kafka ${release}:\n${why}`);
}

const driverSources = (): string[] =>
  readdirSync(DRIVER, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".java"))
    .map((file) => join(DRIVER, file))
    .sort();

/** Of the driver's sources: a change means compiling again. */
function fingerprint(): string {
  const files = [join(DRIVER, "pom.xml"), ...driverSources()];
  return files.map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`).join("\n");
}

function toolVersion(tool: string, args: readonly string[], wanted: string): string {
  const run = spawnSync(tool, args, { encoding: "utf8" });
  if (run.error !== undefined || run.status !== 0)
    throw new SetupError(
      `recording needs ${wanted}, and ${tool} does not run here; comparing needs neither (npm run conformance -- compare)`,
    );
  return `${run.stdout}${run.stderr}`.trim().split("\n")[0] ?? "";
}
