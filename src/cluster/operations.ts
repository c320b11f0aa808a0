// What an operator runs, by the tool's name and flags: each becomes admin requests from the operator's machine.
import { Admin } from "../client/admin.ts";
import { GroupAdmin } from "../client/group-admin.ts";
import type { Request } from "../protocol/apis.ts";
import type { Process } from "../protocol/kafka-host.ts";
import type { ConfigAlteration, OperationSpec, TopicSpec } from "../scenario/model.ts";
import { ms } from "../sim/kernel.ts";
import { operatorOf } from "./build.ts";
import { type Cluster, WARM_UP } from "./cluster.ts";
import { consumerGroups, NO_ANSWER, type Outcome } from "./group-operations.ts";
import { arm } from "./trigger.ts";

type Args = OperationSpec["args"];

/** How often bring-up looks whether all brokers are there. */
const BRING_UP_POLL = ms(100);

/** Creates the scenario's topics as soon as every broker is unfenced (or, at the latest, when time runs out), then arms the operations. */
export function startOperator(cluster: Cluster): void {
  const operator = operatorOf(cluster);
  operator.boot();
  const admin = new Admin(operator, cluster.env);
  const admins = { admin, groups: new GroupAdmin(operator, cluster.env) };
  operator.spawn(createTopics(cluster, admin));
  for (const operation of cluster.scenario.operations) {
    arm(cluster, operation.trigger, () => operator.spawn(perform(cluster, admins, operation)));
  }
}

function* createTopics(cluster: Cluster, admin: Admin): Process {
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

function newTopic(topic: TopicSpec): Request<"CreateTopics">["topics"][number] {
  const { name, partitions, replicationFactor, replicas: assignment, config } = topic;
  return { name, partitions, replicationFactor, assignment, config };
}

interface Admins {
  readonly admin: Admin;
  readonly groups: GroupAdmin;
}

function* perform(cluster: Cluster, admins: Admins, operation: OperationSpec): Process {
  const operator = operatorOf(cluster);
  const { tool, args } = operation;
  operator.emit("operation.run", { tool, args: commandLine(args) });
  const outcome = yield* outcomeOf(cluster, admins, operation);
  operator.emit("operation.done", { tool, ...outcome });
}

function outcomeOf(
  cluster: Cluster,
  { admin, groups }: Admins,
  { tool, args, alteration }: OperationSpec,
): Process<Outcome> {
  switch (tool) {
    case "kafka-configs":
      return configs(admin, alteration as ConfigAlteration);
    case "kafka-topics":
      return topics(admin, args);
    case "kafka-leader-election":
      return elections(cluster, admin, args);
    case "kafka-consumer-groups":
      return consumerGroups(cluster, groups, args);
  }
}

/** The flags as one would type them. */
function commandLine(args: Args): string {
  return Object.entries(args)
    .map(([flag, value]) => (value === true ? `--${flag}` : `--${flag} ${String(value)}`))
    .join(" ");
}

function* topics(admin: Admin, args: Args): Process<Outcome> {
  const name = String(args.topic);
  if (args.delete === true) return summary((yield* admin.deleteTopics([name]))?.topics);
  if (args.alter === true) {
    const change = { name, count: Number(args.partitions), assignment: undefined };
    return summary((yield* admin.createPartitions([change]))?.topics);
  }
  const topic = {
    name,
    partitions: Number(args.partitions ?? 1),
    replicationFactor: Number(args["replication-factor"] ?? 1),
    assignment: undefined,
    config: {},
  };
  return summary((yield* admin.createTopics([topic]))?.topics);
}

function* configs(admin: Admin, alteration: ConfigAlteration): Process<Outcome> {
  return summary((yield* admin.alterConfigs(alteration))?.topics);
}

function* elections(cluster: Cluster, admin: Admin, args: Args): Process<Outcome> {
  const unclean = String(args["election-type"] ?? "preferred").toUpperCase() === "UNCLEAN";
  const partitions =
    args["all-topic-partitions"] === true
      ? undefined
      : [cluster.env.partitions.of(String(args.topic), Number(args.partition))];
  const electionType = unclean ? "UNCLEAN" : "PREFERRED";
  const answer = yield* admin.electLeaders({ electionType, partitions });
  return summary(answer?.partitions.filter(({ error }) => error !== "ELECTION_NOT_NEEDED"));
}

/** How a tool sums up what it was told, entry by entry; undefined: nobody answered in time. */
function summary(
  entries: readonly { readonly error: string; readonly message: string }[] | undefined,
): Outcome {
  if (entries === undefined) return NO_ANSWER;
  const failures = entries.filter(({ error }) => error !== "NONE");
  if (failures.length === 0) return { ok: true, message: "done" };
  return {
    ok: false,
    message: failures
      .map(({ error, message }) => `${error}${message === "" ? "" : `: ${message}`}`)
      .join("; "),
  };
}
