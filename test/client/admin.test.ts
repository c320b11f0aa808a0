import { describe, expect, it } from "vitest";
import { Admin } from "../../src/client/admin.ts";
import type { ErrorName } from "../../src/protocol/errors.ts";
import { Lab } from "./support.ts";

/** Brokers that answer CreateTopics with the given errors in turn; undefined: not at all. */
function create(
  lab: Lab,
  ...answers: (ErrorName | undefined)[]
): { result: unknown; asked: number[] } {
  const seen: { result: unknown; asked: number[] } = { result: "none", asked: [] };
  for (const broker of lab.brokers) {
    broker.serve({
      CreateTopics: (_request, call) => {
        const error = answers[seen.asked.length];
        seen.asked.push(broker.id);
        if (error !== undefined) call.reply({ error, topics: [] });
      },
    });
  }
  lab.start((host) =>
    host.spawn(
      (function* () {
        seen.result = yield* new Admin(host, lab.env).createTopics([]);
      })(),
    ),
  );
  lab.run(120_000);
  return seen;
}

describe("an operator's client", () => {
  it("gets its answer from any broker", () => {
    const seen = create(new Lab({ brokers: 3 }), "NONE");
    expect(seen).toEqual({ result: { error: "NONE", topics: [] }, asked: [1] });
  });

  it("tries the next broker while there is no controller", () => {
    const seen = create(new Lab({ brokers: 3 }), "NOT_CONTROLLER", "REQUEST_TIMED_OUT", "NONE");
    expect(seen.asked).toEqual([1, 2, 3]);
    expect(seen.result).toEqual({ error: "NONE", topics: [] });
  });

  it("does not repeat what was refused for good", () => {
    const seen = create(new Lab({ brokers: 3 }), "POLICY_VIOLATION", "NONE");
    expect(seen.asked).toEqual([1]);
    expect(seen.result).toMatchObject({ error: "POLICY_VIOLATION" });
  });

  it("gives up after default.api.timeout.ms, not knowing what became of it", () => {
    const seen = create(new Lab({ brokers: 2 }));
    expect(seen.asked).toEqual([1, 2]);
    expect(seen.result).toBeUndefined();
  });
});
