// The stories that the tests of test/check tell, recorded: their events, and what a judge makes of them.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ContractSettings } from "../../../src/check/contract-settings.ts";
import type { CheckName } from "../../../src/check/index.ts";
import type { CheckResult, Judge, JudgeOptions } from "../../../src/check/judge.ts";
import type { TraceEvent } from "../../../src/protocol/events.ts";
import type { HostDirectory } from "../../../src/view/hosts.ts";
import type { Story as StoryType } from "../../check/support.ts";
import { stage } from "./stage.ts";
import { ROOT, refuel, Universe } from "./universe.ts";

export interface Recording {
  readonly title: string;
  readonly settings: ContractSettings;
  readonly events: TraceEvent[];
}

/** What tests ask of the contract. */
interface Question {
  readonly of: "contract" | "permission";
  readonly given: readonly unknown[];
}

export interface Corpus {
  readonly hosts: HostDirectory;
  readonly recordings: readonly Recording[];
  readonly questions: readonly Question[];
}

type StoryClass = new (names?: readonly CheckName[], settings?: ContractSettings) => StoryType;

/** Test files that tell stories. */
function storyFiles(): string[] {
  const folder = "test/check";
  const files = readdirSync(join(ROOT, folder)).filter((file) => file.endsWith(".test.ts"));
  return files.filter((file) => !SILENT.has(file)).map((file) => `${folder}/${file}`);
}

/** They run clusters, or try one class with thousands of random inputs. */
const SILENT = new Set([
  "ack-log.test.ts",
  "interval-set.test.ts",
  "memory.test.ts",
  "shared-log.test.ts",
  "truth.test.ts",
]);

export function record(): Corpus {
  const recordings: Recording[] = [];
  const { given, title } = stage();
  const universe = new Universe(undefined, given);
  const support = universe.load("test/check/support.ts");
  const told = support.Story as StoryClass;
  const known = new Map<string, number>();
  support.Story = class extends told {
    constructor(names?: readonly CheckName[], settings?: ContractSettings) {
      super(names, settings);
      const nth = (known.get(title()) ?? 0) + 1;
      known.set(title(), nth);
      const events: TraceEvent[] = [];
      const used = settings ?? (support.SETTINGS as ContractSettings);
      recordings.push({ title: `${title()} #${nth}`, settings: used, events });
      this.heard.push((event) => events.push(event));
    }
  };
  const questions = listenIn(universe);
  for (const file of storyFiles()) {
    refuel();
    universe.load(file);
  }
  return { hosts: support.HOSTS as HostDirectory, recordings, questions };
}

function listenIn(universe: Universe): readonly Question[] {
  const questions: Question[] = [];
  const asked = universe.load("src/check/contract.ts");
  for (const of of ["contract", "permission"] as const) {
    const answer = asked[of] as Asked;
    asked[of] = (...given: unknown[]): unknown => {
      questions.push({ of, given });
      return answer(...given);
    };
  }
  return questions;
}

type Asked = (...given: unknown[]) => unknown;

/** A universe's answers to what the tests ask of the contract. */
export function answers(universe: Universe, { questions }: Corpus): string {
  const asked = universe.load("src/check/contract.ts") as Record<Question["of"], Asked>;
  return JSON.stringify(questions.map(({ of, given }) => asked[of](...given)));
}

/** What a universe's judge finds in a recording; all checks without `names`. */
export function judged(
  universe: Universe,
  { hosts }: Corpus,
  { settings, events }: Recording,
  names?: readonly CheckName[],
): readonly CheckResult[] {
  const { Judge: JudgeOf } = universe.load("src/check/judge.ts") as {
    Judge: new (options: JudgeOptions) => Judge;
  };
  refuel();
  const judge = new JudgeOf({ hosts, settings, ...(names === undefined ? {} : { names }) });
  for (const event of events) judge.on(event);
  const last = events.at(-1);
  return judge.finish({ seq: last?.seq ?? 0, atUs: last?.at ?? 0 });
}

/** All that a verdict says, in a few letters. */
export const digest = (results: readonly CheckResult[]): string =>
  createHash("sha256").update(JSON.stringify(results)).digest("hex").slice(0, 12);
