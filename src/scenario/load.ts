// Text to scenarios: YAML with positions, variants and --set laid over it, schema, meaning. All errors at once; no file is touched here.
import { isMap, type Node } from "yaml";
import { type Diagnostic, type Path, ScenarioError } from "./diagnostics.ts";
import { isTree, merge, resolvePath, setAt } from "./merge.ts";
import type { Scenario } from "./model.ts";
import { normalize } from "./normalize/normalize.ts";
import { addIssues, messageFor, Problems } from "./problems.ts";
import { remainder } from "./remainder.ts";
import { scenarioSchema } from "./schema/scenario.ts";
import { type Layer, SourceMap } from "./source-map.ts";
import { didYouMean } from "./suggest.ts";
import { refuseUnsupported } from "./unsupported.ts";
import { parseYaml, type YamlSource } from "./yaml-source.ts";

export { ScenarioError } from "./diagnostics.ts";

export interface LoadOptions {
  readonly seed?: string;
  /** Only this variant. */
  readonly variant?: string;
  /** `path=value`, each over the file and its variants. */
  readonly set?: readonly string[];
}

export interface LoadedScenario {
  /** One a variant, or one without variants. */
  readonly scenarios: readonly Scenario[];
  readonly warnings: readonly Diagnostic[];
}

const SET = "--set";

/** Throws a ScenarioError with everything that is wrong. `file` is used in messages; its name must be the scenario's. */
export function loadScenario(
  text: string,
  file: string,
  options: LoadOptions = {},
): LoadedScenario {
  const set = options.set ?? [];
  const sources = new Map([
    [file, text],
    ...(set.length > 0 ? [[SET, set.join("\n")] as const] : []),
  ]);
  const fail = (diagnostics: readonly Diagnostic[]): never => {
    throw new ScenarioError(diagnostics, file, text, sources);
  };
  const { source, value, diagnostics } = parseYaml(text, file);
  if (source === undefined || diagnostics.length > 0) return fail(diagnostics);
  const root = source.document.contents as Node | null;
  if (!isTree(value)) {
    const message =
      value === null || value === undefined
        ? "the file is empty"
        : "a scenario is a map of keys and values";
    const at = { file, line: 1, column: 1, length: 1 };
    return fail([
      {
        severity: "error",
        ...at,
        message,
        path: [],
        hint: "faultline init NAME writes one to start from",
      },
    ]);
  }
  const found = new Findings();
  const { variants, ...base } = value;
  const ground: Layer = { source, at: [], root };
  const scenarios: Scenario[] = [];
  for (const { name, patch, layers } of variantsOf(variants, ground, options, found)) {
    const scenario = loadOne(merge(base, patch), layers, name, { file, options }, found);
    if (scenario !== undefined) scenarios.push(scenario);
  }
  const all = found.sorted();
  if (all.some((d) => d.severity === "error")) return fail(all);
  return { scenarios, warnings: all };
}

/** Diagnostics without repetitions: what is wrong in the file is wrong in each of its variants. */
class Findings {
  readonly #byText = new Map<string, Diagnostic>();

