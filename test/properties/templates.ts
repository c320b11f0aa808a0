// Every scenario that comes with the product, as a template: the same story with other seeds.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("../..", import.meta.url).pathname;

export interface Template {
  readonly file: string;
  readonly text: string;
}

export function templates(folder = "scenarios"): Template[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return templates(path);
    if (!entry.name.endsWith(".yaml")) return [];
    return [{ file: path, text: readFileSync(join(root, path), "utf8") }];
  });
}
