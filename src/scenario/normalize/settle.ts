// From `settle` as written to the model: for how long, and of whom it is asked.
import type { ClusterSpec, Scenario, Selector } from "../model.ts";
import type { Problems } from "../problems.ts";
import type { ScenarioInput } from "../schema/scenario.ts";
import type { SelectorInput } from "../schema/trigger.ts";
import type { Surroundings } from "./clients.ts";
import { selectorOf } from "./trigger.ts";

const SETTLE_US = 60_000_000;

export function settleOf(
  input: ScenarioInput["settle"],
  cluster: ClusterSpec,
  around: Surroundings,
): Pick<Scenario, "settleUs" | "core"> {
  if (input === undefined || typeof input === "number") return { settleUs: input ?? SETTLE_US };
  const { problems } = around;
  const settleUs = input.within ?? SETTLE_US;
  if (input.core === undefined) return { settleUs };
  const known = problems.list.length;
  const core = selectorsOf(input.core, around);
  if (problems.list.length === known) checkCore(core, cluster, problems);
  return { settleUs, core };
}

const PATH = ["settle", "core"];

/** Written as one selector, or as a list in which a name is a selector like any other. */
function selectorsOf(
  input: SelectorInput | readonly SelectorInput[],
  around: Surroundings,
): readonly Selector[] {
  if (!Array.isArray(input)) return [selectorOf(input as SelectorInput, PATH, around)];
  return input.map((one: SelectorInput, i) => selectorOf(one, [...PATH, i], around));
}

function checkCore(core: readonly Selector[], cluster: ClusterSpec, problems: Problems): void {
  const hint = "name brokers or controllers; without core every machine is healed";
  const servers = serversOf(cluster);
  const meant = core.map((selector) => meantBy(selector, servers));
  const all = meant.flatMap((some) => some ?? []);
  const isKnown = meant.every((some) => some !== undefined);
  if (core.length === 0) problems.error(PATH, "the core is empty", hint);
  else if (isKnown && all.length === 0)
    problems.error(PATH, "the core has no broker and no controller", hint);
  else if (isKnown) {
    const voters = servers.filter(({ voter }) => voter);
    const inside = voters.filter(({ name }) => all.includes(name)).length;
    if (inside * 2 > voters.length) return;
    const message = `the core has ${inside} of ${voters.length} voters of the controller quorum: no leader can be elected in it`;
    problems.warning(PATH, message, "add a majority of the controllers");
  }
}

interface Server {
  readonly name: string;
  readonly rack: string | undefined;
  readonly voter: boolean;
}

function serversOf({ brokers, controllers: { count, mode } }: ClusterSpec): Server[] {
  const isCombined = mode === "combined";
  const all = brokers.map(({ id, rack }, i) => ({
    name: `broker-${id}`,
    rack,
    voter: isCombined && i < count,
  }));
  if (isCombined) return all;
  const dedicated = Array.from({ length: count }, (_, i) => `controller-${i + 1}`);
  return [...all, ...dedicated.map((name) => ({ name, rack: undefined, voter: true }))];
}

/** The servers a selector means, by name; undefined: that shows only when the run settles. */
function meantBy(selector: Selector, servers: readonly Server[]): readonly string[] | undefined {
  const names = (wanted: (server: Server) => boolean): string[] =>
    servers.filter(wanted).map(({ name }) => name);
  switch (selector.kind) {
    case "names":
      return names(({ name }) => selector.names.includes(name));
    case "rack":
      return names(({ rack }) => rack === selector.rack);
    case "role":
      if (selector.role === "client") return [];
      return selector.role === "broker"
        ? names(({ name }) => name.startsWith("broker-"))
        : names(({ voter }) => voter);
    case "mode": {
      const of = meantBy(selector.of, servers);
      return selector.mode === "all" || of?.length === 0 ? of : undefined;
    }
    default:
      return undefined;
  }
}
