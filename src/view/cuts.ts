// Which machines cannot reach which, as the partitions of the scenario's NetworkChaos have it. Told by the faults' targets:
// `a, b <-> c` cuts both ways, `a -> c` one. A machine that is down is not cut off; see hosts.ts.
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";

export interface Cut {
  readonly fault: string;
  readonly sinceUs: number;
  readonly seq: number;
  /** Directed links as from * 65536 + to. */
  readonly links: ReadonlySet<number>;
}

export const linkKey = (from: number, to: number): number => from * 65536 + to;

export class CutsFold {
  readonly listeners: Listeners;
  readonly #cuts = new Map<string, Cut>();
  /** Raised by every change, so that others can keep what they made of it. */
  version = 0;

  constructor(hosts: HostDirectory) {
    this.listeners = {
      "fault.injected": (e) => {
        if (e.kind !== "NetworkChaos" || e.action !== "partition") return;
        const links = linksOf(hosts, e.targets);
        this.#cuts.set(e.id, { fault: e.id, sinceUs: e.at, seq: e.seq, links });
        this.version++;
      },
      "fault.healed": (e) => {
        const cut = this.#cuts.get(e.id);
        if (cut === undefined) return;
        if (e.remains === undefined) this.#cuts.delete(e.id);
        else this.#cuts.set(e.id, { ...cut, links: linksOf(hosts, e.remains) });
        this.version++;
      },
    };
  }

  get active(): IterableIterator<Cut> {
    return this.#cuts.values();
  }

  /** The cut that keeps messages of one machine from another, if one does. */
  between(from: number, to: number): Cut | undefined {
    for (const cut of this.#cuts.values()) if (cut.links.has(linkKey(from, to))) return cut;
    return undefined;
  }

  /** Can they talk, there and back? */
  connected(a: number, b: number): boolean {
    return this.between(a, b) === undefined && this.between(b, a) === undefined;
  }
}

/** The directed links that the targets of a network fault tell of, as from * 65536 + to. */
export function linksOf(hosts: HostDirectory, targets: readonly string[]): Set<number> {
  const links = new Set<number>();
  for (const { from, to, mutual } of linksIn(targets)) {
    const [a, b] = [hosts.named(from)?.id, hosts.named(to)?.id];
    if (a === undefined || b === undefined) continue;
    links.add(linkKey(a, b));
    if (mutual) links.add(linkKey(b, a));
  }
  return links;
}

interface NamedLink {
  readonly from: string;
  readonly to: string;
  readonly mutual: boolean;
}

/** The links that the targets of a network fault tell of, by name. */
function linksIn(targets: readonly string[]): NamedLink[] {
  return targets.flatMap((target) => {
    const [left, arrow, right] = target.split(/ (<->|->) /);
    if (left === undefined || right === undefined) return [];
    const to = right.split(", ");
    return left
      .split(", ")
      .flatMap((a) => to.map((b) => ({ from: a, to: b, mutual: arrow === "<->" })));
  });
}
