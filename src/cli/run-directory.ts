// The directory of a run: reports/runs/<scenario>[-<variant>]/<seed>-<hash8>/. The name is a hash of what was run, not a date, so the
// same run lands in the same place with the same bytes. Files are written under another name and renamed: never half of one.
import { createHash } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import type { Scenario } from "../scenario/model.ts";
import { UsageError } from "./failure.ts";

export interface RunIdentity {
  readonly scenario: Scenario;
  readonly version: string;
  /** Options that change the result, in a fixed order. */
  readonly options: readonly string[];
}

export function runDirectory(out: string, identity: RunIdentity): string {
  const { name, variant, seed } = identity.scenario;
  const story = variant === undefined ? name : `${name}-${variant}`;
  return path.join(out, safe(story), `${safe(seed)}-${hash8(identity)}`);
}

function hash8({ scenario, version, options }: RunIdentity): string {
  const text = JSON.stringify([scenario, version, ...options]);
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

/** Before the first run, so that a directory one cannot write to does not cost a run. */
export function prepareOut(out: string): void {
  try {
    makeDirectories(path.resolve(out));
    accessSync(out, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--out ${out}: cannot keep runs there (${code ?? String(error)})`);
  }
}

/** Level by level: in places like /proc Node's recursive mkdir never comes back. */
function makeDirectories(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectories(path.dirname(directory));
  mkdirSync(directory);
}

/** A seed may be any text; a file name may not. The hash tells apart what looks the same here. */
const safe = (text: string): string => text.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 60) || "_";

export function writeFile(directory: string, name: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  const temporary = path.join(directory, `.${name}.${process.pid}.tmp`);
  writeFileSync(temporary, text);
  renameSync(temporary, path.join(directory, name));
}

/** `latest` beside the run and at the top, each a relative link. Where links are not allowed there are none. */
export function linkLatest(out: string, directory: string): void {
  link(path.dirname(directory), path.basename(directory));
  link(out, path.relative(out, directory));
}

function link(where: string, target: string): void {
  const temporary = path.join(where, `.latest.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    symlinkSync(target, temporary, "dir");
    renameSync(temporary, path.join(where, "latest"));
  } catch {
    rmSync(temporary, { force: true });
  }
}

const CHUNK = 1 << 16;

/** A file that is written line by line and appears when it is complete. */
export class LineFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  #pending: string[] = [];
  #size = 0;

  constructor(directory: string, name: string) {
    mkdirSync(directory, { recursive: true });
    this.#path = path.join(directory, name);
    this.#temporary = path.join(directory, `.${name}.${process.pid}.tmp`);
    this.#fd = openSync(this.#temporary, "w");
  }

  write(line: string): void {
    this.#pending.push(line, "\n");
    this.#size += line.length + 1;
    if (this.#size >= CHUNK) this.#flush();
  }

  commit(): void {
    this.#flush();
    closeSync(this.#fd);
    renameSync(this.#temporary, this.#path);
  }

  discard(): void {
    closeSync(this.#fd);
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    writeSync(this.#fd, this.#pending.join(""));
    this.#pending = [];
    this.#size = 0;
  }
}
