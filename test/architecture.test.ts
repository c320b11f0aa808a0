// The guards of the architecture, each shown to bite on a planted violation: a check that cannot fail has proved nothing.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MUTANT_NAMES, RULE_NAMES } from "../src/protocol/releases.ts";

const root = new URL("..", import.meta.url).pathname;

/** A small tree with the project's own tool settings, for planting what is forbidden. */
let planted: string;
beforeAll(() => {
  planted = mkdtempSync(join(tmpdir(), "faultline-planted-"));
  for (const name of [".biome", ".dependency-cruiser.cjs", "tsconfig.json", "package.json"])
    cpSync(join(root, name), join(planted, name), { recursive: true });
  const biome = JSON.parse(readFileSync(join(root, ".biome.json"), "utf8"));
  writeFileSync(
    join(planted, ".biome.json"),
    JSON.stringify({ ...biome, vcs: { enabled: false } }),
  );
  symlinkSync(join(root, "node_modules"), join(planted, "node_modules"));
});
afterAll(() => rmSync(planted, { recursive: true, force: true }));

function plant(files: Record<string, string>): void {
  rmSync(join(planted, "src"), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(planted, name)), { recursive: true });
    writeFileSync(join(planted, name), `${text}\n`);
  }
}

function tool(name: string, ...args: string[]): { status: number | null; output: string } {
  const run = spawnSync(join(root, "node_modules/.bin", name), args, {
    cwd: planted,
    encoding: "utf8",
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

describe("lint", () => {
  const lint = (path: string, text: string) => {
    plant({ [path]: text });
    return tool("biome", "lint", path);
  };

  it("passes clean code", () => {
    expect(lint("src/sim/clean.ts", "export const one = 1;").status).toBe(0);
  });

  it.each([
    ["Math.random", "export const x = Math.random();"],
    ["transcendental functions", "export const x = Math.exp(1);"],
    ["the power operator", "export const x = (a: number): number => a ** 2;"],
    ["the wall clock", "export const x = Date.now();"],
    ["timers of the host", "setTimeout(() => undefined, 1);"],
    ["promises", "export const x = Promise.resolve(1);"],
    ["async functions", "export async function f(a: number) { return await g(a); }"],
    ["the platform", 'import fs from "node:fs";\nexport default fs;'],
    [
      "locale comparisons",
      "export const x = (a: string, b: string): number => a.localeCompare(b);",
    ],
  ])("refuses %s in the world", (_, text) => {
    expect(lint("src/broker/planted.ts", text).status).toBe(1);
  });

  it("allows the platform at the edge", () => {
    expect(
      lint(
        "src/cli/edge.ts",
        'import fs from "node:fs";\nexport const now = Date.now();\nexport default fs;',
      ).status,
    ).toBe(0);
  });
});

describe("layers", () => {
  const layers = (files: Record<string, string>) => {
    plant(files);
    return tool("depcruise", "src", "--config", ".dependency-cruiser.cjs");
  };

  it("pass a permitted import", () => {
    expect(
      layers({
        "src/sim/a.ts": "export const a = 1;",
        "src/log/b.ts": 'export { a } from "../sim/a.ts";',
      }).status,
    ).toBe(0);
  });

  it.each([
    ["the simulator must not know Kafka", "src/sim/a.ts", "src/protocol/b.ts"],
    ["roles must not import each other", "src/broker/a.ts", "src/controller/b.ts"],
    ["a checker must not reach the world", "src/check/a.ts", "src/broker/b.ts"],
    ["the world must not reach an observer", "src/cluster/a.ts", "src/view/b.ts"],
    ["nothing imports the command line", "src/runner/a.ts", "src/cli/b.ts"],
  ])("%s", (_, from, to) => {
    const text = `export { b } from "../${to.slice("src/".length)}";`;
    const { status, output } = layers({ [from]: text, [to]: "export const b = 1;" });
    expect(output).toContain("error layer-");
    expect(status).not.toBe(0);
  });

  it("find cycles", () => {
    const { output } = layers({
      "src/sim/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;',
      "src/sim/b.ts": 'import { a } from "./a.ts";\nexport const b = () => a;',
    });
    expect(output).toContain("no-cycles");
  });

  it("keep chance in one file", () => {
    const { output } = layers({
      "src/broker/a.ts": 'import seedrandom from "seedrandom";\nexport const a = seedrandom("1");',
    });
    expect(output).toContain("chance-only-in-sim");
  });
});

describe("types", () => {
  it.each([
    "setTimeout(() => undefined, 1)",
    "process.exit(1)",
    "document.title",
    "console.log(1)",
    "performance.now()",
  ])("the core cannot name %s", (text) => {
    plant({ "src/sim/a.ts": `export const a = (): unknown => ${text};` });
    expect(tool("tsc", "-p", "tsconfig.json", "--noEmit").output).toContain("error TS2");
  });
});

/** Every source file of the product, parsed. */
function* sources(folder = join(root, "src")): Generator<{ path: string; text: string }> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith(".ts"))
      yield { path: path.slice(root.length), text: readFileSync(path, "utf8") };
  }
}

// What the runner reads are declared settings, for the contract; only the world acts on rules.
describe("protocol rules", () => {
  it.each(RULE_NAMES.map((name) => [name]))("%s is read in exactly one file", (name) => {
    const readers = [...sources()].filter(
      ({ path, text }) =>
        !/^src\/(protocol|runner)\//.test(path) && text.includes(`rules["${name}"]`),
    );
    expect(readers.map(({ path }) => path)).toHaveLength(1);
  });

  it.each(MUTANT_NAMES.map((name) => [name]))(
    "the mutant %s is read in exactly one file",
    (name) => {
      const readers = [...sources()].filter(
        ({ path, text }) => !path.startsWith("src/protocol/") && text.includes(`"${name}"`),
      );
      expect(readers.map(({ path }) => path)).toHaveLength(1);
    },
  );
});

/** Statements that start a process's body and throw the generator away: a forgotten `yield*`. */
function forgottenYields(program: ts.Program, wanted: (path: string) => boolean): string[] {
  const checker = program.getTypeChecker();
  const found: string[] = [];
  const visit = (node: ts.Node, file: ts.SourceFile): void => {
    if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression)) {
      const type = checker.typeToString(checker.getTypeAtLocation(node.expression));
      if (/^(Process|Generator)\b/.test(type)) {
        const { line } = file.getLineAndCharacterOfPosition(node.getStart());
        found.push(`${file.fileName}:${line + 1}`);
      }
    }
    ts.forEachChild(node, (child) => visit(child, file));
  };
  for (const file of program.getSourceFiles()) if (wanted(file.fileName)) visit(file, file);
  return found;
}

describe("processes", () => {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.es2023.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  };

  it("a call without `yield*` is found", () => {
    plant({
      "src/a.ts":
        "function* sleep(): Generator<number, void> { yield 1; }\nexport function* f(): Generator<number, void> {\n  sleep();\n  yield* sleep();\n}",
    });
    const program = ts.createProgram([join(planted, "src/a.ts")], options);
    expect(
      forgottenYields(
        program,
        (path) => path.startsWith(planted) && !path.includes("node_modules"),
      ),
    ).toEqual([`${join(planted, "src/a.ts")}:3`]);
  });

  it("no process forgets its `yield*`", () => {
    const files = [...sources()]
      .map(({ path }) => join(root, path))
      .filter((path) => !path.includes("/cli/"));
    const program = ts.createProgram(files, options);
    expect(forgottenYields(program, (path) => path.startsWith(join(root, "src")))).toEqual([]);
  });
});
