import { expect, test } from "vitest";
import { docsText } from "../../src/cli/docs.ts";
import { starter } from "../../src/cli/init.ts";
import { colourLevel } from "../../src/cli/terminal.ts";
import { PLAIN } from "../../src/report/style.ts";

test("NO_COLOR and --no-color win over what the terminal can do", () => {
  expect(colourLevel({ level: 3 }, {}, false)).toBe(3);
  expect(colourLevel({ level: 3 }, { NO_COLOR: "1", FORCE_COLOR: "1" }, false)).toBe(0);
  expect(colourLevel({ level: 3 }, { NO_COLOR: "" }, false)).toBe(3);
  expect(colourLevel({ level: 3 }, {}, true)).toBe(0);
  expect(colourLevel(false, {}, false)).toBe(0);
});

test("docs explains a name wherever it occurs", () => {
  expect(docsText("min.insync.replicas", PLAIN)).toMatchInlineSnapshot(`
    "min.insync.replicas  broker setting
      With acks=all a write is refused while the ISR is smaller than this.
      type           int
      default (4.1)  1

    min.insync.replicas  topic setting
      With acks=all a write is refused while the ISR is smaller than this.
      type           int; the broker's min.insync.replicas
      default (4.1)  1
    "
  `);
  expect(docsText("not_enough_replicas", PLAIN)).toContain("NOT_ENOUGH_REPLICAS  error");
});

test("docs suggests the nearest name", () => {
  expect(() => docsText("isr.shrank", PLAIN)).toThrow('did you mean "isr.shrunk"?');
  expect(() => docsText("lossy.zzz.nothing", PLAIN)).toThrow("faultline docs lists the topics");
});

test("the starter scenario is named after its file", () => {
  expect(starter("my-story")).toContain("\nname: my-story\n");
});
