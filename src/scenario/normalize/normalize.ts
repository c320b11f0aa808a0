// A scenario as written becomes the model: defaults, shorthands and instances spelled out; what cannot be meant is reported on the way.
import type { Scenario } from "../model.ts";
import { Names } from "../names.ts";
import type { Problems } from "../problems.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import { newcomersOf } from "./client-faults.ts";
import { consumersOf, producersOf, type Surroundings } from "./clients.ts";
import { addClusterNames, clusterOf, topicsOf } from "./cluster.ts";
import { expectOf, thresholdsOf } from "./expect.ts";
import { faultsOf } from "./faults.ts";
import { addOperatedTopics, operationsOf } from "./operations.ts";
import { settleOf } from "./settle.ts";

/** Means something only if no error was reported. */
export function normalize(
  input: ScenarioInput,
  variant: string | undefined,
  problems: Problems,
): Scenario {
  const names = new Names(problems);
  const cluster = clusterOf(input.cluster ?? {}, hasMemoryStress(input), problems);
  const topics = topicsOf(input.topics ?? [], cluster, problems);
  addClusterNames(names, cluster, topics);
  const { release, memory } = cluster;
  const durationUs = input.duration;
  if (durationUs === 0) problems.error(["duration"], "must be more than nothing");
  const around: Surroundings = { release, names, problems, durationUs, memory };
  addOperatedTopics(input.operations ?? [], around);
  // Every name is known before references are resolved: triggers of sends may speak of any client.
  for (const client of [...(input.clients?.producers ?? []), ...(input.clients?.consumers ?? [])]) {
    if (client.rack !== undefined) names.racks.add(client.rack);
  }
  const joins = newcomersOf(input.faults ?? []);
  const consumers = consumersOf(input.clients?.consumers ?? [], joins, around);
  const producers = producersOf(input.clients?.producers ?? [], around);
  return {
    name: input.name,
    title: input.title,
    story: input.story,
    source: input.source,
    labels: input.labels ?? {},
    seed: input.seed ?? "1",
    durationUs,
    ...settleOf(input.settle, cluster, around),
    variant,
    cluster,
    topics,
    producers,
    consumers,
    faults: faultsOf(input.faults ?? [], consumers, around),
    operations: operationsOf(input.operations ?? [], around),
    expect: expectOf(input.expect, around),
    thresholds: thresholdsOf(input.thresholds, around),
  };
}

const hasMemoryStress = ({ faults = [] }: ScenarioInput): boolean =>
  faults.some((fault) => fault.kind === "StressChaos" && fault.stressors.memory !== undefined);
