// What a consumer's application does with records, with the choices that exclude each other (offsets in Kafka, offsets with the results, none).
import { CONSUMER_CONFIG } from "../../protocol/config/consumer.ts";
import { defaultOf } from "../../protocol/config/row.ts";
import type { Path } from "../diagnostics.ts";
import type { ProcessingSpec, Settings } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { Surroundings } from "./clients.ts";

type ConsumersInput = NonNullable<NonNullable<ScenarioInput["clients"]>["consumers"]>;
type ProcessingInput = NonNullable<ConsumersInput[number]["processing"]>;

/** ConsumerSpec.config and processing of one consumer; `path` is the consumer's. */
export function processingOf(
  input: ProcessingInput = {},
  config: Settings,
  path: Path,
  around: Surroundings,
): { readonly processing: ProcessingSpec; readonly config: Settings } {
  const here = [...path, "processing"];
  const grouped = groupOf(config) !== undefined;
  if (!grouped) refuseWithoutGroup(input, here, around);
  if (input.dlq !== undefined) around.names.checkTopic(input.dlq, [...here, "dlq"]);
  if (input.dlqFailure !== undefined && input.dlq === undefined)
    around.problems.error([...here, "dlqFailure"], "dlqFailure needs dlq");
  const commit = commitOf(input, config, grouped, here, around);
  const processing: ProcessingSpec = {
    timeUs: input.time ?? 0,
    per: input.per ?? "record",
    commit,
    retries: input.retries ?? 0,
    backoffUs: input.backoff ?? 0,
    dlq: input.dlq,
    dlqFailure: input.dlqFailure ?? "retry",
    poison: input.poison ?? [],
    deduplicate: input.deduplicate ?? false,
    handOff: input.handOff ?? false,
    externalOffsets: input.externalOffsets ?? false,
  };
  if (!grouped) return { processing, config };
  // An application that commits by itself has turned the automatic commit off.
  return { processing, config: { ...config, "enable.auto.commit": commit === "auto" } };
}

/** group.id, unless it is absent or empty. */
export function groupOf(config: Settings): string | undefined {
  const id = config["group.id"];
  return id === undefined || id === "" ? undefined : String(id);
}

function refuseWithoutGroup(input: ProcessingInput, path: Path, { problems }: Surroundings): void {
  if (input.commit !== undefined && input.commit !== "none") {
    problems.error([...path, "commit"], `commit: ${input.commit} needs group.id`);
  }
  if (input.externalOffsets === true) {
    problems.error([...path, "externalOffsets"], "externalOffsets needs group.id");
  }
}

function commitOf(
  { commit, externalOffsets }: ProcessingInput,
  config: Settings,
  grouped: boolean,
  path: Path,
  { problems, release }: Surroundings,
): ProcessingSpec["commit"] {
  if (!grouped) return "none";
  if (externalOffsets === true) {
    if (commit !== undefined && commit !== "none") {
      const message = `commit: ${commit} contradicts externalOffsets: offsets are kept with the results`;
      problems.error([...path, "commit"], message);
    }
    return "none";
  }
  const given = config["enable.auto.commit"];
  if (commit !== undefined && given !== undefined && given !== (commit === "auto")) {
    const message = `commit: ${commit} contradicts enable.auto.commit: ${String(given)}`;
    problems.error([...path, "commit"], message);
  }
  const automatic = given ?? defaultOf(CONSUMER_CONFIG["enable.auto.commit"], release);
  return commit ?? (automatic === true ? "auto" : "none");
}
