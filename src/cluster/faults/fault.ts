// A fault whose selectors have been resolved: what it will act on, and how it begins, ends and proves that it bit.
import type { KafkaHost } from "../../protocol/kafka-host.ts";
import type { FaultSpec } from "../../scenario/model.ts";

/** Fields of one fault kind. */
export type FaultOf<K extends FaultSpec["kind"]> = Extract<FaultSpec, { kind: K }>;

/** Node ids of the machines that must be healthy while the run settles. */
export type Core = ReadonlySet<number>;

/** A fault as a core divides it; what it has let go of already is in neither part. Both as its targets are told. */
export interface Divided {
  /** Of machines of the core, and between them. */
  readonly inside: readonly string[];
  /** What stays for good. */
  readonly outside: readonly string[];
  /** Undoes it inside. */
  readonly heal: () => void;
}

export const NOTHING: Divided = { inside: [], outside: [], heal: () => undefined };

export interface Fault {
  /** Names of the machines (or links) it acts on. */
  readonly targets: readonly string[];
  begin(): void;
  /** Undoes it. A fault whose effect is a single moment has nothing to undo. */
  heal(): void;
  divide(core: Core): Divided;
  /** Whether it has touched anything yet. */
  bit(): boolean;
}

interface OfHosts {
  readonly hosts: readonly KafkaHost[];
  readonly begin: (host: KafkaHost) => void;
  readonly heal: (host: KafkaHost) => void;
  /** Is the machine still under it? Absent: it is. */
  readonly isOn?: (host: KafkaHost) => boolean;
  /** What it has in hand to undo by itself is not to happen. */
  readonly abandon?: (host: KafkaHost) => void;
  readonly bit: () => boolean;
}

/** A fault of machines, each of them by itself. */
export function faultOfHosts({ hosts, begin, heal, isOn, abandon, bit }: OfHosts): Fault {
  const names = (some: readonly KafkaHost[]): string[] => some.map((host) => host.name);
  return {
    targets: names(hosts),
    begin: () => {
      for (const host of hosts) begin(host);
    },
    heal: () => {
      for (const host of hosts) heal(host);
    },
    divide: (core) => {
      const on = hosts.filter((host) => isOn?.(host) ?? true);
      const inside = on.filter((host) => core.has(host.id));
      const outside = on.filter((host) => !core.has(host.id));
      return {
        inside: names(inside),
        outside: names(outside),
        heal: () => {
          for (const host of inside) heal(host);
          for (const host of outside) abandon?.(host);
        },
      };
    },
    bit,
  };
}
