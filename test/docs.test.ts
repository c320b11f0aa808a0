// Generated pages are committed; this holds them true. To renew them: npx tsx src/cli/main.ts docs --write reports/reference
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pages } from "../src/cli/docs.ts";

const DIRECTORY = new URL("../reports/reference/", import.meta.url);

test.each([...pages()])("reports/reference/%s is up to date", (name, text) => {
  expect(readFileSync(new URL(name, DIRECTORY), "utf8")).toBe(text);
});

test("reports/reference holds nothing else", () => {
  expect(readdirSync(DIRECTORY).sort()).toEqual([...pages().keys()].sort());
});
