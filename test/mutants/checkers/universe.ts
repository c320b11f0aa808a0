// Modules of the repository, loaded within this process. In each universe one file of src/check may be another text.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

export const ROOT = new URL("../../../", import.meta.url).pathname;
export const CHECKS = "src/check/";

/** What a module gives to others. */
export type Exports = Record<string, unknown>;
type Module = (require: (name: string) => unknown, exports: Exports) => void;

/** Turns of all loops of one judgement: a loop that does not end ends here. */
export const FUEL = 3_000_000;
const fuel = globalThis as unknown as { checkerFuel: number };

export function refuel(turns = FUEL): void {
  fuel.checkerFuel = turns;
}

const native = createRequire(import.meta.url);
const compiled = new Map<string, Module>();
/** Modules that are the same in every universe; those of src/check are, unless they use the file that is another. */
const shared = new Map<string, Exports>();
const uses = new Map<string, readonly string[]>();

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** Files of src/check whose values a file of src/check uses. */
function usedBy(file: string): readonly string[] {
  let used = uses.get(file);
  if (used === undefined) {
    const imports = read(file).matchAll(/^(?:import|export) (?!type)[^;]*? from "\.\/([^"]+)";/gms);
    used = [...imports].map(([, name]) => `${CHECKS}${name}`);
    uses.set(file, used);
  }
  return used;
}

function depends(file: string, on: string, seen = new Set<string>()): boolean {
  if (file === on) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return usedBy(file).some((used) => depends(used, on, seen));
}

export class Universe {
  readonly #own = new Map<string, Exports>();
  readonly #replaced: { readonly file: string; readonly text: string } | undefined;
  readonly #given: Readonly<Record<string, unknown>>;

  /** `given`: what stands for packages and files. */
  constructor(
    replaced?: { readonly file: string; readonly text: string },
    given: Readonly<Record<string, unknown>> = {},
  ) {
    this.#replaced = replaced;
    this.#given = given;
  }

  /** `file`: as seen from the repository. */
  load(file: string): Exports {
    const isShared = file.startsWith("src/") && !this.#isOwn(file);
    const cache = isShared ? shared : this.#own;
    const known = cache.get(file);
    if (known !== undefined) return known;
    const exports: Exports = {};
    cache.set(file, exports);
    const resolve = (name: string): unknown => {
      const path = name.startsWith(".") ? join(dirname(file), name) : name;
      return this.#given[path] ?? (path === name ? native(name) : this.load(path));
    };
    this.#compiled(file)(resolve, exports);
    return exports;
  }

  #isOwn(file: string): boolean {
    if (this.#replaced === undefined || !file.startsWith(CHECKS)) return false;
    return depends(file, this.#replaced.file);
  }

  #compiled(file: string): Module {
    if (this.#replaced?.file === file) return compile(file, this.#replaced.text);
    let module = compiled.get(file);
    if (module === undefined) {
      module = compile(file, read(file));
      compiled.set(file, module);
    }
    return module;
  }
}

function compile(file: string, text: string): Module {
  const { outputText } = ts.transpileModule(text, {
    fileName: file,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: false,
    },
    ...(file.startsWith(CHECKS) ? { transformers: { before: [rationed] } } : {}),
  });
  return new Function("require", "exports", outputText) as Module;
}

/** Every turn of a loop takes fuel. */
const rationed: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const burn = factory.createIfStatement(
    factory.createLessThan(
      factory.createPrefixDecrement(factory.createIdentifier("globalThis.checkerFuel")),
      factory.createNumericLiteral(0),
    ),
    factory.createThrowStatement(factory.createStringLiteral("out of fuel")),
  );
  const body = (statement: ts.Statement): ts.Block => factory.createBlock([burn, statement], true);
  const visit = (node: ts.Node): ts.Node => {
    const n = ts.visitEachChild(node, visit, context);
    if (ts.isForStatement(n))
      return factory.updateForStatement(
        n,
        n.initializer,
        n.condition,
        n.incrementor,
        body(n.statement),
      );
    if (ts.isForOfStatement(n))
      return factory.updateForOfStatement(
        n,
        n.awaitModifier,
        n.initializer,
        n.expression,
        body(n.statement),
      );
    if (ts.isWhileStatement(n))
      return factory.updateWhileStatement(n, n.expression, body(n.statement));
    return n;
  };
  return (file) => ts.visitNode(file, visit) as ts.SourceFile;
};
