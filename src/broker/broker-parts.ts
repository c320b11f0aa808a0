// What the parts of one broker share: the machine, the settings, the log directory, and what the cluster looks like from here.
import type { LogManager } from "../log/log-manager.ts";
import type { BrokerConfig } from "../protocol/config/broker.ts";
import type { Settings } from "../protocol/config/row.ts";
import type { TopicConfig } from "../protocol/config/topic.ts";
import type { Environment } from "../protocol/environment.ts";
import type { KafkaHost } from "../protocol/kafka-host.ts";
import type { ControlPlane } from "../protocol/roles.ts";
import type { BrokerId } from "../protocol/types.ts";
import type { HighWatermarkRule } from "./high-watermark.ts";
import type { MetadataCache } from "./metadata-cache.ts";

export interface BrokerSettings {
  /** As it is now: kafka-configs changes it while the broker runs. */
  readonly config: BrokerConfig;
  /** Settings of this broker, or of all (undefined), that were changed while the cluster runs. */
  reconfigure(broker: BrokerId | undefined, settings: Settings): void;
  /** A topic's settings on this broker: its own where given, otherwise the broker's. */
  topicConfig(overrides: Settings): TopicConfig;
  /** Overrides of num.io.threads and num.network.threads. */
  readonly cpu: { readonly requestThreads?: number; readonly networkThreads?: number };
}

export interface BrokerParts {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly settings: BrokerSettings;
  readonly controlPlane: ControlPlane;
  readonly metadata: MetadataCache;
  readonly highWatermark: HighWatermarkRule;
  readonly logs: LogManager;
}
