// The judge of one run: folds the view and the ground truth, asks every check, and weighs what they found against the contract.
import type { KafkaEvents, TraceEvent } from "../protocol/events.ts";
import type { Micros } from "../sim/kernel.ts";
import type { Trace } from "../sim/trace.ts";
import { ClusterFold } from "../view/cluster-fold.ts";
import type { HostDirectory } from "../view/hosts.ts";
import { Dispatch } from "../view/listeners.ts";
import type { Checker, End, Finding, JudgedFinding, Property } from "./checker.ts";
import { permission, type Subject } from "./contract.ts";
import type { ContractSettings } from "./contract-settings.ts";
import { CHECKS, type CheckName } from "./index.ts";
import { GroundTruth } from "./truth.ts";

export type CheckStatus = "held" | "violated" | "permitted" | "not-exercised";

export interface CheckResult {
  readonly name: CheckName;
  readonly kind: "always" | "eventually";
  readonly status: CheckStatus;
  /** Records or occurrences, over all findings. */
  readonly count: number;
  /** The setting or fault that permits all that occurred (the first of them, if several do); null when nothing occurred or nothing permits it. */
  readonly permittedBy: string | null;
  /** Counts by form of the anomaly, where it has several. */
  readonly forms: Readonly<Record<string, number>>;
  readonly first: {
    readonly event: number;
    readonly atMs: number;
    readonly message: string;
  } | null;
  /** The first findings in full, and the first of each form: those that nothing permits, before the others. */
  readonly findings: readonly JudgedFinding[];
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
  readonly docket: Docket;
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
  finish(end: End): readonly CheckResult[] {
    if (this.#results === undefined) {
      for (const { checker } of this.#cases) checker.atEnd?.(end);
      this.#results = this.#cases.map(verdict);
    }
    return this.#results;
  }

  #open(name: CheckName, options: JudgeOptions): Case {
    const property = CHECKS[name];
    const docket = new Docket();
    const checker = property.create({
      view: this.view,
      truth: this.truth,
      hosts: options.hosts,
      settings: options.settings,
      report: (finding) =>
        docket.enter(finding, permission(this.#settings, name, this.#subjectOf(finding))),
    });
    return { name, property, checker, docket };
  }

  /** Whose settings count: of the topic, the producer of the record, the group or the consumer that the finding names. */
  #subjectOf({ about, node, form }: Finding): Subject {
    const { partition, record, group } = about ?? {};
    const client = this.view.directory.get(node);
    const stream = record === undefined ? undefined : this.view.producers.get(record.stream);
    const consumer =
      client?.kind === "client" && client.name !== stream?.producer ? client.name : undefined;
    const isConsumer = this.#settings.consumers.some(({ name }) => name === consumer);
    return {
      topic: partition?.topic,
      producer: stream?.producer,
      group,
      consumer: isConsumer ? consumer : undefined,
      form,
    };
  }
}

/** The findings of one check, counted; the first are kept. */
class Docket {
  count = 0;
  readonly forms: Record<string, number> = {};
  readonly #bugs: JudgedFinding[] = [];
  readonly #permitted: JudgedFinding[] = [];

  enter(finding: Finding, permittedBy: string | null): void {
    this.count += finding.count;
    const { form } = finding;
    const isNew = form !== undefined && this.forms[form] === undefined;
    if (form !== undefined) this.forms[form] = (this.forms[form] ?? 0) + finding.count;
    const kept = permittedBy === null ? this.#bugs : this.#permitted;
    if (kept.length < KEPT_FINDINGS || isNew) kept.push({ ...finding, permittedBy });
  }

  get findings(): readonly JudgedFinding[] {
    const kept = [...this.#bugs, ...this.#permitted];
    const seen = new Set<string | undefined>();
    return kept.filter(({ form }, i) => {
      const isNew = !seen.has(form);
      seen.add(form);
      return i < KEPT_FINDINGS || isNew;
    });
  }
}

function verdict({ name, property, checker, docket }: Case): CheckResult {
  const { findings, count, forms } = docket;
  const [first] = findings;
  const quiet = checker.exercised ? "held" : "not-exercised";
  const occurred = first?.permittedBy === null ? "violated" : "permitted";
  return {
    name,
    kind: property.kind,
    status: first === undefined ? quiet : occurred,
    count,
    permittedBy: first?.permittedBy ?? null,
    forms,
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
