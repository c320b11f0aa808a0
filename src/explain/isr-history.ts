// Who was in sync when, and why the others were not.
import type { BrokerId, TopicPartition } from "../protocol/types.ts";
import { reasonOfAbsence } from "./absence.ts";
import type { Sources } from "./case.ts";
import { type Sentence, said } from "./case.ts";
import { hostNames, list, names, when } from "./words.ts";

/** The ISR as a leader knew it just before an event. */
export function isrAt(
  { chronicle }: Sources,
  partition: TopicPartition,
  leader: BrokerId,
  seq: number,
): readonly BrokerId[] | undefined {
  for (const e of chronicle.before(seq)) {
    if (e.type !== "isr.committed" && e.type !== "replica.becameLeader") continue;
    if (e.partition === partition && e.node === leader) return e.isr;
  }
  return undefined;
}

/** The ISR as the controller had committed it just before an event. */
export function committedIsrAt(
  { chronicle }: Sources,
  partition: TopicPartition,
  seq: number,
): readonly BrokerId[] | undefined {
  for (const e of chronicle.before(seq)) {
    switch (e.type) {
      case "isr.shrunk":
      case "isr.expanded":
      case "leader.elected":
      case "leader.lost":
      case "partition.created":
        if (e.partition === partition) return e.isr;
    }
  }
  return undefined;
}

/** Why an ISR was as small as it was: the last shrinking before an event, and what was wrong with those who had to leave. */
export function whyIsrSmall(
  sources: Sources,
  partition: TopicPartition,
  seq: number,
): Sentence | undefined {
  const { chronicle, hosts } = sources;
  const shrunk = chronicle.last(seq, "isr.shrunk", (e) => e.partition === partition);
  if (shrunk === undefined) return undefined;
  const reasons = shrunk.removed.flatMap(
    (node) => reasonOfAbsence(chronicle, hosts, node, shrunk.seq, shrunk.at) ?? [],
  );
  const events = [...reasons.flatMap((reason) => reason.events), shrunk.seq];
  const why =
    reasons.length === 0
      ? `${hostNames(hosts, shrunk.removed)} had fallen behind for longer than replica.lag.time.max.ms`
      : merged(reasons.map((reason) => reason.text));
  return said(
    `the ISR had shrunk to ${list(shrunk.isr)} at ${when(shrunk)} because ${why}`,
    events,
    8,
  );
}

/** `broker-2 was cut off ..., broker-3 was cut off ...` for the same reason is said once. */
function merged(texts: readonly string[]): string {
  const byReason = new Map<string, string[]>();
  for (const text of texts) {
    const space = text.indexOf(" ");
    const reason = text.slice(space + 1);
    byReason.set(reason, [...(byReason.get(reason) ?? []), text.slice(0, space)]);
  }
  return [...byReason]
    .map(([reason, who]) =>
      who.length > 1 ? `${names(who)} ${reason.replace(/^was /, "were ")}` : `${who[0]} ${reason}`,
    )
    .join(", and ");
}
