// ErrorChaos: a node answers requests of one API with an error, without having acted on them. Several in force on one node: the first one that applies.
import { errorResponse } from "../../protocol/error-responses.ts";
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import { type Fault, type FaultOf, faultOfHosts } from "./fault.ts";

export function errorChaos(cluster: Cluster, fault: FaultOf<"ErrorChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const limit = fault.count ?? Number.POSITIVE_INFINITY;
  const on = new Set<KafkaHost>();
  let answered = 0;
  const answer = (host: KafkaHost, api: string, request: unknown): unknown => {
    if (!on.has(host) || api !== fault.rpc || answered >= limit) return undefined;
    const response = errorResponse(api, request, fault.error);
    if (response !== undefined) answered++;
    return response;
  };
  return faultOfHosts({
    hosts,
    begin: (host) => {
      on.add(host);
      const earlier = host.answers;
      host.answers = (api, request, from) =>
        earlier?.(api, request, from) ?? answer(host, api, request);
    },
    // The chain on the host stays: another fault may stand behind it.
    heal: (host) => on.delete(host),
    bit: () => answered > 0,
  });
}
