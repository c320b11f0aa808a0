#!/usr/bin/env node
// The command line: words to functions, outcomes to exit statuses. Everything slow is loaded by the command that needs it.
import { Command, CommanderError, Option } from "commander";
import type { DiffFlags } from "./diff.ts";
import type { ExplainFlags } from "./explain.ts";
import { bugText, EXIT, type ExitCode, UsageError } from "./failure.ts";
import { keepNewObjectsYoung } from "./heap.ts";
import { addKafkaTools } from "./kafka-tools.ts";
import type { Output } from "./run.ts";
import { REPORTERS, type RunFlags } from "./run-options.ts";
import { showsProgress, styleOf } from "./terminal.ts";
import { packageVersion } from "./version.ts";

const HELP = `
Examples:
  $ faultline init my-first-scenario            a scenario to start from
  $ faultline run my-first-scenario.yaml        run it; the report says what happened and whether it should have
  $ faultline run scenarios --bail              all scenarios below a directory, until one fails
  $ faultline run x.yaml --set clients.producers.0.config.acks=1 --seed 7
  $ faultline kafka-topics latest --at 12s --describe   what Kafka's tool would have printed
  $ faultline docs acks                         what a setting, an event, an error or a check means

Exit status:
  0    everything as expected (an anomaly that a scenario announces is as expected)
  1    an expectation failed: a check, an assertion or a threshold
  2    wrong usage or an invalid scenario
  70   a bug of the simulator; the message says how to repeat it
  130  interrupted

Environment: NO_COLOR, FORCE_COLOR, CI are honoured; FAULTLINE_DEBUG=1 adds stacks to bug messages.
Read on: README.md, reports/reference/ (or faultline docs), scenarios/ for examples.`;

const RUN_HELP = `
FILE is a scenario, a directory that is searched for *.yaml, or a quoted pattern like 'scenarios/**/*.yaml'.
Every variant of a scenario is a run of its own.

Examples:
  $ faultline run x.yaml --json | jq .outcome
  $ faultline run x.yaml --variant clean --until 60s --trace
  $ faultline run scenarios --reporter junit > results.xml

Each run leaves scenario.yaml, report.txt and result.json in reports/runs/<scenario>[-<variant>]/<seed>-<hash>/.
The same run writes the same bytes to the same place. Exit status: 0, 1, 2, 70, 130; see faultline --help.`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function output(flags: { readonly color?: boolean; readonly quiet?: boolean }): Output {
  return {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    style: styleOf(process.stdout, flags.color === false),
    progress: showsProgress(flags.quiet === true),
    debug: process.env.FAULTLINE_DEBUG === "1",
    version: packageVersion(),
  };
}

type Finish = (code: ExitCode) => void;

function runOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--until <time>", "stop at this virtual time, without settling: 91.2s").helpGroup(
        "Run:",
      ),
    )
    .addOption(
      new Option(
        "--trace",
        "every event: events.jsonl in the run's directory, or stderr with --no-out",
      ).helpGroup("Output:"),
    )
    .addOption(
      new Option("--json", "one JSON document on stdout, an array for several runs").helpGroup(
        "Output:",
      ),
    )
    .addOption(
      new Option("--reporter <name>", "what goes to stdout")
        .choices(REPORTERS)
        .helpGroup("Output:"),
    )
    .addOption(new Option("-q, --quiet", "verdicts only, no progress").helpGroup("Output:"))
    .addOption(new Option("--no-color", "no colours").helpGroup("Output:"))
    .addOption(
      new Option("-o, --out <dir>", "where runs are kept")
        .default("reports/runs")
        .helpGroup("Output:"),
    );
}

function addRun(program: Command, finish: Finish): void {
  const command = program
    .command("run")
    .description("run scenarios: text report on stdout, results in reports/runs")
    .argument("<file...>", "scenarios, directories or patterns")
    .addOption(
      new Option("--seed <seed>", "where chance comes from; overrides the scenario's").helpGroup(
        "Run:",
      ),
    )
    .addOption(new Option("--variant <name>", "this variant only").helpGroup("Run:"))
    .addOption(
      new Option("--set <path=value>", "override a key, repeatable: cluster.brokers=5")
        .argParser(collect)
        .helpGroup("Run:"),
    )
    .addOption(
      new Option("--only <checks>", "these checks only: lost-write,duplicate")
        .argParser(collect)
        .helpGroup("Run:"),
    )
    .addOption(new Option("--strict", "warnings make a run unexpected").helpGroup("Run:"))
    .addOption(
      new Option("--bail", "stop at the first run that is not as expected").helpGroup("Run:"),
    );
  runOptions(command)
    .addOption(new Option("--no-out", "keep nothing").helpGroup("Output:"))
    .addHelpText("after", RUN_HELP)
    .action(async (files: string[], flags: RunFlags) => {
      const [{ scenarioFiles }, { runFiles }, { runSettings }, { startRun }] = await Promise.all([
        import("./files.ts"),
        import("./run.ts"),
        import("./run-options.ts"),
        import("../runner/run.ts"),
      ]);
      const settings = runSettings(flags);
      const { code } = await runFiles(scenarioFiles(files), settings, output(flags), startRun);
      finish(code);
    });
}

