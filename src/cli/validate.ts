// faultline validate: loads scenarios without running them.
import { renderDiagnostics, ScenarioError } from "../scenario/diagnostics.ts";
import { loadScenario } from "../scenario/load.ts";
import { EXIT, type ExitCode } from "./failure.ts";
import type { ScenarioFile } from "./files.ts";
import type { Output } from "./run.ts";

export function validate(files: readonly ScenarioFile[], output: Output): ExitCode {
  let code: ExitCode = EXIT.ok;
  for (const { name, text } of files) {
    try {
      const { scenarios, warnings } = loadScenario(text, name, {});
      const variants = scenarios.flatMap((scenario) => scenario.variant ?? []);
      const note = variants.length > 0 ? `  variants: ${variants.join(", ")}` : "";
      output.stdout(
        `${output.style.paint("pass", "ok")}  ${name}${output.style.paint("dim", note)}\n`,
      );
      if (warnings.length > 0) {
        output.stderr(`${renderDiagnostics(warnings, new Map([[name, text]]))}\n`);
      }
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      output.stderr(`${error.message}\n`);
      code = EXIT.usage;
    }
  }
  return code;
}
