// A replica that begins to lead holds every record below the true high watermark; and a leader, deposed or not,
// announces no high watermark beyond what it shares with the newest leader.
import type { Property } from "./checker.ts";
import { plural } from "./text.ts";

export const leaderCompleteness: Property = {
  name: "leader-completeness",
  kind: "always",
  doc: "An elected leader holds every committed record.",
  create: (context) => {
    let exercised = false;
    return {
      on: {
        "replica.becameLeader": (e) => {
          const takeover = context.truth.partition(e.partition.index)?.takeover;
          if (takeover?.seq !== e.seq) return;
          if (takeover.trueHighWatermark > 0) exercised = true;
          const missing = takeover.trueHighWatermark - takeover.common;
          if (missing <= 0) return;
          context.report({
            message: `${context.hosts.name(e.node)} leads ${e.partition.name} in epoch ${e.leaderEpoch} without ${plural(missing, "committed record")} from offset ${takeover.common} on`,
            evidence: [e.seq],
            atUs: e.at,
            node: e.node,
            count: missing,
            about: { partition: e.partition, offset: takeover.common },
          });
        },
        "hw.advanced": (e) => {
          if (!e.leader) return;
          const log = context.truth.partition(e.partition.index)?.log;
          if (log === undefined || log.forks === 0 || log.owner < 0 || e.node === log.owner) return;
          const common = log.copy(e.node)?.common ?? e.to;
          const from = Math.max(e.from, common);
          if (from >= e.to) return;
          context.report({
            message: `${context.hosts.name(e.node)}, deposed, commits ${e.partition.name} up to ${e.to}; ${context.hosts.name(log.owner)}, which leads, has other records from offset ${common} on`,
            evidence: [e.seq],
            atUs: e.at,
            node: e.node,
            count: e.to - from,
            about: { partition: e.partition, offset: from },
          });
        },
      },
      get exercised() {
        return exercised;
      },
    };
  },
};
