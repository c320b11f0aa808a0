// The settings of topics that are modelled (org.apache.kafka.common.config.TopicConfig). Their defaults are the broker's settings.
import type { Release } from "../releases.ts";
import type { BrokerConfig } from "./broker.ts";
import { BROKER_CONFIG } from "./broker.ts";
import { type Config, type Row, resolveConfig, type Settings } from "./row.ts";

/** A topic's row: the broker's, under the topic's name for it. */
function from<N extends keyof typeof BROKER_CONFIG>(
  brokerDefault: N,
): (typeof BROKER_CONFIG)[N] & { readonly brokerDefault: N } {
  return { ...BROKER_CONFIG[brokerDefault], brokerDefault };
}

export const TOPIC_CONFIG = {
  "cleanup.policy": from("log.cleanup.policy"),
  "compression.gzip.level": from("compression.gzip.level"),
  "compression.lz4.level": from("compression.lz4.level"),
  "compression.type": from("compression.type"),
  "compression.zstd.level": from("compression.zstd.level"),
  "delete.retention.ms": from("log.cleaner.delete.retention.ms"),
  "file.delete.delay.ms": from("log.segment.delete.delay.ms"),
  "flush.messages": from("log.flush.interval.messages"),
  "flush.ms": from("log.flush.interval.ms"),
  "index.interval.bytes": from("log.index.interval.bytes"),
  "max.message.bytes": from("message.max.bytes"),
  "message.timestamp.after.max.ms": from("log.message.timestamp.after.max.ms"),
  "message.timestamp.before.max.ms": from("log.message.timestamp.before.max.ms"),
  "message.timestamp.type": from("log.message.timestamp.type"),
  "min.cleanable.dirty.ratio": from("log.cleaner.min.cleanable.ratio"),
  "min.compaction.lag.ms": from("log.cleaner.min.compaction.lag.ms"),
  "min.insync.replicas": from("min.insync.replicas"),
  "retention.bytes": from("log.retention.bytes"),
  "retention.ms": from("log.retention.ms"),
  "segment.bytes": from("log.segment.bytes"),
  "segment.index.bytes": from("log.index.size.max.bytes"),
  "segment.ms": from("log.roll.ms"),
  "unclean.leader.election.enable": from("unclean.leader.election.enable"),
} as const;

export type TopicConfig = Config<typeof TOPIC_CONFIG>;

/** A topic's settings on a broker: its own where given, otherwise the broker's. */
export function topicConfig(
  broker: BrokerConfig,
  overrides: Settings,
  release: Release,
): TopicConfig {
  const inherited: Record<string, string | number | boolean> = {};
  for (const [name, definition] of Object.entries(TOPIC_CONFIG) as [string, Row][]) {
    inherited[name] = broker[definition.brokerDefault as keyof BrokerConfig];
  }
  return resolveConfig(TOPIC_CONFIG, release, inherited, overrides);
}
