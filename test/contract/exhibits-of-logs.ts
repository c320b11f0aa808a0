// What acknowledgements, elections and disks permit.
import type { Exhibit } from "./exhibit.ts";

const UNCLEAN = "unclean.leader.election.enable=true";
const HAND = "kafka-leader-election --election-type unclean";
const OFF = "HostChaos poweroff";
const WIPE = "HostChaos wipe";
const ROT = "IOChaos corrupt";
const OF_ONE = "of min.insync.replicas=1 replicas";
const OF_TWO = ", and unclean shutdowns of min.insync.replicas=2 replicas in all";

const LOSS = [
  "lost-write: log loss",
  "durability: log loss",
  "inconsistent-offsets: ack-vs-ack",
  "inconsistent-offsets: ack-vs-poll",
] as const;
const UNREACHABLE = ["lost-write: unreachable"] as const;
const REPLICA = ["leader-completeness", "true-high-watermark-monotonic", "log-matching"] as const;
const READ = ["repeatable-read", "nonmonotonic-poll: truncation"] as const;
const REREAD = ["inconsistent-offsets: poll-vs-poll"] as const;
const GROUP = ["committed-rewind", "generation-monotonic"] as const;

type Case = Omit<Exhibit, "by" | "says" | "turned" | "bite">;

const acked = (acks: "0" | "1", cases: readonly Case[]): Exhibit[] =>
  cases.map((c) => {
    const by = `acks=${acks}` as const;
    return { ...c, by, says: by, turned: "acks=all", bite: "diedAhead" };
  });

const elected = (by: typeof UNCLEAN | typeof HAND, cases: readonly Case[]): Exhibit[] =>
  cases.map((c) => ({
    ...c,
    by,
    says: by,
    turned: by === HAND ? "--election-type preferred" : "unclean.leader.election.enable=false",
    bite: c.shows.endsWith("deposed") ? "deposed" : "lastDied",
  }));

/** Before 4.1 the last member of the ISR suffices (KIP-966). */
const broken = (by: typeof OFF | typeof WIPE | typeof ROT, cases: readonly Case[]): Exhibit[] =>
  cases.map((c) => ({
    ...c,
    by,
    says: /-3\.\d/.test(c.shows) ? by : `${by} ${OF_ONE}`,
    turned: by === ROT ? "IOChaos latency" : "ProcessChaos kill",
    bite: "lastDied",
  }));

const last = (shown: string, twin: string, anomalies: Exhibit["anomalies"]): Case => ({
  shows: `last-replica ${shown}`,
  twin: `last-replica ${twin}`,
  anomalies,
});

const offsets = (shown: string, anomalies: Exhibit["anomalies"], seed = ""): Case => ({
  shows: `offsets-lost ${shown}${seed}`,
  twin: `offsets-lost ${shown.endsWith("late") ? "killed-late" : "killed"}${seed}`,
  anomalies,
});

const rejoined = (shown: string): Case => ({
  shows: `rejoined ${shown}`,
  twin: "rejoined killed",
  anomalies: ["nonmonotonic-poll: reset"],
});

const AWAY = "acked-ahead acks-all-stays-away";

export const OF_LOGS: readonly Exhibit[] = [
  ...acked("0", [
    { shows: "acked-ahead acks-0", twin: "acked-ahead acks-all", anomalies: LOSS },
    { shows: "acked-ahead acks-0-stays-away", twin: AWAY, anomalies: UNREACHABLE },
  ]),
  ...acked("1", [
    { shows: "acks-one-loss one", twin: "acks-one-loss all", anomalies: LOSS },
    { shows: "acked-ahead acks-1-stays-away", twin: AWAY, anomalies: UNREACHABLE },
  ]),
  ...elected(UNCLEAN, [
    last("unclean", "clean", [...LOSS, ...REPLICA, ...READ, "exclusive-assignment"]),
    last("unclean-stays-away", "clean-stays-away", UNREACHABLE),
    last("unclean-deposed", "clean-deposed", [
      ...REREAD,
      "durability: early",
      "nonmonotonic-poll: reset",
    ]),
    {
      shows: "offsets-unclean unclean",
      twin: "offsets-unclean clean",
      anomalies: [...GROUP, "processed-twice"],
    },
  ]),
  ...elected(HAND, [
    last("by-hand", "by-hand-preferred", [
      ...LOSS,
      ...REPLICA,
      ...READ,
      ...REREAD,
      "exclusive-assignment",
    ]),
    last("by-hand-stays-away", "by-hand-preferred-stays-away", UNREACHABLE),
    last("by-hand-deposed", "by-hand-preferred-deposed", [
      "durability: early",
      "nonmonotonic-poll: reset",
    ]),
    {
      shows: "offsets-unclean by-hand",
      twin: "offsets-unclean by-hand-preferred",
      anomalies: [...GROUP, "processed-twice"],
    },
  ]),
  ...broken(OFF, [
    last("poweroff", "killed", [...LOSS, ...REPLICA, ...READ, ...REREAD]),
    last("poweroff-alone", "killed-alone", UNREACHABLE),
    last("poweroff-3.9", "killed-3.9", ["isr-sound"]),
    offsets("poweroff", [...GROUP, "processed-twice"]),
    offsets("poweroff", ["exclusive-assignment"], " 9"),
    rejoined("poweroff"),
  ]),
  // Since 3.7 a broker with another disk is not elected before the controller knows (KIP-858): the partition waits.
  ...broken(WIPE, [
    last("wipe-3.6", "killed-3.6", [
      ...LOSS,
      ...REPLICA,
      ...READ,
      "isr-sound",
      "exclusive-assignment",
      "nonmonotonic-poll: reset",
    ]),
    last("wipe-3.6 103", "killed-3.6 103", REREAD),
    last("wipe-alone-3.6", "killed-alone-3.6", UNREACHABLE),
    {
      shows: "offsets-lost wipe-3.6",
      twin: "offsets-lost killed-3.6",
      anomalies: ["processed-twice"],
    },
  ]),
  ...broken(ROT, [
    last("heir-rotten", "heir-slow", [...LOSS, ...REPLICA, ...READ, ...REREAD]),
    last("heir-rotten-far", "heir-slow-far", ["truncation-sound"]),
    last("heir-rotten-stays-away", "heir-slow-stays-away", UNREACHABLE),
    last("corrupt-3.9", "killed-3.9", ["isr-sound"]),
    rejoined("corrupt"),
  ]),
  ...broken(ROT, [
    offsets("corrupt", [...GROUP, "processed-twice"]),
    offsets("corrupt-late", ["exclusive-assignment"]),
  ]).map((exhibit) => ({ ...exhibit, says: `${ROT}${OF_TWO}` })),
];
