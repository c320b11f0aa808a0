// The line that repeats a run, as one can paste it into a shell.
import type { Scenario } from "../scenario/model.ts";

export function replayLine(file: string, scenario: Scenario, options: readonly string[]): string {
  const words = ["faultline", "run", file];
  if (scenario.variant !== undefined) words.push("--variant", scenario.variant);
  words.push("--seed", scenario.seed, ...options);
  return words.map(quoted).join(" ");
}

const quoted = (word: string): string =>
  /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replace(/'/g, "'\\''")}'`;
