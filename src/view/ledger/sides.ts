// The sides of a cut network: brokers that reach each other, and the clients that reach them.
import type { CutsFold } from "../cuts.ts";
import type { HostDirectory } from "../hosts.ts";

/** What happened to the clients of one side while the network was cut. */
export interface SideEntry {
  /** Its brokers, or what else tells it apart. */
  readonly side: string;
  readonly clients: Set<string>;
  sent: number;
  /** Acknowledged while the network was cut. */
  served: number;
  /** Acknowledged afterwards. */
  later: number;
  failed: number;
  unknown: number;
  delivered: number;
  outageUs: number;
  readOutageUs: number;
  stalenessUs: number;
}

export const BOTH_SIDES = "both sides";
const NOBODY = "cut off from all brokers";

export const newSide = (side: string): SideEntry => ({
  side,
  clients: new Set(),
  sent: 0,
  served: 0,
  later: 0,
  failed: 0,
  unknown: 0,
  delivered: 0,
  outageUs: 0,
  readOutageUs: 0,
  stalenessUs: 0,
});

/** By client's node: on which side it is. Clients that feel nothing of the cuts are left out. */
export function sidesOf(hosts: HostDirectory, cuts: CutsFold): ReadonlyMap<number, string> {
  const brokers = hosts.hosts.filter(({ kind }) => kind === "broker");
  const parts = components(
    brokers.map(({ id }) => id),
    cuts,
  );
  const nameOf = (part: readonly number[]): string => part.map((id) => hosts.name(id)).join(",");
  const sides = new Map<number, string>();
  for (const { id, kind } of hosts.hosts) {
    if (kind !== "client") continue;
    const reached = parts.filter((part) => part.some((broker) => cuts.connected(id, broker)));
    const direct = brokers.filter((broker) => cuts.connected(id, broker.id));
    if (direct.length === 0) sides.set(id, NOBODY);
    else if (parts.length > 1)
      sides.set(id, reached.length > 1 ? BOTH_SIDES : nameOf(reached[0] as readonly number[]));
    else if (direct.length < brokers.length) sides.set(id, nameOf(direct.map((b) => b.id)));
  }
  return sides;
}

/** Brokers that reach each other, there and back, be it through others. */
function components(ids: readonly number[], cuts: CutsFold): number[][] {
  const left = new Set(ids);
  const parts: number[][] = [];
  for (const start of ids) {
    if (!left.delete(start)) continue;
    const part = [start];
    for (let i = 0; i < part.length; i++) {
      for (const other of left) {
        if (!cuts.connected(part[i] as number, other)) continue;
        left.delete(other);
        part.push(other);
      }
    }
    parts.push(part.sort((a, b) => a - b));
  }
  return parts;
}