function addReplay(program: Command, finish: Finish): void {
  const command = program
    .command("replay")
    .description("run again what a run's directory holds, and compare the traces")
    .argument("<run>", "a run's directory, or its name below --out: latest");
  runOptions(command).action(async (run: string, flags: RunFlags) => {
    const [{ replay }, { startRun }] = await Promise.all([
      import("./replay.ts"),
      import("../runner/run.ts"),
    ]);
    finish(await replay(run, flags, output(flags), startRun));
  });
}

const EXPLAIN_HELP = `
RUN is the directory of a run (or its name below --out: latest), or a scenario file, which is run for the purpose.

Without --record, --event or --partition: the first anomaly of the run (a bug before a lesson), how it came about in at most ten sentences,
and what would have prevented it. That is found by running the same seed again, once for each setting that could be flipped and each
fault that could be left out; --no-reruns leaves it out. Numbers like #4302 are event numbers: --event looks at one more closely.

Examples:
  $ faultline explain latest
  $ faultline explain scenarios/demos/acks-one-loss.yaml --variant one --check lost-write
  $ faultline explain latest --record 0/4988          the life of a record: a name, stream/number, or orders-0@4988
  $ faultline explain latest --event 45847            what led to an event, and what it led to
  $ faultline explain latest --partition orders-0

Exit status: 0 explained (or nothing to explain), 2 wrong usage or an invalid scenario, 70 a bug of the simulator, 130 interrupted.`;

function addExplain(program: Command, finish: Finish): void {
  scenarioOptions(
    program
      .command("explain")
      .description("why an anomaly came about, and what would have prevented it")
      .argument("<run>", "a run's directory or name, or a scenario file"),
  )
    .addOption(new Option("--check <name>", "the anomaly to explain").helpGroup("Subject:"))
    .addOption(
      new Option("--record <record>", "one record: m1, 0/17, orders-0@17").helpGroup("Subject:"),
    )
    .addOption(new Option("--event <number>", "one event: 4302").helpGroup("Subject:"))
    .addOption(new Option("--partition <name>", "one partition: orders-0").helpGroup("Subject:"))
    .option("--no-reruns", "do not look for what would have prevented it")
    .addHelpText("after", EXPLAIN_HELP)
    .action(async (run: string, flags: ExplainFlags & Looks) => {
      const { explainCommand } = await import("./explain.ts");
      finish(await explainCommand(run, flags, output(flags)));
    });
}

const DIFF_HELP = `
A and B are directories of runs (or their names below --out), or scenario files. --seed and --variant given once are for both, given
twice for A and for B; --set is for B alone. Without B it is A's file again. Of a kept run, its own seed, variant and overrides count.

Shown are the first event that differs with what comes before and after it, verdicts, counts and single records with another outcome,
and metrics. Both runs are repeated for the purpose, side by side.

Examples:
  $ faultline diff scenarios/demos/unclean-election.yaml --variant clean --variant unclean
  $ faultline diff x.yaml --seed 1 --seed 2
  $ faultline diff x.yaml --set clients.producers.0.config.acks=1
  $ faultline diff reports/runs/x/latest y.yaml --json | jq .divergence

Exit status: 0 not a single event differs, 1 they differ, 2 wrong usage or an invalid scenario, 70 a bug of the simulator, 130 interrupted.`;

function addDiff(program: Command, finish: Finish): void {
  const repeated = (flags: string, text: string): Option =>
    new Option(flags, text).argParser(collect);
  program
    .command("diff")
    .description("compare two runs, two seeds or two variants")
    .argument("<a>", "a run's directory or name, or a scenario file")
    .argument("[b]", "the other; without it a again")
    .addOption(repeated("--seed <seed>", "of a scenario file, twice: of A and of B"))
    .addOption(repeated("--variant <name>", "of a scenario file, twice: of A and of B"))
    .addOption(repeated("--set <path=value>", "override a key of B's file, repeatable"))
    .option("-o, --out <dir>", "where runs are kept", "reports/runs")
    .option("--json", "one JSON document on stdout")
    .option("-q, --quiet", "no progress")
    .option("--no-color", "no colours")
    .addHelpText("after", DIFF_HELP)
    .action(async (a: string, b: string | undefined, flags: DiffFlags & Looks) => {
      const { diffCommand } = await import("./diff.ts");
      finish(await diffCommand(a, b, flags, output(flags)));
    });
}

