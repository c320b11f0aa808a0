// The harness's entry: npm run conformance -- SUBCOMMAND. It needs Java and Maven; the normal tests do not.
import { recordVectors } from "./vectors.ts";

const [command] = process.argv.slice(2);
const today = new Date().toISOString().slice(0, 10);

if (command === "vectors") recordVectors(today, (line) => process.stdout.write(`${line}\n`));
else {
  process.stderr.write("usage: npm run conformance -- vectors\n");
  process.exitCode = 2;
}
