// The schema as JSON Schema, for editors: `faultline schema` prints it.
import { z } from "zod";
import { scenarioSchema } from "./schema/scenario.ts";

/** JSON Schema (2020-12) of a scenario file. */
export function scenarioJsonSchema(): object {
  const schema = z.toJSONSchema(scenarioSchema, { io: "input", unrepresentable: "any" });
  const properties = {
    ...schema.properties,
    variants: {
      description:
        "Each variant is run; its keys are merged over the file (maps deeply, lists replaced).",
      type: "object",
      additionalProperties: { type: ["object", "null"] },
    },
  };
  return { ...schema, title: "Faultline scenario", properties };
}
