// lost-write (jepsen.tests.kafka, split three ways in truth: this is log loss): an acknowledged record that the partition no longer has.
import type { CheckerContext, End, Finding, Property } from "./checker.ts";
import type { Loss } from "./losses.ts";
import type { Culprit } from "./partition-truth.ts";
import { seconds } from "./text.ts";

export const lostWrite: Property = {
  name: "lost-write",
  kind: "always",
  doc: "Every acknowledged record is in the log of its partition's leader (or, without one, of a replica that may be elected), unless retention took it.",
  create: (context) => {
    let acked = false;
    return {
      on: {
        "op.acked": () => {
          acked = true;
        },
      },
      atEnd: (end) => reportLosses(context, end),
      get exercised() {
        return acked;
      },
    };
  },
};

function reportLosses(context: CheckerContext, end: End): void {
  // One finding for what one event took from one partition.
  const groups = new Map<string, Loss[]>();
  for (const loss of context.truth.losses) {
    const key = `${loss.stream.partition.index}/${loss.removal?.seq ?? 0}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [loss]);
    else group.push(loss);
  }
  const findings = [...groups.values()].map((losses) => findingOf(context, losses, end));
  findings.sort((a, b) => guilty(a) - guilty(b));
  for (const finding of findings) context.report(finding);
}

const guilty = (finding: Finding): number => finding.evidence[finding.evidence.length - 1] ?? 0;

function findingOf(context: CheckerContext, losses: readonly Loss[], end: End): Finding {
  const loss = losses[0] as Loss;
  const { stream, ack, removal } = loss;
  const count = losses.reduce((sum, l) => sum + l.count, 0);
  const where =
    ack === undefined || ack.offset < 0
      ? stream.partition.name
      : `${stream.partition.name}@${ack.offset}`;
  const acked =
    ack === undefined ? "was acked" : `was acked at ${where} (#${ack.seq}, ${seconds(ack.atUs)})`;
  const more = count > 1 ? ` (and ${count - 1} more)` : "";
  const evidence = ack === undefined ? [] : [ack.seq];
  if (removal === undefined) {
    const message = `${stream.nameOf(loss.first)}${more} ${acked}, and no log of ${stream.partition.name} ever held it`;
    const last = ack ?? end;
    return {
      message,
      evidence: ack === undefined ? [end.seq] : evidence,
      atUs: last.atUs,
      node: 0,
      count,
    };
  }
  const elected = electionBehind(context, loss);
  if (elected !== undefined) evidence.push(elected);
  evidence.push(removal.seq);
  const message = `${stream.nameOf(loss.first)}${more} ${acked}, then ${whatHappened(context, removal, removal.run.base)} (#${removal.seq})`;
  return { message, evidence, atUs: removal.atUs, node: removal.node, count };
}

/** The controller's decision that made the taker the leader. */
function electionBehind(context: CheckerContext, loss: Loss): number | undefined {
  if (loss.removal?.what !== "elected") return undefined;
  const p = context.view.partitions.get(loss.stream.partition.index);
  return p !== undefined && p.electedSeq > 0 && p.electedSeq < loss.removal.seq
    ? p.electedSeq
    : undefined;
}

function whatHappened(context: CheckerContext, culprit: Culprit, from: number): string {
  const who = context.hosts.name(culprit.node);
  switch (culprit.what) {
    case "elected":
      return `${who} became leader without what lies from offset ${from} on`;
    case "truncated":
      return `${who} truncated its log at offset ${from}`;
    case "torn":
      return `a power loss took what ${who} had not fsynced from offset ${from} on`;
    case "wiped":
      return `${who} lost its disk`;
    case "deleted":
      return `${who} deleted its log`;
    case "reopened":
      return `${who} found its log to end at offset ${from}`;
  }
}
