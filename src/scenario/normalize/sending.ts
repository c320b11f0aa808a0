// What a producer's application does with its records before and after Kafka: how compressible they are, what each costs it, its own partitioner.
import { COMPRESSING, type Compressibility, JSON_LIKE } from "../../protocol/compression.ts";
import type { Path } from "../diagnostics.ts";
import type { RegionPartitionerSpec, RegionTarget, SendCosts, Settings } from "../model.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { Surroundings } from "./clients.ts";

type Producers = NonNullable<NonNullable<ScenarioInput["clients"]>["producers"]>;
type ProducerInput = Producers[number];
type CompressedTo = NonNullable<ProducerInput["records"]>["compressedTo"];

export function compressibilityOf(input: CompressedTo): Compressibility | undefined {
  if (input === undefined) return undefined;
  const entries = COMPRESSING.map((codec) => [
    codec,
    typeof input === "number" ? input : (input[codec] ?? JSON_LIKE[codec]),
  ]);
  return Object.fromEntries(entries) as Compressibility;
}

export function costsOf(input: ProducerInput["costs"]): SendCosts | undefined {
  if (input === undefined) return undefined;
  return {
    onSendUs: input.onSend ?? 0,
    serializersUs: input.serializers ?? 0,
    onAcknowledgementUs: input.onAcknowledgement ?? 0,
  };
}

export function regionPartitionerOf(
  { partitioner: input, topic }: ProducerInput,
  config: Settings,
  path: Path,
  { names, problems }: Surroundings,
): RegionPartitionerSpec | undefined {
  if (input === undefined) return undefined;
  const at = [...path, "partitioner", "regions"];
  const regions = new Map<string, RegionTarget>();
  for (const [region, target] of Object.entries(input.regions)) {
    if (Array.isArray(target)) {
      for (const [i, partition] of target.entries()) {
        names.checkPartitionNumber(topic, partition, [...at, region, i]);
      }
      regions.set(region, { kind: "partitions", partitions: target });
    } else {
      names.checkRack(target.leadersIn, [...at, region, "leadersIn"]);
      regions.set(region, { kind: "leadersIn", rack: target.leadersIn });
    }
  }
  if (regions.size === 0) problems.error(at, "must name at least one region");
  for (const setting of ["partitioner.class", "partitioner.ignore.keys"]) {
    if (config[setting] === undefined || config[setting] === false) continue;
    const message = `${setting} does not go with a partitioner of the producer's own`;
    problems.error([...path, "config", setting], message, undefined, "key");
  }
  return { separator: input.separator ?? ":", regions };
}
