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

const group = (seed: number, anomalies: Exhibit["anomalies"]): Exhibit =>
  lost(`offsets-unclean forgotten ${seed}`, `offsets-unclean kept ${seed}`, anomalies);

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
  forgotten("in-sync-again", "in-sync-still", [
    "lost-write: log loss",
    "durability: log loss",
    "inconsistent-offsets: ack-vs-ack",
    "inconsistent-offsets: ack-vs-poll",
    "inconsistent-offsets: poll-vs-poll",
    "repeatable-read",
    "nonmonotonic-poll: truncation",
    "leader-completeness",
    "true-high-watermark-monotonic",
    "log-matching",
  ]),
  forgotten("elected-again", "elected-once", [
    "single-leader-per-epoch",
    "follower-appends",
    "isr-sound",
  ]),
  forgotten("deposed", "not-deposed", [
    "lost-write: unreachable",
    "durability: early",
    "nonmonotonic-poll: reset",
  ]),
  forgotten("disagreed", "agreed", ["isr-agreed"]),
  forgotten("ids-again 1", "ids-kept 1", ["producer-identity", "registration-sound"]),
  group(3, ["committed-rewind", "generation-monotonic", "processed-twice", "lag-drained"]),
  group(10, ["exclusive-assignment"]),
  group(2, ["groups-stable"]),
];
