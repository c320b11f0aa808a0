// The judge of one run: folds the view and the ground truth, asks every check, and weighs what they found against the contract.
import type { KafkaEvents, TraceEvent } from "../protocol/events.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import { ClusterFold } from "../view/cluster-fold.ts";
import type { HostDirectory } from "../view/hosts.ts";
import { Dispatch } from "../view/listeners.ts";
import type { Checker, End, Finding, Property } from "./checker.ts";
import { type Contract, type ContractSettings, contract } from "./contract.ts";
import { CHECKS, type CheckName } from "./index.ts";
import { GroundTruth } from "./truth.ts";

export type CheckStatus = "held" | "violated" | "permitted" | "not-exercised";

export interface CheckResult {
  readonly name: CheckName;
  readonly kind: "always" | "eventually";
  readonly status: CheckStatus;
  /** Records or occurrences, over all findings. */
  readonly count: number;
  /** The setting or fault that permits what occurred; null when nothing occurred or nothing permits it. */
  readonly permittedBy: string | null;
  readonly first: {
    readonly event: number;
    readonly atMs: number;
    readonly message: string;
  } | null;
  /** The first findings in full. */
  readonly findings: readonly Finding[];
  readonly note?: string;
}

export interface JudgeOptions {
  readonly hosts: HostDirectory;
  readonly settings: ContractSettings;
  /** Checks to run; all without it. */
  readonly names?: readonly CheckName[];
}

const KEPT_FINDINGS = 20;

interface Case {
  readonly name: CheckName;
  readonly property: Property;
  readonly checker: Checker;
  readonly findings: Finding[];
  count: number;
}

export class Judge {
  readonly view: ClusterFold;
  readonly truth: GroundTruth;
  readonly #settings: ContractSettings;
  readonly #cases: readonly Case[];
  readonly #dispatch = new Dispatch();
  #results: readonly CheckResult[] | undefined;

  constructor(options: JudgeOptions) {
    this.#settings = options.settings;
    this.view = new ClusterFold(options.hosts);
    this.truth = new GroundTruth(this.view);
    const names = options.names ?? (Object.keys(CHECKS) as CheckName[]);
    this.#cases = names.map((name) => this.#open(name, options));
    for (const part of this.view.parts()) this.#dispatch.add(part);
    for (const part of this.truth.parts()) this.#dispatch.add(part);
    for (const { checker } of this.#cases) this.#dispatch.add(checker.on);
  }

  on(event: TraceEvent): void {
    this.#dispatch.on(event);
  }

  subscribe(trace: Trace<KafkaEvents>): void {
    this.#dispatch.subscribe(trace);
  }

  /** Closes the case: call once, after the last event. */
  finish(end: End, permitted: Contract = contract(this.#settings)): readonly CheckResult[] {
    if (this.#results === undefined) {
      for (const { checker } of this.#cases) checker.atEnd?.(end);
      this.#results = this.#cases.map((c) => verdict(c, permitted[c.name]));
    }
    return this.#results;
  }

  #open(name: CheckName, options: JudgeOptions): Case {
    const property = CHECKS[name];
    const findings: Finding[] = [];
    const report = (finding: Finding): void => {
      opened.count += finding.count;
      if (findings.length < KEPT_FINDINGS) findings.push(finding);
    };
    const checker = property.create({
      view: this.view,
      truth: this.truth,
      hosts: options.hosts,
      settings: options.settings,
      report,
    });
    const opened: Case = { name, property, checker, findings, count: 0 };
    return opened;
  }
}

function verdict(c: Case, permittedBy: string | null): CheckResult {
  const { name, property, checker, findings, count } = c;
  const occurred = findings.length > 0;
  const quiet = checker.exercised ? "held" : "not-exercised";
  const first = findings[0];
  return {
    name,
    kind: property.kind,
    status: occurred ? (permittedBy === null ? "violated" : "permitted") : quiet,
    count,
    permittedBy: occurred ? permittedBy : null,
    first: first === undefined ? null : summaryOf(first),
    findings,
    ...(checker.note === undefined ? {} : { note: checker.note }),
  };
}

function summaryOf(finding: Finding): { event: number; atMs: number; message: string } {
  return {
    event: finding.evidence[finding.evidence.length - 1] ?? 0,
    atMs: msOf(finding.atUs),
    message: finding.message,
  };
}

const msOf = (us: Micros): number => us / 1000;
