// The faults of a scenario over time: armed at the start, injected when their trigger fires, undone after their duration or when the run settles.
import type { FaultSpec } from "../../scenario/model.ts";
import type { Cluster } from "../cluster.ts";
import { arm } from "../trigger.ts";
import { clientChaos } from "./client-chaos.ts";
import { errorChaos } from "./error-chaos.ts";
import { type Core, type Fault, NOTHING } from "./fault.ts";
import { ioChaos, timeChaos } from "./io-chaos.ts";
import { type Holds, messageChaos } from "./message-chaos.ts";
import { networkChaos } from "./network-chaos.ts";
import { hostChaos, processChaos, start } from "./process-chaos.ts";
import { stressChaos } from "./stress-chaos.ts";

/** What became of a fault, for the result's warnings. */
export interface FaultReport {
  readonly id: string;
  readonly kind: string;
  readonly action: string;
  readonly fired: boolean;
  /** Whether it touched anything. */
  readonly bit: boolean;
}

interface Scheduled {
  readonly fault: FaultSpec;
  active: Fault | undefined;
  /** In force now. */
  on: boolean;
}

export class FaultSchedule {
  readonly #cluster: Cluster;
  readonly #holds: Holds = new Map();
  readonly #faults: Scheduled[];
  #settling = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#faults = cluster.scenario.faults.map((fault) => ({
      fault,
      active: undefined,
      on: false,
    }));
    for (const scheduled of this.#faults) {
      arm(cluster, scheduled.fault.trigger, () => this.#inject(scheduled));
    }
  }

  /** The scenario's duration is over: whatever can be undone is. A process killed without a duration stays dead. Returns how many were healed. */
  settle(): number {
    this.#settling = true;
    let healed = 0;
    for (const scheduled of this.#faults) {
      if (!scheduled.on || isForEver(scheduled.fault)) continue;
      this.#heal(scheduled);
      healed++;
    }
    return healed;
  }

  /** As `settle`, but only for a core: its machines run, nothing is in force on them or between them. What is in force elsewhere stays for good. */
  settleCore(core: Core): number {
    this.#settling = true;
    let healed = 0;
    for (const scheduled of this.#faults) {
      if (!scheduled.on || isDecision(scheduled.fault)) continue;
      scheduled.on = false;
      if (this.#healCore(scheduled, core)) healed++;
    }
    // A process that ended by itself, on a failed disk say, must run too.
    for (const { host, kind } of this.#cluster.machines) {
      if (core.has(host.id) && (kind === "broker" || kind === "controller")) start(host);
    }
    return healed;
  }

  reports(): FaultReport[] {
    return this.#faults.map(({ fault, active }) => ({
      id: fault.id,
      kind: fault.kind,
      action: fault.action,
      fired: active !== undefined,
      bit: active?.bit() ?? false,
    }));
  }

  #inject(scheduled: Scheduled): void {
    if (this.#settling) return;
    const { id, kind, action, durationUs } = scheduled.fault;
    const active = prepare(this.#cluster, scheduled.fault, this.#holds);
    scheduled.active = active;
    scheduled.on = true;
    // First the event, then the deed: the fault is the cause of all it does.
    this.#cluster.world.trace.emit(0, "fault.injected", {
      id,
      kind,
      action,
      targets: active.targets,
    });
    active.begin();
    if (durationUs === undefined || action === "restart") return;
    this.#cluster.world.kernel.after(durationUs, () => this.#heal(scheduled));
  }

  #heal(scheduled: Scheduled): void {
    if (!scheduled.on) return;
    scheduled.on = false;
    const { id, kind, action } = scheduled.fault;
    const targets = scheduled.active?.targets ?? [];
    this.#cluster.world.trace.emit(0, "fault.healed", { id, kind, action, targets });
    scheduled.active?.heal();
  }

  #healCore({ fault: { id, kind, action }, active }: Scheduled, core: Core): boolean {
    const { inside, outside, heal } = active?.divide(core) ?? NOTHING;
    const { world } = this.#cluster;
    world.kernel.cause = 0;
    if (inside.length > 0) {
      const remains = outside.length === 0 ? {} : { remains: outside };
      world.trace.emit(0, "fault.healed", { id, kind, action, targets: inside, ...remains });
    }
    heal();
    return inside.length > 0;
  }
}

/** What the owner of a client chose: it is no damage that a healthy machine would be free of. */
const isDecision = ({ kind, action }: FaultSpec): boolean =>
  kind === "ClientChaos" && (action === "join" || action === "leave");

/** What settling does not undo: a machine killed for good, a moment that has passed. */
function isForEver(fault: FaultSpec): boolean {
  if (fault.durationUs !== undefined) return false;
  if (fault.kind === "ClientChaos") return ["crash", "join", "leave"].includes(fault.action);
  return (fault.kind === "ProcessChaos" && fault.action !== "pause") || fault.kind === "HostChaos";
}

function prepare(cluster: Cluster, fault: FaultSpec, holds: Holds): Fault {
  switch (fault.kind) {
    case "NetworkChaos":
      return networkChaos(cluster, fault);
    case "ProcessChaos":
      return processChaos(cluster, fault);
    case "HostChaos":
      return hostChaos(cluster, fault);
    case "IOChaos":
      return ioChaos(cluster, fault);
    case "TimeChaos":
      return timeChaos(cluster, fault);
    case "MessageChaos":
      return messageChaos(cluster, fault, holds);
    case "StressChaos":
      return stressChaos(cluster, fault);
    case "ErrorChaos":
      return errorChaos(cluster, fault);
    case "ClientChaos":
      return clientChaos(cluster, fault);
  }
}
