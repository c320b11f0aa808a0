// ErrorChaos: a node answers requests of one API with an error, without having acted on them. Several in force on one node: the first one that applies.
import { errorResponse } from "../../protocol/error-responses.ts";
import type { Cluster } from "../cluster.ts";
import { resolve } from "../selector.ts";
import type { Fault, FaultOf } from "./fault.ts";

export function errorChaos(cluster: Cluster, fault: FaultOf<"ErrorChaos">): Fault {
  const hosts = resolve(cluster, fault.selector, fault.id);
  const limit = fault.count ?? Number.POSITIVE_INFINITY;
  let isOn = false;
  let answered = 0;
  const answer = (api: string, request: unknown): unknown => {
    if (!isOn || api !== fault.rpc || answered >= limit) return undefined;
    const response = errorResponse(api, request, fault.error);
    if (response !== undefined) answered++;
    return response;
  };
  return {
    targets: hosts.map((host) => host.name),
    begin: () => {
      isOn = true;
      for (const host of hosts) {
        const earlier = host.answers;
        host.answers = (api, request, from) =>
          earlier?.(api, request, from) ?? answer(api, request);
      }
    },
    // The chain on the host stays: another fault may stand behind it.
    heal: () => {
      isOn = false;
    },
    bit: () => answered > 0,
  };
}
