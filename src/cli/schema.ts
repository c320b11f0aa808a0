// faultline schema: the JSON Schema of a scenario file, for editors.
import { scenarioJsonSchema } from "../scenario/json-schema.ts";

export const schemaText = (): string => `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
