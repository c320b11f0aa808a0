// The command line of the harness. What cannot be meant is told with the usage.
import { parseArgs } from "node:util";
import type { ControlPlane } from "./recorded.ts";
import { scenarioNames } from "./scenarios.ts";

export const USAGE = `npm run conformance -- record [SCENARIO...]   play on real Kafka (Java 17 and Maven) and store what happened
npm run conformance -- compare [SCENARIO...]  hold the simulator against what is stored; writes reports/conformance.md
npm run conformance -- vectors                what Kafka's released classes answer, without a cluster (Java 17 and Maven)
  --release VERSION   of Apache Kafka, like 4.1.1 or 3.9.1 (record: default 4.1.1, with --zookeeper 3.9.1; compare: default all)
  --times N           record each scenario so often (default 1)
  --add               keep the runs recorded before
  --missing           record only what has fewer runs of the scenario as it is now
  --zookeeper         record on a cluster with one ZooKeeper server, for later: nothing is compared with it
  --help              this text`;

const COMMANDS = ["record", "compare", "vectors"] as const;

export interface Options {
  readonly command: (typeof COMMANDS)[number];
  readonly scenarios: readonly string[];
  readonly release: string | undefined;
  readonly times: number;
  readonly add: boolean;
  readonly missing: boolean;
  readonly controlPlane: ControlPlane;
}

/** With ZooKeeper: where brokers fail, ISRs change or the controller does. */
const WITH_ZOOKEEPER = [
  ...["leader-kill-acks-0", "leader-kill-acks-1", "leader-kill-acks-all", "leader-kill-for-good"],
  ...["follower-kill", "isr-shrink-by-pause", "min-isr", "unclean-on", "unclean-off"],
  ...["preferred-election", "controlled-shutdown", "rolling-restart", "fast-bounce"],
  ...["controller-kill", "controller-kill-then-leader", "quorum-loss", "broker-wipe"],
  ...["leader-pause-timeout", "truncation", "leader-cut-off", "follower-cut-off"],
];

/** What is asked for; or what to print, as an answer to --help or with what is wrong. */
export function optionsOf(
  args: readonly string[],
): Options | { readonly help: string } | { readonly wrong: string } {
  const parsed = parse(args);
  if (typeof parsed === "string") return wrong(parsed);
  const { values, positionals } = parsed;
  if (values.help) return { help: USAGE };
  const [first, ...wanted] = positionals;
  const command = COMMANDS.find((name) => name === first);
  if (command === undefined) return wrong(first === undefined ? "" : `no command ${first}`);
  const known = scenarioNames();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return { wrong: `no scenario ${unknown.join(", ")}; there are ${known.join(", ")}` };
  const times = Number(values.times);
  if (!(Number.isInteger(times) && times > 0)) return wrong(`--times ${values.times} is no count`);
  if (values.zookeeper && command !== "record") return wrong("--zookeeper is for record");
  const all = values.zookeeper ? WITH_ZOOKEEPER : known;
  return {
    command,
    scenarios: wanted.length > 0 ? wanted : all,
    release: values.release,
    ...{ times, add: values.add, missing: values.missing },
    controlPlane: values.zookeeper ? "zookeeper" : "kraft",
  };
}

const wrong = (what: string): { readonly wrong: string } => ({
  wrong: what === "" ? USAGE : `${what}\n\n${USAGE}`,
});

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        release: { type: "string" },
        times: { type: "string", default: "1" },
        add: { type: "boolean", default: false },
        missing: { type: "boolean", default: false },
        zookeeper: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    // Options that do not exist or lack their value; whatever else is thrown is ours.
    if (String((error as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS"))
      return (error as Error).message.split(". ")[0] as string;
    throw error;
  }
}
