// Records what Kafka's released classes answer, without a cluster: builds the Java program of vectors/ against each release and keeps
// its answers under test/vectors/kafka-<release>/, for the normal tests.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The newest first: another release's file that says the same, line by line, only refers to it. */
const RELEASES = ["4.4.0", "4.1.1", "3.9.1"] as const;

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export function recordVectors(today: string, say: (line: string) => void): void {
  for (const release of RELEASES) {
    const work = path(`../../.cache/conformance/vectors-${release}`);
    const answers = join(work, "answers");
    say(`kafka ${release}: building`);
    const maven = ["-q", "-B", "-f", path("vectors/pom.xml"), `-Dkafka.version=${release}`];
    const folder = [`-Dbuild.folder=${work}`, `-Dmdep.outputFile=${join(work, "classpath")}`];
    execute("mvn", [...maven, ...folder, "compile", "dependency:build-classpath"]);
    const classpath = `${join(work, "classes")}:${readFileSync(join(work, "classpath"), "utf8").trim()}`;
    const program = ["-Xmx512m", "-cp", classpath, "faultline.vectors.Vectors"];
    rmSync(answers, { recursive: true, force: true });
    say(execute("java", [...program, release, today, "npm run conformance -- vectors", answers]));
    keep(release, answers);
  }
}

function execute(command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (error !== undefined) {
    throw new Error(
      `${command} cannot be started (${error.message}): vectors need Java 17, Maven 3.8`,
    );
  }
  if (status !== 0) throw new Error(`${command} ended with ${status}\n${stdout}${stderr}`);
  return stdout.trim();
}

function keep(release: string, answers: string): void {
  const target = path(`../vectors/kafka-${release}`);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(answers)) {
    const text = readFileSync(join(answers, file), "utf8");
    writeFileSync(join(target, file), release === RELEASES[0] ? text : referring(file, text));
  }
}

function referring(file: string, text: string): string {
  const newest = `kafka-${RELEASES[0]}`;
  let other: string;
  try {
    other = readFileSync(path(`../vectors/${newest}/${file}`), "utf8");
  } catch {
    return text;
  }
  const [header = "", ...lines] = text.split("\n");
  if (lines.join("\n") !== other.split("\n").slice(1).join("\n")) return text;
  return `${header.replace(/\}$/, `,"answers":"those of ${newest}"}`)}\n`;
}
