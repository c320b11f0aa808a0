// The shape of a liveness check: it looks once, after the cluster has settled, and notes what is rightly stuck.
import type { CheckerContext, End, Property } from "./checker.ts";
import { Notes } from "./notes.ts";

/** `judge` reports what is wrongly stuck, notes the rest, and sets `notes.looked` when there was anything to look at. */
export function eventually(spec: {
  readonly name: string;
  readonly doc: string;
  readonly judge: (context: CheckerContext, notes: Notes, end: End) => void;
}): Property {
  const { name, doc, judge } = spec;
  return {
    name,
    kind: "eventually",
    doc,
    create: (context) => {
      const notes = new Notes();
      return {
        on: {},
        atEnd: (end) => judge(context, notes, end),
        get exercised() {
          return notes.looked;
        },
        get note() {
          return notes.text;
        },
      };
    },
  };
}
