// What producers, groups and operators permit.
import type { ClauseName } from "../../src/check/contract-clauses.ts";
import type { Exhibit } from "./exhibit.ts";

const RESET = "kafka-consumer-groups --reset-offsets";
const IN_FLIGHT = "in-flight requests without idempotence";

type Row = readonly [
  by: ClauseName,
  shows: string,
  twin: string,
  turned: string,
  anomalies: Exhibit["anomalies"],
  says?: string,
];

const all = (bite: Exhibit["bite"], rows: readonly Row[]): Exhibit[] =>
  rows.map(([by, shows, twin, turned, anomalies, says = by]) => ({
    ...{ by, says, shows, twin, turned, bite, anomalies },
  }));

const redelivers = (commit: "auto" | "sync" | "async" | "none"): Row => [
  `commit: ${commit}`,
  `commits ${commit}`,
  `commits ${commit}-deduplicated`,
  "deduplicate: true",
  ["processed-twice"],
];

const AHEAD = ["committed-beyond-processed", "never-processed", "key-order: overtaken"] as const;

export const OF_CLIENTS: readonly Exhibit[] = [
  ...all("retried", [
    [
      "retries without idempotence",
      "retry-duplicates plain",
      "retry-duplicates idempotent",
      "enable.idempotence=true",
      ["duplicate: retry"],
      "enable.idempotence=false with retries",
    ],
    [
      "producer.id.expiration.ms",
      "sends expired",
      "sends remembered",
      "producer.id.expiration.ms=86400000",
      ["duplicate: state expired"],
    ],
    [
      IN_FLIGHT,
      "inflight-reorder plain",
      "inflight-reorder one-in-flight",
      "max.in.flight.requests.per.connection=1",
      ["nonmonotonic-send"],
      "max.in.flight.requests.per.connection>1 without idempotence",
    ],
    [
      IN_FLIGHT,
      "ordering not-idempotent",
      "ordering per-partition",
      "enable.idempotence=true",
      ["key-order: overtaken"],
      "max.in.flight.requests.per.connection>1 without idempotence",
    ],
  ]),
  ...all("acked", [
    [
      "the application sends it twice",
      "sends resend",
      "sends once",
      "another record",
      ["duplicate: application resend"],
    ],
  ]),
  ...all("backlog", [
    [
      "kafka-topics --alter --partitions",
      "ordering partitions-added",
      "ordering per-key",
      "no operation",
      ["key-order: moved"],
    ],
  ]),
  ...all("leftBehind", [
    ["commit: before", "commits before", "commits sync-deduplicated", "commit: sync", AHEAD],
    [
      "handOff, commits run ahead",
      "commits handed-off",
      "commits auto-deduplicated",
      "handOff: false",
      AHEAD,
      "handOff with commit: auto",
    ],
    [
      "handOff, work is repeated",
      "commits handed-off-late",
      "commits hand-off-deduplicated",
      "deduplicate: true",
      ["processed-twice"],
      "handOff with commit: none",
    ],
    redelivers("auto"),
    redelivers("sync"),
    redelivers("async"),
    redelivers("none"),
    [
      "a rebalance",
      "commits none",
      "commits external",
      "externalOffsets: true",
      ["nonmonotonic-poll: rebalance"],
      "a rebalance with commit: none",
    ],
    [
      "seek()",
      "commits external-handed-off",
      "commits external",
      "handOff: false",
      ["nonmonotonic-poll: seek"],
    ],
  ]),
  ...all("movedOn", [
    [
      "commit: async, one overtaken",
      "late-lookup async",
      "late-lookup sync",
      "commit: sync",
      ["committed-rewind: overtaken"],
      "commit: async",
    ],
  ]),
  ...all("lookedAt", [
    [
      RESET,
      "resets forward",
      "resets dry-run",
      "no --execute",
      ["lost-write: skipped", "poll-skip: rebalance", "never-processed"],
    ],
    [RESET, "resets forward-and-back", "resets dry-run", "no --execute", ["key-order: overtaken"]],
    [RESET, "resets back", "resets dry-run", "no --execute", ["processed-twice"]],
  ]),
  ...all("noOffset", [
    [
      "auto.offset.reset=latest",
      "latest latest",
      "latest earliest",
      "auto.offset.reset=earliest",
      ["lost-write: skipped", "poll-skip: rebalance", "poll-skip: reset", "never-processed"],
    ],
  ]),
];
