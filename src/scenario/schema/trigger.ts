// Schema of triggers and selectors: when something happens, and to whom.
import { z } from "zod";
import { count, duration, oneOf, partitionName, scalar, strict, word } from "./fields.ts";

const when = z
  .looseObject({
    event: word().describe("Type of a trace event, like leader.elected."),
    nth: count(1, 1_000_000).optional().describe("Which of the matching events; default 1."),
    after: duration().optional().describe("Ignore events before this time."),
    delay: duration().optional().describe("Wait this long after the event."),
  })
  .describe(
    "The first (or nth) matching trace event. Other keys are payload fields that must be equal.",
  );

/** `at` or `when`; that exactly one is given is checked with the rest of the meaning. */
export const triggerFields = {
  at: duration().optional().describe("Virtual time."),
  when: when.optional(),
};

const SELECTOR =
  "must be a node name, a list of names, or one of { rack }, { role }, { leaderOf }, { followersOf }, { activeController }, { coordinatorOf }, { mode, value, of }";

export type SelectorInput =
  | string
  | readonly string[]
  | {
      readonly rack?: string | undefined;
      readonly role?: "broker" | "controller" | "client" | undefined;
      readonly leaderOf?: string | undefined;
      readonly followersOf?: string | undefined;
      readonly activeController?: true | undefined;
      readonly coordinatorOf?: string | undefined;
      readonly mode?: "one" | "all" | "fixed" | undefined;
      readonly value?: number | undefined;
      readonly of?: SelectorInput | undefined;
    };

const selectorFields = {
  rack: word().optional().describe("All nodes of a rack."),
  role: oneOf(["broker", "controller", "client"]).optional().describe("All nodes of a role."),
  leaderOf: partitionName().optional().describe("The partition's leader."),
  followersOf: partitionName().optional().describe("The partition's other replicas."),
  activeController: z
    .literal(true, { error: () => "must be true" })
    .optional()
    .describe("The active controller."),
  coordinatorOf: word().optional().describe("The broker that coordinates a group."),
};

const names = [
  word(),
  z.array(word()).min(1, { error: () => "must name at least one node" }),
] as const;

const simple = z.union([...names, strict(selectorFields)], { error: () => SELECTOR });

const form = () =>
  strict({
    ...selectorFields,
    mode: oneOf(["one", "all", "fixed"]).optional().describe("Draw from `of`, by the seed."),
    value: count(1, 1000).optional().describe("How many, with mode: fixed."),
    of: simple.optional().describe("What to draw from."),
  });

export const selector = (): z.ZodType<SelectorInput> =>
  z.union([...names, form()], { error: () => SELECTOR }) as unknown as z.ZodType<SelectorInput>;

/** One selector or several, of which each may be of any form. */
export const selectors = (): z.ZodType<SelectorInput | readonly SelectorInput[]> =>
  z.union([word(), form(), z.array(z.union([word(), form()], { error: () => SELECTOR }))], {
    error: () => `${SELECTOR}; or a list of such`,
  }) as unknown as z.ZodType<SelectorInput | readonly SelectorInput[]>;

/** Payload or message fields that must be equal. */
export const matchFields = () =>
  z
    .record(z.string(), z.union([scalar(), z.array(scalar())]))
    .describe("Fields that must be equal.");
