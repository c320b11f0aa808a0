// npm run bench -- <name> [--json] [options]: measures ratios, never seconds alone, for machines and neighbours differ.

import { keepNewObjectsYoung } from "../../src/cli/heap.ts";

// As the command does.
keepNewObjectsYoung();

const BENCHES: Record<
  string,
  () => Promise<{ bench: (args: readonly string[]) => Promise<void> }>
> = {
  kernel: () => import("./kernel.ts"),
  cluster: () => import("./cluster.ts"),
  groups: () => import("./groups.ts"),
};

const [name = "", ...args] = process.argv.slice(2);
const load = BENCHES[name];
if (load === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(BENCHES).join(" | ")} [--json]`);
  process.exitCode = 2;
} else {
  const { bench } = await load();
  await bench(args);
}
