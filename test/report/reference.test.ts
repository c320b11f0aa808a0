import { expect, test } from "vitest";
import { pages } from "../../src/cli/docs.ts";
import { ERRORS } from "../../src/protocol/errors.ts";
import { EVENTS } from "../../src/protocol/events.ts";
import { history } from "../../src/report/reference-entries.ts";
import { schemaRows } from "../../src/report/reference-schema.ts";

test("every event and every error has a row", () => {
  const reference = pages();
  for (const name of Object.keys(EVENTS))
    expect(reference.get("events.md")).toContain(`| \`${name}\` |`);
  for (const name of Object.keys(ERRORS))
    expect(reference.get("errors.md")).toContain(`| \`${name}\` |`);
});

test("every table row has as many cells as its heading", () => {
  for (const [name, text] of pages()) {
    let cells = 0;
    for (const line of text.split("\n")) {
      const here = line.startsWith("|") ? line.split(/(?<!\\)\|/).length : 0;
      if (cells > 0 && here > 0) expect(here, `${name}: ${line}`).toBe(cells);
      cells = here;
    }
  }
});

test("a default tells its history in the order of releases", () => {
  expect(history({ "0.8": 1, "2.0": 2, "0.10": 3 })).toBe("1, 3 since 0.10, 2 since 2.0");
});

test("the rows of a schema follow its nesting", () => {
  const schema = {
    properties: {
      name: { type: "string", description: "A name." },
      list: {
        type: "array",
        items: {
          properties: {
            at: { anyOf: [{ type: "number" }, { type: "string", pattern: "^\\d+(us|ms|s)$" }] },
          },
          required: ["at"],
          type: "object",
        },
      },
      config: { type: "object", properties: { hidden: { type: "string" } } },
    },
    required: ["name"],
  };
  expect(schemaRows(schema)).toEqual([
    { path: "name", type: "string", required: true, doc: "A name." },
    { path: "list", type: "list of map", required: false, doc: "" },
    { path: "list[].at", type: "duration", required: true, doc: "" },
    { path: "config", type: "map", required: false, doc: "" },
  ]);
});
