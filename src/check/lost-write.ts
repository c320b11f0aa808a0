// lost-write (jepsen.tests.kafka), in three forms: log loss (an acknowledged record is on no replica any more), unreachable (it is on
// a replica that does not lead) and skipped (it is in the log, and consumers have passed it without being given it).
import type { Ack } from "./ack-log.ts";
import type { CheckerContext, End, Finding, Property } from "./checker.ts";
import { type Loss, lossesOf } from "./losses.ts";
import type { Culprit } from "./partition-truth.ts";
import { type Skipped, skippedOf } from "./skipped.ts";
import type { StreamTruth } from "./stream-truth.ts";
import { seconds } from "./text.ts";

export const lostWrite: Property = {
  name: "lost-write",
  kind: "always",
  doc: "Every acknowledged record is in the log of its partition's leader (or, without one, of a replica that may be elected), unless retention took it, and consumers that are given later ones are given it.",
  create: (context) => {
    return {
      on: {},
      atEnd: (end) => {
        reportLosses(context, end);
        reportSkipped(context, end);
      },
      get exercised() {
        return context.truth.happened.acked;
      },
    };
  },
};

function reportLosses(context: CheckerContext, end: End): void {
  // One finding for what one event took from one stream: producers may have been promised different things.
  const groups = new Map<string, Loss[]>();
  for (const loss of lossesOf(context.view, context.truth)) {
    const key = `${loss.stream.stream}/${loss.removal?.seq ?? 0}/${loss.form}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [loss]);
    else group.push(loss);
  }
  const findings = [...groups.values()].map((losses) => findingOf(context, losses, end));
  findings.sort((a, b) => guilty(a) - guilty(b));
  for (const finding of findings) context.report(finding);
}

/** One finding a stream. */
function reportSkipped(context: CheckerContext, end: End): void {
  const streams = new Map<number, Skipped[]>();
  for (const skipped of skippedOf(context.view, context.truth)) {
    const { stream } = skipped.stream;
    streams.set(stream, [...(streams.get(stream) ?? []), skipped]);
  }
  for (const [first, ...rest] of streams.values()) {
    if (first === undefined) continue;
    const { truth, stream, offset } = first;
    const count = rest.reduce((sum, s) => sum + s.count, first.count);
    const ack = truth.acks.find(stream.stream, first.first);
    const what = count > 1 ? `and ${count - 1} more were acked` : "was acked";
    const at = offset < 0 ? "" : ` at offset ${offset}`;
    context.report({
      message: `${stream.nameOf(first.first)} ${what}${ack === undefined ? "" : ackText(stream, ack)}, ${count > 1 ? "are" : "is"} in ${stream.partition.name}${at}, and consumers went past without being given ${count > 1 ? "them" : "it"}`,
      evidence: ack === undefined ? [end.seq] : [ack.seq],
      atUs: ack?.atUs ?? end.atUs,
      node: 0,
      count,
      form: "skipped",
      about: {
        partition: stream.partition,
        record: { stream: stream.stream, number: first.first },
        ...(offset < 0 ? {} : { offset }),
      },
    });
  }
}

const guilty = (finding: Finding): number => finding.evidence[finding.evidence.length - 1] ?? 0;

function findingOf(context: CheckerContext, losses: readonly Loss[], end: End): Finding {
  const loss = losses[0] as Loss;
  const { stream, removal, form } = loss;
  const { partition } = stream;
  const record = { stream: stream.stream, number: loss.first };
  const truth = context.truth.partition(stream.partition.index);
  const ack = truth?.acks.find(stream.stream, loss.first);
  const count = losses.reduce((sum, l) => sum + l.count, 0);
  const what = count > 1 ? `and ${count - 1} more were acked` : "was acked";
  const acked = `${stream.nameOf(loss.first)} ${what}${ack === undefined ? "" : ackText(stream, ack)}`;
  const evidence = ack === undefined ? [] : [ack.seq];
  if (removal === undefined) {
    const { seq, atUs } = ack ?? end;
    const message = `${acked}, and no log of ${stream.partition.name} ever held it`;
    return { message, evidence: [seq], atUs, node: 0, count, form, about: { partition, record } };
  }
  // The controller's decision that let the taker lead comes before the taking.
  if (removal.decision > 0) evidence.push(removal.decision);
  evidence.push(removal.seq);
  const from = removal.run.base + loss.first - removal.run.first;
  const message = `${acked}, then ${whatHappened(context, removal, from)} (#${removal.seq})`;
  const about = { partition, record, offset: from };
  return { message, evidence, atUs: removal.atUs, node: removal.node, count, form, about };
}

function ackText(stream: StreamTruth, ack: Ack): string {
  const { name } = stream.partition;
  return ` at ${ack.offset < 0 ? name : `${name}@${ack.offset}`} (#${ack.seq}, ${seconds(ack.atUs)})`;
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
