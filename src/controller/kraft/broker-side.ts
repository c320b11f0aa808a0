// A broker's side of KRaft: what the rest of the broker knows of the control plane. The truth: BrokerServer, ForwardingManager (KIP-590).
import type {
  ElectLeadersResponse,
  EnvelopeRequest,
  EnvelopeResponse,
  TopicResults,
} from "../../protocol/apis.ts";
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { Handlers, KafkaHost, Process } from "../../protocol/kafka-host.ts";
import type { ControlledBroker, ControlPlane, ProducerIdsBlock } from "../../protocol/roles.ts";
import { ms, seconds } from "../../sim/kernel.ts";
import { AlterPartitionManager } from "./alter-partition-manager.ts";
import { AssignmentsManager } from "./assignments-manager.ts";
import type { ControllerProgram } from "./controller.ts";
import { ControllerChannel } from "./controller-channel.ts";
import { BrokerLifecycleManager } from "./lifecycle.ts";
import { MetadataObserver } from "./observer.ts";

export interface BrokerSideSettings {
  readonly config: BrokerConfig;
  /** On a combined node, the controller in the same process. */
  readonly controller?: Pick<ControllerProgram, "handOver"> | undefined;
}

export function kraftBrokerSide(
  host: KafkaHost,
  env: Environment,
  settings: BrokerSideSettings,
): ControlPlane {
  const { config } = settings;
  const observer = new MetadataObserver(host, env, config);
  const requestTimeout = ms(config["controller.socket.timeout.ms"]);
  const channel = (name: string): ControllerChannel =>
    new ControllerChannel(host, `controller/${name}`, requestTimeout, () => observer.leaderId);
  const lifecycle = new BrokerLifecycleManager({
    host,
    config,
    channel: channel("heartbeat"),
    appliedOffset: () => observer.appliedOffset,
    caughtUp: () => directories.start(),
  });
  const isr = new AlterPartitionManager(
    host,
    channel("alter-partition"),
    () => lifecycle.brokerEpoch,
  );
  const directories = new AssignmentsManager(host, channel("directory-assignments"), {
    brokerEpoch: () => lifecycle.brokerEpoch,
    isReplica: (partition) =>
      observer.image.partition(partition)?.replicas.includes(host.id) === true,
  });
  const forwarding = channel("forwarding");
  return {
    join(broker: ControlledBroker): void {
      observer.start(broker);
      lifecycle.start(broker);
      isr.start();
    },
    proposeIsr: (proposal, answered) => isr.submit(proposal, answered),
    assignDirectory: (partition, directory) => directories.onAssignment(partition, directory),
    controlledShutdown: () => controlledShutdown(lifecycle, settings.controller),
    producerIds: () => producerIds(forwarding, host.id, () => lifecycle.brokerEpoch),
    forwarding: forwardingHandlers(host, forwarding),
    get brokerEpoch() {
      return lifecycle.brokerEpoch;
    },
    get hasBeenUnfenced() {
      return lifecycle.hasBeenUnfenced;
    },
    get controllerId() {
      return observer.leaderId;
    },
  };
}

/** KafkaRaftServer.shutdown: the broker first, because its controlled shutdown needs a controller. */
function* controlledShutdown(
  lifecycle: BrokerLifecycleManager,
  controller: BrokerSideSettings["controller"],
): Process<void> {
  yield* lifecycle.controlledShutdown();
  if (controller !== undefined) yield* controller.handOver();
}

/** BrokerServer gives forwarded requests a minute. */
const FORWARDING_TIMEOUT = seconds(60);

/** RPCProducerIdManager.sendRequest. */
function* producerIds(
  channel: ControllerChannel,
  brokerId: number,
  brokerEpoch: () => number,
): Process<ProducerIdsBlock | undefined> {
  const request = () => ({ brokerId, brokerEpoch: brokerEpoch() });
  const answer = yield* channel.call("AllocateProducerIds", request, FORWARDING_TIMEOUT);
  return answer?.error === "NONE" ? answer : undefined;
}

function forwardingHandlers(host: KafkaHost, channel: ControllerChannel): Handlers {
  function* forward(
    forwarded: EnvelopeRequest["forwarded"],
    answer: (envelope: EnvelopeResponse) => void,
  ): Process<void> {
    const envelope = yield* channel.call("Envelope", () => ({ forwarded }), FORWARDING_TIMEOUT);
    answer(envelope ?? { error: "REQUEST_TIMED_OUT", response: undefined });
  }
  const topics = ({ error, response }: EnvelopeResponse): TopicResults =>
    (response as TopicResults | undefined) ?? { error, topics: [] };
  const elections = ({ error, response }: EnvelopeResponse): ElectLeadersResponse =>
    (response as ElectLeadersResponse | undefined) ?? { error, partitions: [] };
  return {
    CreateTopics: (request, call) =>
      host.spawn(forward({ api: "CreateTopics", request }, (e) => call.reply(topics(e)))),
    DeleteTopics: (request, call) =>
      host.spawn(forward({ api: "DeleteTopics", request }, (e) => call.reply(topics(e)))),
    CreatePartitions: (request, call) =>
      host.spawn(forward({ api: "CreatePartitions", request }, (e) => call.reply(topics(e)))),
    IncrementalAlterConfigs: (request, call) =>
      host.spawn(
        forward({ api: "IncrementalAlterConfigs", request }, (e) => call.reply(topics(e))),
      ),
    ElectLeaders: (request, call) =>
      host.spawn(forward({ api: "ElectLeaders", request }, (e) => call.reply(elections(e)))),
  };
}
