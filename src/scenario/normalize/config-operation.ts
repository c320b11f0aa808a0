// kafka-configs: --alter of topics or brokers, with --add-config name=value,name=value and --delete-config name,name.
import { BROKER_CONFIG } from "../../protocol/config/broker.ts";
import type { Row, Table } from "../../protocol/config/row.ts";
import { TOPIC_CONFIG } from "../../protocol/config/topic.ts";
import type { ConfigResource } from "../../protocol/types.ts";
import type { Path } from "../diagnostics.ts";
import type { ConfigAlteration, OperationSpec } from "../model.ts";
import { readSetting } from "../schema/settings.ts";
import { didYouMean } from "../suggest.ts";
import type { Surroundings } from "./clients.ts";

export const CONFIG_FLAGS = [
  "alter",
  "entity-type",
  "entity-name",
  "entity-default",
  "add-config",
  "delete-config",
] as const;

/** DynamicLogConfig.ReconfigurableConfigs: the defaults of topics. */
const DYNAMIC: Table = Object.fromEntries(
  Object.values(TOPIC_CONFIG).map(({ brokerDefault }) => [
    brokerDefault,
    BROKER_CONFIG[brokerDefault] as Row,
  ]),
);

type Args = OperationSpec["args"];

/** undefined: something is wrong with it, and said. */
export function configAlteration(
  args: Args,
  path: Path,
  around: Surroundings,
): ConfigAlteration | undefined {
  const { problems } = around;
  if (args.alter !== true)
    return void problems.error(path, "kafka-configs needs alter: true", undefined, "key");
  const resource = resourceOf(args, path, around);
  if (resource === undefined) return undefined;
  const table = resource.type === "topic" ? TOPIC_CONFIG : DYNAMIC;
  const added = String(args["add-config"] ?? "");
  const deleted = String(args["delete-config"] ?? "");
  if (added === "" && deleted === "")
    problems.error(path, "needs add-config or delete-config", undefined, "key");
  return {
    resource,
    changes: [
      ...additions(table, added, [...path, "add-config"], around),
      ...deletions(table, deleted, [...path, "delete-config"], around),
    ],
  };
}

function resourceOf(
  args: Args,
  path: Path,
  { problems, names }: Surroundings,
): ConfigResource | undefined {
  const type = args["entity-type"];
  const name = args["entity-name"];
  if (type !== "topics" && type !== "brokers") {
    const at = type === undefined ? path : [...path, "entity-type"];
    return void problems.error(at, "entity-type must be topics or brokers", undefined, "key");
  }
  if (type === "topics") {
    if (typeof name !== "string")
      return void problems.error(path, "topics need an entity-name", undefined, "key");
    names.checkTopic(name, [...path, "entity-name"]);
    return { type: "topic", topic: name };
  }
  if (args["entity-default"] === true) return { type: "broker", broker: undefined };
  if (name === undefined)
    return void problems.error(
      path,
      "brokers need an entity-name, or entity-default: true",
      undefined,
      "key",
    );
  if (!names.nodes.has(`broker-${name}`))
    problems.error([...path, "entity-name"], `there is no broker ${name}`);
  return { type: "broker", broker: Number(name) };
}

function additions(
  table: Table,
  text: string,
  path: Path,
  { problems }: Surroundings,
): ConfigAlteration["changes"] {
  return list(text).flatMap((entry) => {
    const [name = "", ...rest] = entry.split("=");
    const row = rowOf(table, name, path, problems);
    if (row === undefined) return [];
    const read = readSetting(row, rawValue(row, rest.join("=")));
    if ("value" in read) return [{ name, value: read.value }];
    problems.error(path, `${name} ${read.problem}`);
    return [];
  });
}

function deletions(
  table: Table,
  text: string,
  path: Path,
  { problems }: Surroundings,
): ConfigAlteration["changes"] {
  return list(text).flatMap((name) =>
    rowOf(table, name, path, problems) === undefined ? [] : [{ name, value: undefined }],
  );
}

const list = (text: string): readonly string[] =>
  text === "" ? [] : text.split(",").map((entry) => entry.trim());

function rowOf(
  table: Table,
  name: string,
  path: Path,
  problems: Surroundings["problems"],
): Row | undefined {
  const row = table[name];
  if (row === undefined) {
    const hint = didYouMean(name, Object.keys(table));
    problems.error(path, `"${name}" is not a setting that can be changed here`, hint);
  }
  return row;
}

/** As YAML would have read it. */
function rawValue(row: Row, text: string): string | number | boolean {
  if (row.type === "boolean" && (text === "true" || text === "false")) return text === "true";
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  return row.type !== "string" && row.type !== "enum" && isNumber ? Number(text) : text;
}
