// The schema of a whole scenario file: the source of truth for what one may contain.
import { z } from "zod";
import { clientsSchema } from "./clients.ts";
import { clusterSchema, topicsSchema } from "./cluster.ts";
import { expectSchema, exploreSchema, thresholdsSchema } from "./expect.ts";
import { faultsSchema, operationsSchema } from "./faults.ts";
import { duration, scalar, strict, word } from "./fields.ts";
import { selectors } from "./trigger.ts";

export const API_VERSION = "faultline/v1";

const settleSchema = z
  .union(
    [
      duration(),
      strict({
        within: duration().optional().describe("At most this long; default 60s."),
        core: selectors()
          .optional()
          .describe(
            "Machines that must be healthy: they are started, and faults on them and between them are healed. Faults elsewhere stay for good, and liveness is asked of what the core can do. Default: everybody.",
          ),
      }),
    ],
    { error: () => "must be a duration like 60s, or { within, core }" },
  )
  .describe(
    "At most this long to settle, default 60s; or how long, and which machines are healed.",
  );

export const scenarioSchema = strict({
  apiVersion: z
    .literal(API_VERSION, {
      error: (issue) => (issue.input === undefined ? undefined : `must be ${API_VERSION}`),
    })
    .describe("Version of this format."),
  name: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, {
      error: () => "must be kebab-case: small letters, digits and single dashes",
    })
    .max(100)
    .describe("kebab-case, equal to the file's name."),
  title: word().describe("One line that says what it shows."),
  story: z.string().optional().describe("Prose, shown in the report."),
  source: z.string().optional().describe("KIP, JIRA or URL it reproduces."),
  labels: z
    .record(z.string(), scalar().transform(String))
    .optional()
    .describe("Labels to group scenarios by."),
  seed: z
    .union([z.number(), word()], { error: () => "must be a number or a text" })
    .transform(String)
    .optional()
    .describe("Where chance comes from; default 1."),
  duration: duration().describe("Virtual time; then faults are healed and the run settles."),
  settle: settleSchema.optional(),
  cluster: clusterSchema.optional().describe("The cluster."),
  topics: topicsSchema.optional(),
  clients: clientsSchema.optional(),
  faults: faultsSchema.optional(),
  operations: operationsSchema.optional(),
  expect: expectSchema.optional(),
  thresholds: thresholdsSchema.optional(),
  explore: exploreSchema.optional(),
});

/** A scenario as written, with quantities read, before defaults and shorthands. */
export type ScenarioInput = z.output<typeof scenarioSchema>;
