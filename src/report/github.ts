// Annotations for GitHub Actions: one ::error a run that is not as expected, one ::warning a warning, on the scenario's file.
import type { RunResult } from "../runner/result.ts";
import { reasons, runName } from "./verdict.ts";

export interface FiledResult {
  readonly file: string;
  readonly result: RunResult;
}

export function githubReport(runs: readonly FiledResult[]): string {
  return runs.flatMap(annotations).join("");
}

function annotations({ file, result }: FiledResult): string[] {
  const title = `${runName(result)} (seed ${result.seed})`;
  const lines = result.warnings.map((warning) => command("warning", file, title, warning));
  if (result.outcome === "unexpected") {
    const evidence = result.checks
      .filter((check) => !check.expected && check.first !== null)
      .map((check) => `${check.name}: ${check.first?.message ?? ""}`);
    const text = [...reasons(result), ...evidence, `replay: ${result.replay}`].join("\n");
    lines.push(command("error", file, title, text));
  }
  return lines;
}

const command = (
  level: "error" | "warning",
  file: string,
  title: string,
  message: string,
): string => `::${level} file=${property(file)},title=${property(title)}::${data(message)}\n`;

const data = (text: string): string =>
  text.replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");

const property = (text: string): string => data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
