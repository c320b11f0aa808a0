// MessageChaos: single messages picked by API, direction and fields. The wire is TCP, so holding one holds all behind it,
// and dropping one breaks its connection.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { Connection, Message, MessageRule, MessageVerdict } from "../../sim/network.ts";
import type { Cluster } from "../cluster.ts";
import { matchesAnywhere } from "../match.ts";
import { resolve } from "../selector.ts";
import { type Core, type Fault, type FaultOf, NOTHING } from "./fault.ts";

type Spec = FaultOf<"MessageChaos">;

/** A hold in force: its rule, and the directions of connections it has stopped. */
interface Hold {
  readonly rule: MessageRule;
  readonly held: { readonly connection: Connection; readonly toward: number }[];
}
/** Holds by the id of their fault, for the release that refers to them. */
export type Holds = Map<string, Hold>;

export function messageChaos(cluster: Cluster, fault: Spec, holds: Holds): Fault {
  if (fault.action === "release") return release(cluster, fault.ref as string, holds);
  const from = machines(cluster, fault.from, `${fault.id}/from`);
  const to = machines(cluster, fault.to, `${fault.id}/to`);
  const held: Hold["held"] = [];
  /** Messages from one of them to another go free. */
  let spared: Core | undefined;
  let touched = 0;
  const rule: MessageRule = (message, connection) => {
    if (touched >= (fault.count ?? Number.POSITIVE_INFINITY) || !concerns(fault, from, to, message))
      return undefined;
    if (spared?.has(message.from) && spared.has(message.to)) return undefined;
    touched++;
    const { api: rpc, phase } = message;
    cluster.world.trace.emit(0, "message.held", {
      fault: fault.id,
      rpc,
      phase,
      from: message.from,
      to: message.to,
    });
    if (fault.action === "hold") held.push({ connection, toward: message.to });
    return verdict(fault);
  };
  if (fault.action === "hold") holds.set(fault.id, { rule, held });
  return {
    targets: [fault.rpc ?? "any message"],
    begin: () => cluster.world.network.addRule(rule),
    heal: () => {
      cluster.world.network.removeRule(rule);
      letGo(cluster, held.splice(0));
    },
    divide: (core) => {
      const what = fault.rpc ?? "any message";
      const everybody = cluster.machines.map(({ host }) => host.id);
      const ends = [[...(from ?? everybody)], [...(to ?? everybody)]];
      if (!ends.every((ids) => ids.some((id) => core.has(id))))
        return { ...NOTHING, outside: [what] };
      const isWhole = ends.flat().every((id) => core.has(id));
      return {
        inside: [isWhole ? what : `${what} inside the core`],
        outside: isWhole ? [] : [`${what} elsewhere`],
        heal: () => {
          spared = core;
          const isFree = ({ connection: { client, server } }: Hold["held"][number]): boolean =>
            core.has(client) && core.has(server);
          letGo(cluster, held.filter(isFree));
        },
      };
    },
    bit: () => touched > 0,
  };
}

function release(cluster: Cluster, ref: string, holds: Holds): Fault {
  let released = 0;
  return {
    targets: [ref],
    begin: () => {
      const hold = holds.get(ref);
      if (hold === undefined) return;
      cluster.world.network.removeRule(hold.rule);
      released = hold.held.length;
      letGo(cluster, hold.held.splice(0));
    },
    heal: () => undefined,
    divide: () => NOTHING,
    bit: () => released > 0,
  };
}

function letGo(
  cluster: Cluster,
  held: readonly { connection: Connection; toward: number }[],
): void {
  for (const { connection, toward } of held) cluster.world.network.release(connection, toward);
}

function verdict(fault: Spec): MessageVerdict {
  if (fault.action === "delay") return { do: "delay", delay: fault.delayUs };
  if (fault.action === "duplicate") return { do: "duplicate" };
  return { do: fault.action === "hold" ? "hold" : "drop" };
}

function concerns(
  fault: Spec,
  from: Set<number> | undefined,
  to: Set<number> | undefined,
  message: Message,
): boolean {
  if (fault.rpc !== undefined && message.api !== fault.rpc) return false;
  if (message.phase !== fault.phase) return false;
  if (from !== undefined && !from.has(message.from)) return false;
  if (to !== undefined && !to.has(message.to)) return false;
  return Object.keys(fault.match).length === 0 || matchesAnywhere(message.payload, fault.match);
}

function machines(
  cluster: Cluster,
  selector: Spec["from"],
  stream: string,
): Set<number> | undefined {
  if (selector === undefined) return undefined;
  return new Set(resolve(cluster, selector, stream).map((host: KafkaHost) => host.id));
}