  add(problems: Problems, map: SourceMap): void {
    for (const { severity, path, on, message, hint } of problems.list) {
      const d: Diagnostic = { severity, ...map.locate(path, on), message, path, hint };
      const key = `${d.file}:${d.line}:${d.column}:${message}`;
      if (!this.#byText.has(key)) this.#byText.set(key, d);
    }
  }

  sorted(): Diagnostic[] {
    const rank = (d: Diagnostic): number => (d.file === SET ? 1 : 0);
    return [...this.#byText.values()].sort(
      (a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column,
    );
  }
}

interface Variant {
  readonly name: string | undefined;
  readonly patch: unknown;
  readonly layers: readonly Layer[];
}

function variantsOf(
  variants: unknown,
  ground: Layer,
  options: LoadOptions,
  found: Findings,
): Variant[] {
  const problems = new Problems();
  const alone: Variant = { name: undefined, patch: {}, layers: [ground] };
  const wanted = options.variant;
  const names = isTree(variants) ? Object.keys(variants) : [];
  if (variants !== undefined && variants !== null && !isTree(variants)) {
    problems.error(["variants"], "must be a map of variants by name", undefined, "key");
  }
  if (wanted !== undefined && !names.includes(wanted)) {
    problems.error(
      names.length > 0 ? ["variants"] : [],
      `there is no variant "${wanted}"`,
      names.length > 0 ? didYouMean(wanted, names) : "the scenario has no variants",
      "key",
    );
  }
  const chosen = wanted === undefined ? names : names.filter((name) => name === wanted);
  const all = chosen.map((name): Variant => {
    const patch = (variants as Record<string, unknown>)[name] ?? {};
    const path = ["variants", name];
    if (!isTree(patch)) problems.error(path, "a variant is a map of what it changes");
    else if ("variants" in patch)
      problems.error([...path, "variants"], "a variant has no variants", undefined, "key");
    const node = ground.source.document.getIn(path, true) as Node | undefined;
    const layer = { source: ground.source, at: [], root: isMap(node) ? node : null };
    return {
      name,
      patch: isTree(patch) ? patch : {},
      layers: layer.root === null ? [ground] : [ground, layer],
    };
  });
  found.add(problems, new SourceMap([ground]));
  return all.length > 0 ? all : [alone];
}

function loadOne(
  tree: unknown,
  layers: readonly Layer[],
  variant: string | undefined,
  { file, options }: { readonly file: string; readonly options: LoadOptions },
  found: Findings,
): Scenario | undefined {
  const over = applySets(tree, layers, options.set ?? [], found);
  const map = new SourceMap(over.layers);
  const problems = new Problems();
  refuseUnsupported(over.tree, problems);
  const parsed = scenarioSchema.safeParse(over.tree, { error: messageFor });
  if (!parsed.success) {
    addIssues(problems, parsed.error.issues, over.tree);
    const rest = scenarioSchema.safeParse(remainder(over.tree, parsed.error.issues));
    if (rest.success) normalize(rest.data, variant, problems);
    found.add(problems, map);
    return undefined;
  }
  const scenario = normalize(parsed.data, variant, problems);
  checkFileName(scenario.name, file, problems);
  found.add(problems, map);
  return options.seed === undefined ? scenario : { ...scenario, seed: options.seed };
}

function checkFileName(name: string, file: string, problems: Problems): void {
  const stem = /([^/\\]*?)\.ya?ml$/.exec(file)?.[1];
  if (stem === undefined || stem === name) return;
  problems.error(["name"], `name must equal the file's name, ${stem}`);
}

function applySets(
  tree: unknown,
  layers: readonly Layer[],
  sets: readonly string[],
  found: Findings,
) {
  let merged = tree;
  const over = [...layers];
  for (const [index, text] of sets.entries()) {
    const line = index + 1;
    const refuse = (message: string): void => {
      const problems = new Problems();
      problems.error([], message, "like clients.producers.0.config.acks=1");
      found.add(problems, new SourceMap([whole(text, line)]));
    };
    const equals = text.indexOf("=");
    if (equals < 1) {
      refuse(`${JSON.stringify(text)} is not path=value`);
      continue;
    }
    const resolved = resolvePath(merged, text.slice(0, equals).trim());
    if (!resolved.ok) {
      refuse(`${JSON.stringify(text)}: ${resolved.error}`);
      continue;
    }
    const value = parseYaml(text.slice(equals + 1), SET);
    if (value.source === undefined || value.diagnostics.length > 0) {
      refuse(`${JSON.stringify(text)}: ${value.diagnostics[0]?.message ?? "no value"}`);
      continue;
    }
    merged = setAt(merged, resolved.path, value.value);
    const length = String(resolved.path.at(-1)).length;
    const key = {
      column: text.slice(0, equals).replace(/[\]\s]+$/, "").length - length + 1,
      length,
    };
    over.push({ ...layerAt(value.source, resolved.path, { line, column: equals + 2 }), key });
  }
  return { tree: merged, layers: over };
}

const layerAt = (
  source: YamlSource,
  at: Path,
  offset: { line: number; column: number },
): Layer => ({
  source,
  at,
  root: source.document.contents as Node | null,
  offset,
});

function whole(text: string, line: number): Layer {
  const source = { file: SET, position: () => ({ line: 1, column: 1 }) } as unknown as YamlSource;
  return {
    source,
    at: [],
    root: { range: [0, text.length, text.length] } as Node,
    offset: { line, column: 1 },
  };
}
