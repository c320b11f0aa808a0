// The requests the active controller answers; any other controller says NOT_CONTROLLER. The truth: ControllerApis.
import type {
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
  EnvelopeRequest,
  EnvelopeResponse,
} from "../../protocol/apis.ts";
import type { BrokerConfig } from "../../protocol/config/broker.ts";
import type { Environment } from "../../protocol/environment.ts";
import type { Handlers, KafkaHost } from "../../protocol/kafka-host.ts";
import type { MetadataRecord } from "../../protocol/types.ts";
import { type Micros, ms } from "../../sim/kernel.ts";
import { alterPartition } from "../alter-partition.ts";
import { incrementalAlterConfigs } from "../configs.ts";
import {
  handleBrokerFenced,
  handleBrokerReplaced,
  handleBrokerUnfenced,
  handleControlledShutdown,
  hasLeaderships,
} from "../decisions.ts";
import { assignReplicasToDirs } from "../directories.ts";
import { electLeaders } from "../elections.ts";
import { allocateProducerIds } from "../producer-ids.ts";
import { createPartitions, createTopics, deleteTopics } from "../topics.ts";
import type { ActiveController } from "./active-controller.ts";
import type { Outcome } from "./outcome.ts";

/** The controller the requests reach. */
export interface ControllerFront {
  readonly host: KafkaHost;
  readonly env: Environment;
  readonly config: BrokerConfig;
  readonly active: ActiveController | undefined;
  /** Queues an event; `answer` hears undefined when this is not, or no longer, the active controller. */
  submit<R>(
    decide: (active: ActiveController, waited: Micros) => Outcome<R>,
    answer: (response: R | undefined) => void,
  ): void;
}

