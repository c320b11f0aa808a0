// The generics of sim bound to Kafka's vocabulary.
import type { Host } from "../sim/host.ts";
import type { Process as SimProcess } from "../sim/process.ts";
import type * as rpc from "../sim/rpc.ts";
import type { WorldOptions } from "../sim/world.ts";
import { World } from "../sim/world.ts";
import { APIS, type ApiName, type KafkaProtocol, type Response } from "./apis.ts";
import { EVENTS, type KafkaEvents } from "./events.ts";
import { STAMPED } from "./stamped.ts";

export type KafkaHost = Host<KafkaProtocol, KafkaEvents>;
export type KafkaWorld = World<KafkaProtocol, KafkaEvents>;
export type Handlers = rpc.Handlers<KafkaProtocol>;
export type Call<A extends ApiName> = rpc.Call<Response<A>>;
export type Reply<A extends ApiName> = rpc.Reply<Response<A>>;
export type Process<R = void> = SimProcess<R>;

export function kafkaWorld(
  options: Pick<WorldOptions<KafkaProtocol, KafkaEvents>, "kernel" | "network" | "origin">,
): KafkaWorld {
  return new World<KafkaProtocol, KafkaEvents>({
    ...options,
    apis: APIS,
    events: EVENTS,
    stamping: STAMPED,
  });
}
