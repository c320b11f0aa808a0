// Settings changed while the cluster runs (ConfigurationControlManager.incrementalAlterConfigs): of topics, of one broker, of all brokers.
// Values were checked when the scenario was loaded. Left out: APPEND and SUBTRACT, legacy AlterConfigs, policies.
import type { IncrementalAlterConfigsRequest, TopicResults } from "../protocol/apis.ts";
import type { ErrorName } from "../protocol/errors.ts";
import type { ConfigResource, MetadataRecord, TopicImage } from "../protocol/types.ts";
import type { DecisionContext } from "./decisions.ts";

interface ConfigsOutcome {
  readonly records: readonly MetadataRecord[];
  readonly response: TopicResults;
}

const MIN_ISR = "min.insync.replicas";

export function incrementalAlterConfigs(
  context: DecisionContext,
  { resource, changes }: IncrementalAlterConfigsRequest,
): ConfigsOutcome {
  const error = refusal(context, resource, changes);
  const name = nameOf(resource);
  if (error !== undefined) {
    const [code, message] = error;
    return { records: [], response: { error: "NONE", topics: [{ name, error: code, message }] } };
  }
  const records: MetadataRecord[] = changes.map(({ name: setting, value }) => ({
    type: "Config",
    resource,
    name: setting,
    value,
  }));
  if (changes.some((change) => change.name === MIN_ISR))
    records.push(...clearElr(context, resource));
  return { records, response: { error: "NONE", topics: [{ name, error: "NONE", message: "" }] } };
}

export const nameOf = (resource: ConfigResource): string =>
  resource.type === "topic"
    ? resource.topic
    : resource.broker === undefined
      ? ""
      : `${resource.broker}`;

function refusal(
  { image, policy }: DecisionContext,
  resource: ConfigResource,
  changes: IncrementalAlterConfigsRequest["changes"],
): readonly [ErrorName, string] | undefined {
  if (resource.type === "topic")
    return image.topics.has(resource.topic) ? undefined : ["UNKNOWN_TOPIC_OR_PARTITION", ""];
  const minIsr = changes.find(({ name }) => name === MIN_ISR);
  if (minIsr === undefined || !policy.eligibleLeaderReplicas) return undefined;
  // KIP-966: who is eligible must follow from one value in the whole cluster.
  if (resource.broker !== undefined)
    return ["INVALID_CONFIG", `Broker-level ${MIN_ISR} cannot be altered while ELR is enabled.`];
  if (minIsr.value === undefined)
    return ["INVALID_CONFIG", `Cluster-level ${MIN_ISR} cannot be removed while ELR is enabled.`];
  return undefined;
}

/** Replicas were eligible by the old value. Kafka's ClearElrRecord, said partition by partition. */
function clearElr({ image }: DecisionContext, resource: ConfigResource): MetadataRecord[] {
  const topics: Iterable<TopicImage> =
    resource.type === "topic"
      ? [image.topics.get(resource.topic)].filter((topic) => topic !== undefined)
      : image.topics.values();
  const records: MetadataRecord[] = [];
  for (const { partitions } of topics) {
    for (const { partition, elr, lastKnownElr } of partitions) {
      if (elr.length + lastKnownElr.length === 0) continue;
      records.push({ type: "PartitionChange", partition, change: { elr: [], lastKnownElr: [] } });
    }
  }
  return records;
}
