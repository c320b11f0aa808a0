// The clauses of the contract: each is one setting, fault or act that permits an anomaly, and says how it stands in the verdict.
import type { Scope } from "./contract-scope.ts";
import type { GroupApplication, ProducerSettings } from "./contract-settings.ts";
import { brokerDiskLoss, lossyFaults } from "./lossy-faults.ts";

/** What permits, in the words of the verdict; null: it is not declared, or not for this subject. */
type Clause = (scope: Scope) => string | null;

const acknowledges =
  (acks: ProducerSettings["acks"]): Clause =>
  ({ producers }) =>
    producers.some((producer) => producer.acks === acks) ? `acks=${acks}` : null;

const isRecognised = ({ deduplicate, externalOffsets }: GroupApplication): boolean =>
  deduplicate || externalOffsets;

/** Commits that follow the work (or none at all): at least once, unless the application recognises what it has done. */
const redelivers =
  (commit: GroupApplication["commit"]): Clause =>
  ({ applications }) =>
    applications.some((a) => a.commit === commit && !a.handOff && !isRecognised(a))
      ? `commit: ${commit}`
      : null;

function handOff(applications: readonly GroupApplication[]): string | null {
  const [first] = applications.filter((application) => application.handOff);
  return first === undefined ? null : `handOff with commit: ${first.commit}`;
}

const resending = ({ producers }: Scope): readonly ProducerSettings[] =>
  producers.filter((p) => !p.idempotence && p.retries > 0 && p.acks !== "0");

export const CLAUSES = {
  "acks=0": acknowledges("0"),
  "acks=1": acknowledges("1"),
  "unclean.leader.election.enable=true": ({ topics }) =>
    topics.some(({ unclean }) => unclean) ? "unclean.leader.election.enable=true" : null,
  "kafka-leader-election --election-type unclean": ({ settings }) =>
    settings.uncleanOperations > 0 ? "kafka-leader-election --election-type unclean" : null,
  "HostChaos poweroff": (scope) => brokerDiskLoss(scope, "HostChaos poweroff"),
  "HostChaos wipe": (scope) => brokerDiskLoss(scope, "HostChaos wipe"),
  "IOChaos corrupt": (scope) => brokerDiskLoss(scope, "IOChaos corrupt"),
  "a voter's disk": ({ settings }) => lossyFaults(settings, "controller", undefined)?.first ?? null,
  /** Commits that run ahead of the work: at most once. */
  "commit: before": ({ applications }) =>
    applications.some(({ commit }) => commit === "before") ? "commit: before" : null,
  "handOff, commits run ahead": ({ applications }) =>
    handOff(applications.filter(({ commit }) => commit !== "none")),
  "handOff, work is repeated": ({ applications }) =>
    handOff(applications.filter((application) => !isRecognised(application))),
  "commit: auto": redelivers("auto"),
  "commit: sync": redelivers("sync"),
  "commit: async": redelivers("async"),
  "commit: none": redelivers("none"),
  /**
   * Commits that wait for the coordinator to be found are sent when the lookup they wait for is answered. The heartbeat thread gives up a lookup without an answer
   * for another one (AbstractCoordinator.clearFindCoordinatorFuture); whoever waits for the first is served last.
   */
  "commit: async, one overtaken": ({ applications }) =>
    applications.some(({ commit }) => commit === "async") ? "commit: async" : null,
  "kafka-consumer-groups --reset-offsets": ({ settings }) =>
    (settings.offsetResets ?? 0) > 0 ? "kafka-consumer-groups --reset-offsets" : null,
  "auto.offset.reset=latest": ({ consumers }) =>
    consumers.some(({ autoOffsetReset }) => autoOffsetReset === "latest")
      ? "auto.offset.reset=latest"
      : null,
  "a rebalance": ({ applications: [first] }) =>
    first === undefined ? null : `a rebalance with commit: ${first.commit}`,
  "seek()": () => "seek()",
  "the application sends it twice": () => "the application sends it twice",
  "producer.id.expiration.ms": () => "producer.id.expiration.ms",
  "retries without idempotence": (scope) =>
    resending(scope).length > 0 ? "enable.idempotence=false with retries" : null,
  "in-flight requests without idempotence": (scope) =>
    resending(scope).some((p) => p.maxInFlight > 1)
      ? "max.in.flight.requests.per.connection>1 without idempotence"
      : null,
  /** What takes a key to another partition. */
  "kafka-topics --alter --partitions": ({ topics }) =>
    topics.some(({ grows }) => grows === true) ? "kafka-topics --alter --partitions" : null,
} as const satisfies Readonly<Record<string, Clause>>;

export type ClauseName = keyof typeof CLAUSES;
