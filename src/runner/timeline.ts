// The timeline of the view in the words of the report.
import type { HostDirectory } from "../view/hosts.ts";
import type { HappeningKind, Timeline } from "../view/timeline.ts";
import type { TimelineEntry } from "./result.ts";

const KINDS: Readonly<Record<HappeningKind, TimelineEntry["kind"]>> = {
  fault: "fault",
  host: "host",
  election: "election",
  isr: "isr",
  log: "isr",
  controller: "controller",
  operation: "run",
  rejected: "client",
  client: "client",
  cache: "host",
};

/** Happenings whose text tells of the records of the first only. */
const OF_RECORDS: ReadonlySet<string> = new Set(["produce.rejected", "op.failed", "op.unknown"]);

/** What happened while the scenario ran; the cluster's bring-up is no part of the story. */
export function timelineEntries(timeline: Timeline, names: HostDirectory): TimelineEntry[] {
  return timeline.happenings
    .filter((happening) => happening.atUs >= 0)
    .map((happening) => ({
      atUs: happening.atUs,
      event: happening.seq,
      who: names.name(happening.node),
      kind: happening.type === "run.settling" ? "settling" : KINDS[happening.kind],
      text: happening.text,
      times: happening.count,
      records: OF_RECORDS.has(happening.type) ? happening.records : 0,
    }));
}
