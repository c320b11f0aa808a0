// What is left of a scenario when its mistakes of form are taken out, so that its mistakes of meaning (a broker that does not exist, a
// name used twice) are told in the same breath. List items are replaced, not removed: every other item keeps its index.
import type { z } from "zod";
import type { Path } from "./diagnostics.ts";
import { isTree, setAt, type Tree } from "./merge.ts";

/** Stand-ins that mean something in every scenario. */
const INSTEAD: Readonly<Record<string, (broken: Tree) => unknown>> = {
  duration: () => "365d",
  faults: ({ id, kind }) => ({
    ...(typeof id === "string" ? { id } : {}),
    ...(kind === "MessageChaos"
      ? { kind, action: "hold", rpc: "Fetch", at: "0s" }
      : { kind: "NetworkChaos", action: "reset", selector: { role: "broker" }, at: "0s" }),
  }),
  operations: () => ({ at: "0s", run: "kafka-leader-election", args: ELECTION }),
  "expect.assert": () => ({ at: "end", records: "lost", atLeast: 0 }),
};
const ELECTION = { "election-type": "preferred", "all-topic-partitions": true };

/** The tree without what `issues` complain of; undefined when that would take out what others refer to by name. */
export function remainder(tree: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  let left = tree;
  for (const issue of issues) {
    for (const path of pathsOf(issue)) {
      const item = itemOf(path);
      const config = path.indexOf("config");
      if (item !== undefined) {
        const instead = INSTEAD[item.where] as (broken: Tree) => unknown;
        left = setAt(left, item.path, instead(asTree(at(tree, item.path))));
      } else if (config >= 0 && path.length > config + 1) {
        left = without(left, path.slice(0, config + 2));
      } else return undefined;
    }
  }
  return left;
}

function pathsOf(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path as Path;
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
}

/** The replaceable part that `path` leads into. */
function itemOf(path: Path): { readonly where: string; readonly path: Path } | undefined {
  if (path[0] === "duration") return { where: "duration", path };
  const index = path.findIndex((step) => typeof step === "number");
  const where = path.slice(0, index).join(".");
  return index > 0 && Object.hasOwn(INSTEAD, where)
    ? { where, path: path.slice(0, index + 1) }
    : undefined;
}

const asTree = (value: unknown): Tree => (isTree(value) ? value : {});

const at = (tree: unknown, path: Path): unknown =>
  path.reduce<unknown>((here, step) => (here as Tree | undefined)?.[step as string], tree);

function without(tree: unknown, path: Path): unknown {
  const parent = path.slice(0, -1);
  const { [String(path.at(-1))]: _, ...rest } = asTree(at(tree, parent));
  return setAt(tree, parent, rest);
}
