import { describe, expect, test } from "vitest";
import { ASCII, PLAIN, type Style } from "../../src/report/style.ts";
import { textReport, totals, verdictLine } from "../../src/report/text.ts";
import { bug, check, lesson, partition, passing, reportOf } from "./reports.ts";

const snapshot = (name: string): string => `./snapshots/${name}.txt`;

/** Colour as visible marks, so that tests can see where it goes. */
const MARKED: Style = { ...PLAIN, paint: (role, text) => `<${role}>${text}</${role}>` };
const unmarked = (text: string): string => text.replace(/<\/?[a-z]+\d?>/g, "");

const longest = (text: string): number =>
  text
    .split("\n")
    // The replay line is to be copied, so it is never broken.
    .filter((line) => !line.startsWith("replay: "))
    .reduce((w, line) => Math.max(w, line.length), 0);

describe("the text report", () => {
  test("says of a healthy run that it passes", async () => {
    await expect(textReport(passing(), PLAIN)).toMatchFileSnapshot(snapshot("passing"));
  });

  test("tells of an expected loss as a lesson", async () => {
    await expect(textReport(lesson(), PLAIN)).toMatchFileSnapshot(snapshot("lesson"));
  });

  test("tells of a loss that nothing permits as a bug", async () => {
    await expect(textReport(bug(), PLAIN)).toMatchFileSnapshot(snapshot("bug"));
  });

  test("fits on a narrow page without Unicode", async () => {
    const text = textReport(bug(), { ...PLAIN, width: 50, glyphs: ASCII });
    await expect(text).toMatchFileSnapshot(snapshot("bug-narrow"));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked.
    expect(text).toMatch(/^[\x00-\x7f]*$/);
  });

  test("begins with the verdict and ends with the line that repeats the run", () => {
    const lines = textReport(bug(), PLAIN).trimEnd().split("\n");
    expect(lines[0]).toMatch(/^FAIL {2}unclean-election-loss \/ unclean: lost-write violated/);
    expect(lines.at(-1)).toBe(`replay: ${bug().result.replay}`);
  });

  test("never paints a lesson as a failure", () => {
    const text = textReport(lesson(), MARKED);
    expect(text).not.toContain("<fail>FAIL");
    expect(text).toContain("<lesson>  ◆ lost-write");
    // What remains of the failure's colour is the partition without a leader.
    expect(text.match(/<fail>[^<]*/g)).toEqual([
      "<fail>······",
      "<fail>orders-0 has no leader (was broker-1), ISR [1]: broker fenced",
    ]);
  });

  test("paints a bug as a failure", () => {
    expect(textReport(bug(), MARKED)).toContain("<fail>  ✗ lost-write ×12  </fail>");
  });

  test("has the same words with and without colour", () => {
    for (const report of [passing(), lesson(), bug()]) {
      expect(unmarked(textReport(report, MARKED))).toBe(textReport(report, PLAIN));
    }
  });

  test.each([40, 57, 71, 72, 80, 100, 200])("keeps within %i columns", (width) => {
    const long = "a-topic-with-a-name-of-more-than-sixty-characters-as-companies-like-0";
    const report = bug();
    const wide = {
      ...report,
      partitions: [partition(long, [[0, 120, 104_857, 3]], { isr: [104_857, 2, 3, 4, 5, 6, 7] })],
      timeline: report.timeline.map((entry) => ({ ...entry, who: `${entry.who}-${long}` })),
      result: { ...report.result, topics: [{ ...report.result.records, topic: long }] },
    };
    for (const style of [PLAIN, { ...PLAIN, glyphs: ASCII }]) {
      expect(longest(textReport(wide, { ...style, width }))).toBeLessThanOrEqual(width);
    }
  });

  test("does not hand a scenario's control characters to the terminal", () => {
    const text = textReport(
      reportOf({ title: "a\u001b[31mred", story: "\u0007bell\u009b" }),
      PLAIN,
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those must be gone.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test("leaves out what is empty", () => {
    const report = reportOf({ partitions: [] }, { assertions: [], thresholds: [], checks: [] });
    const text = textReport(report, PLAIN);
    expect(text).not.toMatch(/Who led when|What happened|Checks|Assertions|Thresholds|Warnings/);
  });

  test("says why a strict run with warnings is unexpected", () => {
    const report = reportOf({}, { outcome: "unexpected", warnings: ["fault x touched nothing"] });
    expect(textReport(report, PLAIN)).toContain("FAIL  steady: 1 warning under --strict");
  });

  test("names an anomaly that was expected and did not occur", () => {
    const checks = [check("lost-write", { expected: false })];
    const text = textReport(reportOf({}, { outcome: "unexpected", checks }), PLAIN);
    expect(text).toContain("✗ lost-write  held, but the scenario expects it to occur");
  });
});

describe("a list of runs", () => {
  test("has one line a run", () => {
    expect(verdictLine(passing().result, PLAIN)).toBe("PASS  steady  as expected");
    expect(verdictLine(lesson().result, PLAIN)).toBe(
      "PASS  unclean-election-loss / unclean  as expected, shows lost-write",
    );
    expect(verdictLine(bug().result, PLAIN)).toMatch(
      /^FAIL {2}unclean-election-loss \/ unclean {2}lost-write violated/,
    );
  });

  test("ends with the totals", () => {
    const results = [passing(), lesson(), bug()].map((report) => report.result);
    expect(totals(results, PLAIN)).toBe("3 runs: 1 unexpected, 2 as expected; 370,368 events");
  });

  test("does not break the name of a setting to stand beside a long lead", () => {
    const permittedBy = "unclean.leader.election.enable=true";
    const wide = check("inconsistent-offsets", {
      status: "permitted",
      count: 12_000,
      permittedBy,
      forms: { "ack-vs-poll": 6000, "poll-vs-poll": 6000 },
      first: { event: 7, atMs: 5, message: "orders-0@3 was two things" },
    });
    const lines = textReport(reportOf({}, { checks: [wide] }), { ...PLAIN, width: 84 });
    expect(lines).toContain(permittedBy);
  });

  test("names as many clients of a side as there is room for, and counts the others", () => {
    const side = { ...passing().result.ledger, cutMs: 5 };
    const row = {
      name: "broker-1",
      clients: ["checkout", "archiver", "billing-1", "auditor"],
      ...{ sent: 1, served: 1, later: 0, refused: 0, unknown: 0, delivered: 0 },
      ...{ lost: 0, duplicated: 0, servedPercent: 100 },
      ...{ produceOutageMs: 0, consumeOutageMs: 0, stalenessMs: 0 },
    };
    const report = reportOf({}, { ledger: { ...side, sides: [row] } });
    expect(textReport(report, PLAIN)).toContain("checkout, archiver +2");
  });
});
