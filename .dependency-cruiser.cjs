// The layers of src/README.md as rules. A layer may import what its row lists, and itself; nothing else.
const layers = {
  sim: [],
  protocol: ["sim"],
  log: ["protocol", "sim"],
  broker: ["log", "protocol", "sim"],
  controller: ["protocol", "sim"],
  coordinator: ["protocol", "sim"],
  client: ["protocol", "sim", "scenario/model.ts"],
  scenario: ["protocol", "sim/kernel.ts", "sim/assert.ts", "check/names.ts"],
  cluster: ["broker", "controller", "coordinator", "client", "log", "scenario", "protocol", "sim"],
  view: ["protocol", "sim"],
  check: ["view", "protocol", "sim", "scenario/model.ts"],
  explain: ["check", "view", "protocol", "sim"],
  report: [
    "runner/result.ts",
    "explain/explanation.ts",
    "explain/comparison.ts",
    "check",
    "scenario",
    "view",
    "protocol",
    "sim",
  ],
  explore: ["runner", "explain", "check", "view", "scenario", "protocol", "sim"],
  runner: ["cluster", "explain", "check", "view", "scenario", "protocol", "sim", "version.ts"],
};

const allowed = (names) =>
  names.map((name) => (name.endsWith(".ts") ? `^src/${name}$` : `^src/${name}/`));

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "platform-only-at-the-edge",
      comment: "Only cli and web may touch the platform.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli|web)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "packages-of-the-core",
      comment:
        "The core needs seedrandom for chance, zod and yaml to read scenarios, and nothing else.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli|web)/" },
      to: { path: "node_modules/", pathNot: "node_modules/(@types/)?(seedrandom|zod|yaml)/" },
    },
    {
      name: "chance-only-in-sim",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/sim/rng\\.ts$" },
      to: { path: "node_modules/(@types/)?seedrandom/" },
    },
    {
      name: "readers-only-in-scenario",
      comment: "Schemas and YAML belong to the front end; protocol tables stay plain data.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(scenario|cli|web)/" },
      to: { path: "node_modules/(zod|yaml)/" },
    },
    ...Object.entries(layers).map(([name, may]) => ({
      name: `layer-${name}`,
      severity: "error",
      from: { path: `^src/${name}/` },
      to: { path: "^src/", pathNot: [`^src/${name}/`, ...allowed(may)] },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "default"],
    },
  },
};