interface Looks {
  readonly color?: boolean;
  readonly quiet?: boolean;
}

/** What commands take that are about one scenario. */
function scenarioOptions(command: Command): Command {
  return command
    .option("--seed <seed>", "of a scenario file")
    .option("--variant <name>", "of a scenario file")
    .addOption(
      new Option("--set <path=value>", "override a key of a scenario file, repeatable").argParser(
        collect,
      ),
    )
    .option("-o, --out <dir>", "where runs are kept", "reports/runs")
    .option("--json", "one JSON document on stdout")
    .option("-q, --quiet", "no progress")
    .option("--no-color", "no colours");
}

function addAuthoring(program: Command, finish: Finish): void {
  program
    .command("init")
    .description("write a commented scenario NAME.yaml to start from")
    .argument("<name>", "in kebab-case")
    .action(async (name: string) => {
      const { init } = await import("./init.ts");
      process.stdout.write(init(name));
    });
  program
    .command("validate")
    .description("check scenarios without running them")
    .argument("<file...>", "scenarios, directories or patterns")
    .option("--no-color", "no colours")
    .action(async (files: string[], flags: { color?: boolean }) => {
      const [{ scenarioFiles }, { validate }] = await Promise.all([
        import("./files.ts"),
        import("./validate.ts"),
      ]);
      finish(validate(scenarioFiles(files), output(flags)));
    });
  program
    .command("schema")
    .description("print the JSON Schema of a scenario, for editors")
    .action(async () => {
      const { schemaText } = await import("./schema.ts");
      process.stdout.write(schemaText());
    });
}

function addDocs(program: Command): void {
  program
    .command("docs")
    .description("explain settings, events, errors, rules and checks")
    .argument("[topic]", "a topic, or a name: acks, isr.shrunk, NOT_ENOUGH_REPLICAS")
    .option("--write <dir>", "write the reference as Markdown pages")
    .option("--no-color", "no colours")
    .action(async (topic: string | undefined, flags: { write?: string; color?: boolean }) => {
      const { docsText, writePages } = await import("./docs.ts");
      if (flags.write !== undefined) process.stdout.write(writePages(flags.write));
      else process.stdout.write(docsText(topic, output(flags).style));
    });
}

function programFor(finish: Finish): Command {
  const program = new Command("faultline")
    .description("Deterministic simulation of Apache Kafka clusters under faults.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .addHelpCommand(
      new Command("help")
        .argument("[command]")
        .description("print help for a command")
        .helpGroup("Looking things up:"),
    )
    .showSuggestionAfterError()
    .showHelpAfterError("(faultline --help explains)")
    .exitOverride()
    .addHelpText("after", HELP);
  program.commandsGroup("Running:");
  addRun(program, finish);
  addReplay(program, finish);
  program.commandsGroup("Understanding a run:");
  addExplain(program, finish);
  addDiff(program, finish);
  program.commandsGroup("Kafka's tools at an instant of a run:");
  addKafkaTools(program, finish);
  program.commandsGroup("Writing scenarios:");
  addAuthoring(program, finish);
  program.commandsGroup("Looking things up:");
  addDocs(program);
  for (const command of program.commands) {
    command.copyInheritedSettings(program);
    command.showHelpAfterError(`(faultline ${command.name()} --help explains)`);
  }
  return program;
}

/** Never throws; the status is what a shell sees. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = programFor((given) => {
    code = given;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): ExitCode {
  // Commander has written its message; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  // Its message shows the place in the file.
  if (error instanceof Error && error.name === "ScenarioError") {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof Error && "syscall" in error) {
    // The file system's refusal (disk full, no permission) is not our bug, but nothing was decided either.
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  process.stderr.write(bugText(error, undefined, process.env.FAULTLINE_DEBUG === "1"));
  return EXIT.bug;
}

// A reader that has seen enough (head, less) closes the pipe.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(process.exitCode ?? EXIT.ok);
});

keepNewObjectsYoung();
process.exitCode = await main(process.argv.slice(2));
