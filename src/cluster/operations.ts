// What an operator runs, by the tool's name and flags: each becomes admin requests from the operator's machine.
import { type AdminClient, adminClient } from "../client/admin.ts";
import type { Process } from "../protocol/kafka-host.ts";
import type { TopicPartition } from "../protocol/types.ts";
import type { OperationSpec, TopicSpec } from "../scenario/model.ts";
import { ms } from "../sim/kernel.ts";
import { operatorOf } from "./build.ts";
import { type Cluster, WARM_UP } from "./cluster.ts";
import { arm } from "./trigger.ts";

type Args = OperationSpec["args"];

/** How often bring-up looks whether all brokers are there. */
const BRING_UP_POLL = ms(100);

/** Creates the scenario's topics as soon as every broker is unfenced (or, at the latest, when time runs out), then arms the operations. */
export function startOperator(cluster: Cluster): void {
  const operator = operatorOf(cluster);
  operator.boot();
  const admin = adminClient(operator, cluster.env);
  operator.spawn(createTopics(cluster, admin));
  for (const operation of cluster.scenario.operations) {
    arm(cluster, operation.trigger, () => operator.spawn(perform(cluster, admin, operation)));
  }
}

function* createTopics(cluster: Cluster, admin: AdminClient): Process {
  const operator = operatorOf(cluster);
  const allUnfenced = (): boolean => {
    const brokers = cluster.metadata()?.brokers;
    return cluster.env.brokers.every((id) => brokers?.get(id)?.fenced === false);
  };
  while (!allUnfenced() && operator.now < WARM_UP - BRING_UP_POLL)
    yield* operator.sleep(BRING_UP_POLL);
  if (cluster.scenario.topics.length > 0)
    yield* admin.createTopics(cluster.scenario.topics.map(newTopic));
}

function newTopic(topic: TopicSpec): Parameters<AdminClient["createTopics"]>[0][number] {
  const { name, partitions, replicationFactor, replicas: assignment, config } = topic;
  return { name, partitions, replicationFactor, assignment, config };
}

function* perform(cluster: Cluster, admin: AdminClient, operation: OperationSpec): Process {
  const operator = operatorOf(cluster);
  const { tool, args } = operation;
  operator.emit("operation.run", { tool, args: commandLine(args) });
  const outcome = yield* tool === "kafka-topics"
    ? topics(admin, args)
    : elections(cluster, admin, args);
  operator.emit("operation.done", { tool, ...outcome });
}

/** The flags as one would type them. */
function commandLine(args: Args): string {
  return Object.entries(args)
    .map(([flag, value]) => (value === true ? `--${flag}` : `--${flag} ${String(value)}`))
    .join(" ");
}

interface Outcome {
  readonly ok: boolean;
  readonly message: string;
}

function* topics(admin: AdminClient, args: Args): Process<Outcome> {
  const name = String(args.topic);
  if (args.delete === true) return summary(yield* admin.deleteTopics([name]));
  if (args.alter === true) {
    return summary(
      yield* admin.createPartitions([
        { name, count: Number(args.partitions), assignment: undefined },
      ]),
    );
  }
  const topic = {
    name,
    partitions: Number(args.partitions ?? 1),
    replicationFactor: Number(args["replication-factor"] ?? 1),
    assignment: undefined,
    config: {},
  };
  return summary(yield* admin.createTopics([topic]));
}

function* elections(cluster: Cluster, admin: AdminClient, args: Args): Process<Outcome> {
  const electionType =
    String(args["election-type"] ?? "preferred").toUpperCase() === "UNCLEAN"
      ? "UNCLEAN"
      : "PREFERRED";
  let partitions: TopicPartition[] | undefined;
  if (args["all-topic-partitions"] !== true) {
    partitions = [cluster.env.partitions.of(String(args.topic), Number(args.partition))];
  }
  return summary(yield* admin.electLeaders(electionType, partitions));
}

interface Results {
  readonly error: string;
  readonly failures: readonly string[];
}

function summary(results: Results): Outcome {
  if (results.error !== "NONE") return { ok: false, message: results.error };
  const failures = results.failures;
  return {
    ok: failures.length === 0,
    message: failures.length === 0 ? "done" : failures.join("; "),
  };
}
