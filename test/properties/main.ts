// npm run properties -- [--runs 2000] [--from 0]: generated runs of correct settings, and every template with another seed in turn.
// Prints each alarm with the scenario that raised it, then what was exercised how often.
import { generated } from "./generate.ts";
import { templates } from "./templates.ts";
import { type Alarm, loaded, verdictOf } from "./verdict.ts";

const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};

const runs = option("runs", 2000);
const from = option("from", 0);
const SEED = 20_261;
/** Every fifth run is a template. */
const TEMPLATE_EVERY = 5;

const texts = generated(SEED, from + runs);
const stories = templates();
const exercised = new Map<string, number>();
const permitted = new Map<string, number>();
let acked = 0;
let done = 0;
let alarms = 0;

function tell(what: string, raised: readonly Alarm[], text: string): void {
  for (const { check, message } of raised) console.log(`ALARM ${what}: ${check}: ${message}`);
  console.log(text);
}

function judge(what: string, text: string, file?: string, seed?: string): void {
  for (const scenario of loaded(text, file, seed)) {
    const verdict = verdictOf(scenario);
    done++;
    acked += verdict.acked;
    for (const name of verdict.exercised) exercised.set(name, (exercised.get(name) ?? 0) + 1);
    for (const name of verdict.permitted) permitted.set(name, (permitted.get(name) ?? 0) + 1);
    if (verdict.alarms.length === 0) continue;
    alarms++;
    tell(
      `${what}${scenario.variant === undefined ? "" : ` (${scenario.variant})`}`,
      verdict.alarms,
      file === undefined ? text : "",
    );
  }
}

for (let i = from; i < from + runs; i++) {
  const story = stories[Math.floor(i / TEMPLATE_EVERY) % stories.length];
  if (i % TEMPLATE_EVERY === 0 && story !== undefined)
    judge(`run ${i} ${story.file} seed ${i}`, story.text, story.file, String(i));
  else judge(`run ${i}`, texts[i] ?? "");
  if ((i + 1 - from) % 50 === 0) console.log(`${i + 1 - from} of ${runs}: ${alarms} alarms`);
}
console.log(`${done} runs, ${acked} records acked, ${alarms} with an alarm`);
for (const [name, times] of exercised) {
  console.log(`${name.padEnd(32)} exercised ${times}, permitted ${permitted.get(name) ?? 0}`);
}