export function controllerHandlers(controller: ControllerFront): Handlers {
  const handlers: Handlers = {
    BrokerRegistration: (request, call) =>
      controller.submit(
        (active) => register(controller, active, request),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", brokerEpoch: -1 }),
      ),
    BrokerHeartbeat: (request, call) => {
      noteContact(controller, request);
      controller.submit(
        (active, waited) => heartbeat(controller, active, request, waited),
        (response) => call.reply(response ?? heartbeatError("NOT_CONTROLLER")),
      );
    },
    AlterPartition: (request, call) =>
      controller.submit(
        (active) => ({
          ...alterPartition(active.context, request),
          why: `proposed by its leader, broker-${request.brokerId}`,
        }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", partitions: [] }),
      ),
    AssignReplicasToDirs: (request, call) =>
      controller.submit(
        (active) => ({
          ...assignReplicasToDirs(active.context, request),
          why: `broker-${request.brokerId} has the replica in another log directory`,
        }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", partitions: [] }),
      ),
    AllocateProducerIds: (request, call) =>
      controller.submit(
        (active) => ({
          ...allocateProducerIds(active.image, request),
          why: `producer ids for broker-${request.brokerId}`,
        }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", first: -1, count: 0 }),
      ),
    Envelope: (request, call) =>
      controller.submit(
        (active) => forwarded(active, request),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", response: undefined }),
      ),
  };
  // A combined node answers clients as a broker does: by forwarding.
  const combined = controller.env.brokers.includes(controller.host.id);
  return combined ? handlers : { ...handlers, ...adminHandlers(controller) };
}

/** Asked directly (KIP-919). */
function adminHandlers(controller: ControllerFront): Handlers {
  return {
    CreateTopics: (request, call) =>
      controller.submit(
        (active) => ({ ...createTopics(active.topicContext, request), why: "created" }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", topics: [] }),
      ),
    CreatePartitions: (request, call) =>
      controller.submit(
        (active) => ({ ...createPartitions(active.topicContext, request), why: "created" }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", topics: [] }),
      ),
    DeleteTopics: (request, call) =>
      controller.submit(
        (active) => ({ ...deleteTopics(active.context, request), why: "deleted" }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", topics: [] }),
      ),
    IncrementalAlterConfigs: (request, call) =>
      controller.submit(
        (active) => ({ ...incrementalAlterConfigs(active.context, request), why: "altered" }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", topics: [] }),
      ),
    ElectLeaders: (request, call) =>
      controller.submit(
        (active) => ({ ...electLeaders(active.context, request), why: electionReason(request) }),
        (response) => call.reply(response ?? { error: "NOT_CONTROLLER", partitions: [] }),
      ),
  };
}

const electionReason = ({ electionType }: { readonly electionType: string }): string =>
  `an operator asked for ${electionType === "UNCLEAN" ? "an unclean" : "a preferred"} election`;

function forwarded(active: ActiveController, envelope: EnvelopeRequest): Outcome<EnvelopeResponse> {
  const { records, response, why } = decideForwarded(active, envelope);
  return { records, response: { error: "NONE", response }, why };
}

function decideForwarded(
  active: ActiveController,
  { forwarded: { api, request } }: EnvelopeRequest,
): Outcome<EnvelopeResponse["response"]> {
  switch (api) {
    case "CreateTopics":
      return { ...createTopics(active.topicContext, request), why: "created" };
    case "CreatePartitions":
      return { ...createPartitions(active.topicContext, request), why: "created" };
    case "DeleteTopics":
      return { ...deleteTopics(active.context, request), why: "deleted" };
    case "IncrementalAlterConfigs":
      return { ...incrementalAlterConfigs(active.context, request), why: "altered" };
    case "ElectLeaders":
      return { ...electLeaders(active.context, request), why: electionReason(request) };
  }
}

/** ClusterControlManager.registerBroker. */
function register(
  controller: ControllerFront,
  active: ActiveController,
  request: BrokerRegistrationRequest,
): Outcome<BrokerRegistrationResponse> {
  const { brokerId: id, incarnation, rack, previousBrokerEpoch } = request;
  const { heartbeats, image } = active;
  const logDir = active.context.policy.directoryAssignment ? request.logDir : undefined;
  const now = controller.host.now;
  const why = `broker-${id} registered again`;
  const existing = image.brokers.get(id);
  if (existing?.incarnation === incarnation) {
    // The answer to its first request was lost.
    heartbeats.contact(id, existing.brokerEpoch, now);
    const { brokerEpoch } = existing;
    return { records: [], response: { error: "NONE", brokerEpoch }, why };
  }
  if (existing !== undefined && !existing.inControlledShutdown) {
    // The other one may still be alive.
    if (heartbeats.hasValidSession(id, existing.brokerEpoch, now)) {
      const response = { error: "DUPLICATE_BROKER_REGISTRATION", brokerEpoch: -1 } as const;
      return { records: [], response, why };
    }
  }
  const records: MetadataRecord[] = [{ type: "RegisterBroker", id, incarnation, rack, logDir }];
  if (existing !== undefined) {
    const clean = previousBrokerEpoch === existing.brokerEpoch;
    records.push(...handleBrokerReplaced(active.context, id, clean));
  }
  // The broker epoch is the offset of the registration record, the next one to be written.
  const brokerEpoch = image.offset + 1;
  const written = (): void => heartbeats.contact(id, brokerEpoch, now);
  return { records, response: { error: "NONE", brokerEpoch }, why, written };
}

/** A heartbeat counts when it arrives, however long the event queue is. */
function noteContact(controller: ControllerFront, request: BrokerHeartbeatRequest): void {
  const { active, host } = controller;
  const registration = active?.image.brokers.get(request.brokerId);
  if (active === undefined || registration?.brokerEpoch !== request.brokerEpoch) return;
  active.heartbeats.contact(request.brokerId, request.brokerEpoch, host.now);
}

/** ReplicationControlManager.processBrokerHeartbeat. */
function heartbeat(
  controller: ControllerFront,
  active: ActiveController,
  request: BrokerHeartbeatRequest,
  waited: Micros,
): Outcome<BrokerHeartbeatResponse> {
  const { brokerId: id, brokerEpoch, currentMetadataOffset } = request;
  const { heartbeats, image, context } = active;
  const registration = image.brokers.get(id);
  const why = `broker-${id}`;
  if (registration?.brokerEpoch !== brokerEpoch) {
    return { records: [], response: heartbeatError("STALE_BROKER_EPOCH"), why };
  }
  if (waited > ms(controller.config["broker.heartbeat.interval.ms"]) / 2) {
    heartbeats.touch(id, registration.fenced, currentMetadataOffset);
    return { records: [], response: heartbeatError("REQUEST_TIMED_OUT"), why };
  }
  const leads = (): boolean => hasLeaderships(image, id);
  const { current, next } = heartbeats.nextState(request, brokerEpoch, leads);
  let records: readonly MetadataRecord[] = [];
  let reason = why;
  if (current !== next) {
    if (next === "UNFENCED") {
      records = handleBrokerUnfenced(context, id, brokerEpoch);
      reason = `${why} is unfenced`;
    } else if (next === "CONTROLLED_SHUTDOWN") {
      records = handleControlledShutdown(context, id, brokerEpoch);
      reason = `${why} is shutting down`;
    } else {
      records = handleBrokerFenced(context, id);
      reason = next === "FENCED" ? `${why} asked to be fenced` : `${why} shut down`;
    }
  }
  const isFenced = next === "FENCED" || next === "SHUTDOWN_NOW";
  heartbeats.touch(id, isFenced, currentMetadataOffset);
  const written = (endOffset: number): void => {
    if (next === "CONTROLLED_SHUTDOWN") heartbeats.startControlledShutdown(id, endOffset);
  };
  const isCaughtUp = currentMetadataOffset >= brokerEpoch;
  const shouldShutDown = next === "SHUTDOWN_NOW";
  const response = { error: "NONE", isCaughtUp, isFenced, shouldShutDown } as const;
  return { records, response, why: reason, written };
}

const heartbeatError = (error: BrokerHeartbeatResponse["error"]): BrokerHeartbeatResponse => ({
  error,
  isCaughtUp: false,
  isFenced: true,
  shouldShutDown: false,
});
