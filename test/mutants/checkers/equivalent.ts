// Mutations that change nothing anybody could see, with the reason.
import type { Operator } from "./operators.ts";

export const EQUIVALENT: readonly {
  readonly file: string;
  readonly operator: Operator;
  readonly was: string;
  readonly why: string;
}[] = [];
