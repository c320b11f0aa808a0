import { expect, it } from "vitest";
import { resetPlanOf } from "../../src/cli/reset-plan.ts";

it("reads what --export has written for one group, and for several", () => {
  expect([...(resetPlanOf("orders,0,5\norders,1,7\n\n", "g") as Map<string, unknown>)]).toEqual([
    [
      "g",
      [
        { topic: "orders", partition: 0, newOffset: 5 },
        { topic: "orders", partition: 1, newOffset: 7 },
      ],
    ],
  ]);
  const several = resetPlanOf('"a, ""b""",orders,0,5\nc,orders,0,6\n', undefined);
  expect([...(several as Map<string, unknown>).keys()]).toEqual(['a, "b"', "c"]);
});

it("says which line is not one", () => {
  expect(resetPlanOf("orders,0,5\norders,x,7\n", "g")).toBe("line 2 is not topic,partition,offset");
  expect(resetPlanOf("orders,0,5\n", undefined)).toBe("line 1 is not group,topic,partition,offset");
  expect(resetPlanOf("", "g")).toBe("line 1 is not group,topic,partition,offset");
});
