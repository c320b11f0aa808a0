// A Kafka broker: wires the parts of one host and answers its requests (BrokerServer, KafkaApis). Which cluster it belongs to, who leads and who
// is in which ISR it hears from its control plane. Group and transaction coordinators are roles of their own.
import { LogManager } from "../log/log-manager.ts";
import type { Environment } from "../protocol/environment.ts";
import type { KafkaHost, Process } from "../protocol/kafka-host.ts";
import type {
  ControlledBroker,
  ControlPlane,
  LeadershipListener,
  PartitionWriter,
} from "../protocol/roles.ts";
import type { BrokerParts, BrokerSettings } from "./broker-parts.ts";
import { Deadlines } from "./deadlines.ts";
import { FetchHandler } from "./fetch.ts";
import { highWatermarkRuleFor } from "./high-watermark.ts";
import { OffsetsHandler } from "./list-offsets.ts";
import { MetadataCache } from "./metadata-cache.ts";
import { LeaderPartitionWriter } from "./partition-writer.ts";
import { ProduceHandler } from "./produce.ts";
import { ProducerIdManager } from "./producer-ids.ts";
import { ReplicaManager } from "./replica-manager.ts";
import { SocketServer } from "./socket-server.ts";

export interface BrokerProgram {
  /** Its logs are loaded. */
  readonly ready: boolean;
  /** For tests that look inside. */
  readonly logs: LogManager;
  /** For the coordinators on this broker. */
  readonly writer: PartitionWriter;
  readonly metadata: Pick<MetadataCache, "partitionsOf" | "leaderOf">;
  /** Tells of partitions that this broker begins or ceases to lead; to be called before the first are heard of. */
  onLeadership(listener: LeadershipListener): void;
}

/** What a broker's host runs; called again at every boot, with nothing but the disk remembered. */
export function kafkaBroker(
  host: KafkaHost,
  env: Environment,
  settings: BrokerSettings,
  controlPlane: ControlPlane,
): BrokerProgram {
  const metadata = new MetadataCache();
  const keepsEpochs = env.rules.mutant === "epochs-outlive-records";
  const logs = new LogManager(host, settings.config, keepsEpochs);
  const highWatermark = highWatermarkRuleFor(env.rules);
  const parts: BrokerParts = { host, env, settings, controlPlane, metadata, highWatermark, logs };
  const replicas = new ReplicaManager(parts);
  serve(parts, replicas);
  listen(host, settings, replicas);
  logs.onDiskFailure = () => replicas.storageFailed();
  logs.start();
  replicas.start();
  const broker: ControlledBroker = {
    id: host.id,
    ready: true,
    // The marker of a clean shutdown names the life that left it (KIP-966).
    previousBrokerEpoch: logs.cleanShutdownBrokerEpoch,
    logDir: logs.directoryId,
    apply(changes, view) {
      metadata.setView(view);
      replicas.apply(changes);
    },
  };
  // Clients and other brokers are let in once the broker is unfenced; the quorum has a port of its own.
  host.listensOn = (port) => port === "controller" || controlPlane.hasBeenUnfenced;
  controlPlane.join(broker);
  host.onTerminate(() => host.spawn(shutDown(parts, replicas)));
  const writer = new LeaderPartitionWriter(replicas);
  const onLeadership = (listener: LeadershipListener) => void replicas.listeners.push(listener);
  return { ready: true, logs, writer, metadata, onLeadership };
}

function serve({ host, controlPlane, ...rest }: BrokerParts, replicas: ReplicaManager): void {
  const parts = { host, controlPlane, ...rest };
  const produce = new ProduceHandler(parts, replicas, new Deadlines(host));
  const fetch = new FetchHandler(parts, replicas, new Deadlines(host));
  const offsets = new OffsetsHandler(replicas);
  const producerIds = new ProducerIdManager(host, controlPlane, parts.env.rules);
  host.serve({
    ...controlPlane.forwarding,
    Produce: (request, call) => produce.handle(request, call),
    Fetch: (request, call) => fetch.handle(request, call),
    ListOffsets: (request, call) => offsets.listOffsets(request, call),
    OffsetForLeaderEpoch: (request, call) => offsets.offsetForLeaderEpoch(request, call),
    InitProducerId: (request, call) => producerIds.handle(request, call),
    Metadata: (request, call) =>
      call.reply(parts.metadata.answer(request, controlPlane.controllerId)),
  });
}

function listen(host: KafkaHost, { config, cpu }: BrokerSettings, replicas: ReplicaManager): void {
  new SocketServer(host, {
    networkThreads: cpu.networkThreads ?? config["num.network.threads"],
    requestThreads: cpu.requestThreads ?? config["num.io.threads"],
    queuedMaxRequests: config["queued.max.requests"],
    conversion: ({ partition, batch }) => replicas.conversionUs(partition, batch),
  });
}

/** SIGTERM: hand over leadership, stop copying, sync the logs, exit. */
function* shutDown(parts: BrokerParts, replicas: ReplicaManager): Process {
  const { host, settings, controlPlane, logs } = parts;
  if (settings.config["controlled.shutdown.enable"]) {
    replicas.beginControlledShutdown();
    yield* controlPlane.controlledShutdown();
  }
  replicas.shutdown();
  logs.shutdown(() => host.stop(true), controlPlane.brokerEpoch);
}
