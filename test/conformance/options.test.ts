// What the command line of the harness makes of its arguments.
import { expect, test } from "vitest";
import { optionsOf, USAGE } from "./options.ts";

test("--help and -h ask for the usage, with or without a command", () => {
  for (const args of [["--help"], ["-h"], ["record", "--help"]])
    expect(optionsOf(args)).toEqual({ help: USAGE });
});

test("what cannot be meant is named, and the usage follows", () => {
  const wrong = (...args: string[]): unknown => (optionsOf(args) as { wrong: string }).wrong;
  expect(wrong()).toBe(USAGE);
  expect(wrong("record", "--nope")).toBe(`Unknown option '--nope'\n\n${USAGE}`);
  expect(wrong("record", "--release")).toMatch(/^Option '--release <value>' argument missing/);
  expect(wrong("reccord")).toBe(`no command reccord\n\n${USAGE}`);
  expect(wrong("record", "--times", "0")).toBe(`--times 0 is no count\n\n${USAGE}`);
  expect(wrong("compare", "--zookeeper")).toBe(`--zookeeper is for record\n\n${USAGE}`);
  expect(wrong("record", "nosuch")).toMatch(/^no scenario nosuch; there are add-partitions, /);
});

test("without names all scenarios are meant, with ZooKeeper those in which brokers and controllers fail", () => {
  const all = optionsOf(["record", "--times", "3"]);
  expect(all).toMatchObject({ command: "record", times: 3, controlPlane: "kraft" });
  const some = optionsOf(["record", "--zookeeper", "--missing"]);
  expect(some).toMatchObject({ controlPlane: "zookeeper", missing: true, add: false });
  const names = (options: unknown): string[] => (options as { scenarios: string[] }).scenarios;
  expect(names(all)).toContain("join-eager");
  expect(names(some)).not.toContain("join-eager");
  for (const name of names(some)) expect(names(all)).toContain(name);
  expect(names(optionsOf(["compare", "retention"]))).toEqual(["retention"]);
});
