// What Kafka's released classes answered, as `npm run conformance -- vectors` recorded it: lines by release.
import { readdirSync, readFileSync } from "node:fs";

interface Header {
  readonly kafka: string;
  /** Another release whose recorded answers were the same, line by line. */
  readonly answers?: string;
}

export interface Recorded<T> {
  readonly release: string;
  readonly lines: readonly T[];
}

/** All releases that were asked about `subject`, a file's name without its ending. */
export function recorded<T>(subject: string): Recorded<T>[] {
  const folders = readdirSync(new URL(".", import.meta.url)).filter((name) =>
    name.startsWith("kafka-"),
  );
  const found = folders.flatMap((folder) => {
    const text = read(folder, subject);
    if (text === undefined) return [];
    const [header = "{}", ...lines] = text;
    const { kafka, answers } = JSON.parse(header) as Header;
    const asked = answers === undefined ? lines : (read(same(answers), subject)?.slice(1) ?? []);
    return [{ release: kafka, lines: asked.map((line) => JSON.parse(line) as T) }];
  });
  if (found.length === 0) throw new Error(`nothing recorded about ${subject}`);
  return found;
}

/** "those of kafka-4.4.0" */
const same = (answers: string): string => answers.split(" ").at(-1) as string;

function read(folder: string, subject: string): string[] | undefined {
  if (!readdirSync(new URL(folder, import.meta.url)).includes(`${subject}.jsonl`)) return undefined;
  const file = new URL(`${folder}/${subject}.jsonl`, import.meta.url);
  return readFileSync(file, "utf8").trimEnd().split("\n");
}
