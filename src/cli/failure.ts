// Exit status, and the errors that carry one. 0 as expected, 1 an expectation failed, 2 usage or invalid scenario, 70 a bug of ours
// (EX_SOFTWARE of sysexits.h), 130 interrupted (128 + SIGINT).

import { SimulatorBug } from "../sim/assert.ts";

export const EXIT = { ok: 0, unexpected: 1, usage: 2, bug: 70, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Wrong use of the command line: a missing file, an unknown name. The message is all that is shown. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Where a run was when the simulator broke. */
export interface BugContext {
  readonly scenario: string;
  readonly variant: string | undefined;
  readonly seed: string;
  readonly nowUs: number;
  readonly events: number;
  readonly replay: string;
}

/** What is shown for an exception nobody expected: one paragraph, a stack only on request. */
export function bugText(error: unknown, context: BugContext | undefined, debug: boolean): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // A SimulatorBug of the runner names its place itself.
  const where =
    context === undefined || error instanceof SimulatorBug
      ? ""
      : ` in ${context.scenario}${context.variant === undefined ? "" : ` / ${context.variant}`}, seed ${context.seed}, at ${(context.nowUs / 1e6).toFixed(6)}s, after event #${context.events}`;
  const lines = [`faultline has a bug${where}: ${message}`];
  if (context !== undefined) lines.push(`replay: ${context.replay}`);
  if (debug && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  else lines.push("Please report it with the lines above; FAULTLINE_DEBUG=1 adds the stack.");
  return `${lines.join("\n")}\n`;
}
