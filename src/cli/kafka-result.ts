// What a tool leaves behind: text on two streams and a status.
import type { ToolOutput } from "../report/kafka-tools/columns.ts";
import { EXIT, type ExitCode } from "./failure.ts";

export interface ToolResult extends ToolOutput {
  readonly code: ExitCode;
}

export const printed = (stdout: string, stderr = ""): ToolResult => ({
  code: EXIT.ok,
  stdout,
  stderr,
});
