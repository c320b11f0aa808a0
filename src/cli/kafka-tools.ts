// Kafka's own tools over a run: each stops the run at an instant and prints what the tool would have printed, and nothing else.
import { type Command, Option } from "commander";
import type { ExitCode } from "./failure.ts";
import type { GroupsFlags } from "./kafka-consumer-groups.ts";
import type { InstantFlags, Stopped } from "./kafka-instant.ts";
import type { QuorumFlags } from "./kafka-metadata-quorum.ts";
import type { ToolResult } from "./kafka-result.ts";
import type { TopicsFlags } from "./kafka-topics.ts";

type Finish = (code: ExitCode) => void;

const HELP = `
RUN is the directory of a run (or its name below --out: latest), or a scenario file, which is run for the purpose.
The run is repeated up to --at; times are the scenario's. The output is that of the tool of the scenario's Kafka release.
Exit status: 0, 1 where Kafka's tool reports an error, 2 for wrong usage.`;

const TOPICS_HELP = `${HELP}

Topic ids follow from the seed and the topic's name. What a broker would answer is taken from the controller, without the
milliseconds by which brokers lag behind it.

Examples:
  $ faultline kafka-topics latest --at 12s --describe
  $ faultline kafka-topics scenarios/demos/leader-election.yaml --at 12s --describe --under-replicated-partitions`;

const GROUPS_HELP = `${HELP}

While a group rebalances, members without a first assignment are not listed; leader epochs of offsets (--verbose) are not known.

--reset-offsets shows what would be reset (--dry-run, which is its default) and changes nothing: --execute is refused, for the run is over. A
scenario resets offsets with an operation: { at: 90s, run: kafka-consumer-groups, args: { reset-offsets: true, ..., execute: true } }.
Its clock is the scenario's: 1970-01-01T00:01:30.000 is 90s.

Examples:
  $ faultline kafka-consumer-groups latest --at 30s --describe --group billing
  $ faultline kafka-consumer-groups latest --reset-offsets --group billing --topic orders:0,1 --by-duration PT10S --dry-run
  $ faultline kafka-consumer-groups latest --list --state`;

const QUORUM_HELP = `${HELP}

Ids of the cluster and of directories follow from the seed and the node's name. Timestamps are milliseconds of scenario time.
Exact: the leader, its epoch, the high watermark, and the log ends of voters. Approximate: when a follower last fetched (taken to
be when it last appended), and all of observers (a broker that runs is taken to have fetched up to the high watermark).

Examples:
  $ faultline kafka-metadata-quorum latest --at 9s describe --status
  $ faultline kafka-metadata-quorum latest --at 9s describe --replication`;

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function addKafkaTools(program: Command, finish: Finish): void {
  addTopics(program, finish);
  addGroups(program, finish);
  addQuorum(program, finish);
}

/** What all tools take. */
function tool(program: Command, name: string, description: string, help: string): Command {
  return program
    .command(name)
    .description(description)
    .argument("<run>", "a run's directory or name, or a scenario file")
    .option("--at <time>", "the instant: 91.2s (default: the end of the run)")
    .option("--seed <seed>", "of a scenario file")
    .option("--variant <name>", "of a scenario file")
    .addOption(
      new Option("--set <path=value>", "override a key of a scenario file, repeatable").argParser(
        collect,
      ),
    )
    .option("-o, --out <dir>", "where runs are kept", "reports/runs")
    .addHelpText("after", help);
}

