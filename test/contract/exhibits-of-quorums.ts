// What it permits when voters have lost what the quorum had decided.
import type { Exhibit } from "./exhibit.ts";

const WIPE = "HostChaos wipe";
const ROT = "IOChaos corrupt";

const lost = (shows: string, twin: string, anomalies: Exhibit["anomalies"]): Exhibit => ({
  by: "a voter's disk",
  says: shows.endsWith("corrupt") ? ROT : WIPE,
  shows,
  twin,
  turned: shows.endsWith("corrupt") ? "disks that keep what they are given" : "ProcessChaos kill",
  bite: "voterDied",
  anomalies,
});

const metadata = (shown: string, twin: string, anomalies: Exhibit["anomalies"]): Exhibit =>
  lost(`metadata-lost ${shown}`, `metadata-lost ${twin}`, anomalies);

const forgotten = (shown: string, twin: string, anomalies: Exhibit["anomalies"]): Exhibit =>
  lost(`metadata-forgotten ${shown}`, `metadata-forgotten ${twin}`, anomalies);

export const OF_QUORUMS: readonly Exhibit[] = [
  metadata("wipe", "kill", [
    "epochs-monotonic",
    "metadata-agreement",
    "metadata-image",
    "quorum-commit",
  ]),
  metadata("wipe 102", "kill 102", ["leaders-elected"]),
  metadata("corrupt", "kill", ["metadata-log-matching"]),
  metadata("votes-forgotten 106", "votes-kept 106", ["election-safety"]),
  forgotten("disagreed", "agreed", ["isr-agreed"]),
  forgotten("ids-again 1", "ids-kept 1", ["producer-identity", "registration-sound"]),
];