function addTopics(program: Command, finish: Finish): void {
  tool(
    program,
    "kafka-topics",
    "topics and partitions, as kafka-topics.sh prints them",
    TOPICS_HELP,
  )
    .option("--list", "the names of all topics")
    .option("--describe", "topics and their partitions")
    .option("--topic <topic>", "these topics only, a regular expression")
    .option("--under-replicated-partitions", "partitions whose ISR is not complete")
    .option("--unavailable-partitions", "partitions without a live leader")
    .option("--under-min-isr-partitions", "partitions with fewer in sync than min.insync.replicas")
    .option("--at-min-isr-partitions", "partitions with exactly min.insync.replicas in sync")
    .option("--topics-with-overrides", "topics with settings of their own, without partitions")
    .option("--exclude-internal", "without Kafka's own topics")
    .option("--if-exists", "no error when there is no such topic")
    .action(async (run: string, flags: InstantFlags & TopicsFlags) => {
      const { checkTopicsFlags, kafkaTopics } = await import("./kafka-topics.ts");
      checkTopicsFlags(flags);
      finish(await look(run, flags, (stopped) => kafkaTopics(stopped, flags)));
    });
}

function addGroups(program: Command, finish: Finish): void {
  const description = "groups, members and lag, as kafka-consumer-groups.sh prints them";
  tool(program, "kafka-consumer-groups", description, GROUPS_HELP)
    .option("--list", "all groups")
    .option("--describe", "offsets and lag, or members, or the state")
    .addOption(new Option("--group <group>", "a group, repeatable").argParser(collect))
    .option("--all-groups", "every group")
    .option("--offsets", "offsets and lag (the default)")
    .option("--members", "members and how many partitions they have")
    .option("--state [states]", "the state; with --list, only groups in these states")
    .option("--type [types]", "with --list: the type, or only groups of these types")
    .option("--verbose", "more columns")
    .option("--reset-offsets", "the offsets that a reset would give groups without members")
    .addOption(
      new Option("--topic <topic>", "reset: a topic, or topic:0,1; repeatable").argParser(collect),
    )
    .option("--all-topics", "reset: all topics for which the group has committed offsets")
    .option("--to-earliest", "reset: to the beginning of the log")
    .option("--to-latest", "reset: to its end")
    .option("--to-current", "reset: to what is committed, or the end")
    .option("--to-offset <offset>", "reset: to this offset")
    .option("--shift-by <number-of-offsets>", "reset: by so many offsets, like -100")
    .option("--by-duration <duration>", "reset: to this long ago, PnDTnHnMnS")
    .option("--to-datetime <datetime>", "reset: to this time, YYYY-MM-DDThh:mm:ss.sss")
    .option("--from-file <path>", "reset: to what a CSV file says")
    .option("--dry-run", "reset: only show what it would do")
    .option("--execute", "reset: refused, see below")
    .option("--export", "reset: as CSV")
    .action(async (run: string, flags: InstantFlags & GroupsFlags) => {
      const { checkGroupsFlags, kafkaConsumerGroups } = await import("./kafka-consumer-groups.ts");
      checkGroupsFlags(flags);
      finish(await look(run, flags, (stopped) => kafkaConsumerGroups(stopped, flags)));
    });
}

function addQuorum(program: Command, finish: Finish): void {
  const description = "the controller quorum, as kafka-metadata-quorum.sh prints it";
  tool(program, "kafka-metadata-quorum", description, QUORUM_HELP)
    .argument("<action>", "describe")
    .option("--status", "leader, epoch, high watermark, lag, voters")
    .option("--replication", "how far each replica of the metadata log is")
    .option("--human-readable", "with --replication: ages instead of timestamps")
    .action(async (run: string, action: string, flags: InstantFlags & QuorumFlags) => {
      const { checkQuorumFlags, kafkaMetadataQuorum } = await import("./kafka-metadata-quorum.ts");
      checkQuorumFlags(action, flags);
      finish(await look(run, flags, (stopped) => kafkaMetadataQuorum(stopped, flags)));
    });
}

async function look(
  run: string,
  flags: InstantFlags,
  print: (stopped: Stopped) => ToolResult,
): Promise<ExitCode> {
  const { stoppedAt } = await import("./kafka-instant.ts");
  const { code, stdout, stderr } = print(stoppedAt(run, flags));
  process.stderr.write(stderr);
  process.stdout.write(stdout);
  return code;
}
