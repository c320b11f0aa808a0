// How records came to be lost, or two logs to differ: who had them, why only they, what ended their reign, who was chosen instead, and what
// took the records. The same for every check that a loss can break.
import type { KafkaEvent, TraceEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import { reasonOfAbsence } from "./absence.ts";
import { ackSentence } from "./ack-sentence.ts";
import { type Case, recordName, type Sentence, said } from "./case.ts";
import { committedIsrAt, whyIsrSmall } from "./isr-history.ts";
import { removalOf } from "./removal.ts";
import { clock, count, list, when } from "./words.ts";

export function lossStory(c: Case): Sentence[] {
  const partition = c.finding.about?.partition;
  if (partition === undefined) return [];
  const taking = takingOf(c, partition);
  if (taking === undefined) return [];
  const ack = ackSentence(c, partition, taking);
  const torn = tornStory(c, partition, taking);
  const rest = torn.length > 0 ? torn : electionStory(c, partition, taking, ack?.leader ?? -1);
  return [...(ack?.sentences ?? []), ...rest];
}

/** The event that took the records, or put another leader in their holder's place. */
function takingOf(c: Case, partition: TopicPartition): TraceEvent | undefined {
  const { finding, chronicle } = c;
  const guilty = chronicle.at(finding.evidence.at(-1) ?? 0);
  if (guilty !== undefined) return guilty;
  const removal = removalOf(c, partition);
  if (removal !== undefined) return chronicle.at(removal.seq);
  return chronicle.last(
    (finding.evidence.at(-1) ?? 0) + 1,
    "replica.becameLeader",
    (e) => e.partition === partition && e.epochStartOffset <= (finding.about?.offset ?? 0),
  );
}

/** A machine came back with less than it had. */
function tornStory(c: Case, partition: TopicPartition, taking: TraceEvent): Sentence[] {
  const { chronicle, hosts } = c;
  if (taking.type !== "disk.tornTail" && taking.type !== "host.wiped") return [];
  const who = hosts.name(taking.node);
  const end = reasonOfAbsence(chronicle, hosts, taking.node, taking.seq + 1, taking.at);
  const sentences: Sentence[] = [];
  if (end !== undefined) sentences.push(said(end.text, end.events, 9));
  if (taking.type === "disk.tornTail") {
    sentences.push(
      said(
        `when ${who} was started again, ${count(taking.lost, "record")} of ${partition.name} that lay in its page cache only were gone (${clock(taking.at)}, #${taking.seq}): without flush.messages=1 Kafka does not fsync what it acknowledges`,
        [taking.seq],
        10,
      ),
    );
  } else {
    sentences.push(
      said(`${who} came back with an empty disk at ${when(taking)}`, [taking.seq], 10),
    );
  }
  return [...sentences, ...ledAfterwards(c, partition, taking)];
}

/** Nobody else had them, or could be asked: the machine leads with what it has left. */
function ledAfterwards(c: Case, partition: TopicPartition, taking: TraceEvent): Sentence[] {
  for (const e of c.chronicle.after(taking.seq)) {
    if (e.type !== "replica.becameLeader" || e.partition !== partition) continue;
    const isr = committedIsrAt(c, partition, e.seq) ?? e.isr;
    const replicas = c.view.partitions.get(partition.index)?.replicas ?? [];
    const alone = replicas.length === 1 ? ": it has the only replica" : "";
    const text = `${c.hosts.name(e.node)} led ${partition.name} from offset ${e.epochStartOffset} on at ${when(e)}, ISR ${list(isr)}${alone}`;
    return [said(text, [e.seq], 7)];
  }
  return [];
}

function electionStory(
  c: Case,
  partition: TopicPartition,
  taking: TraceEvent,
  acker: number,
): Sentence[] {
  const { chronicle, hosts } = c;
  const elected = chronicle.last(
    taking.seq + 1,
    "leader.elected",
    (e) => e.partition === partition && e.leader >= 0 && e.leader !== acker,
  );
  if (elected === undefined) return truncation(c, partition, taking);
  const before = elected.previous >= 0 ? elected.previous : acker;
  const sentences: Sentence[] = [];
  const small = whyIsrSmall(c, partition, ackTime(c) ?? elected.seq);
  if (small !== undefined) sentences.push(small);
  const end =
    before < 0 ? undefined : reasonOfAbsence(chronicle, hosts, before, elected.seq, elected.at);
  if (end !== undefined && !covered(sentences, end.events))
    sentences.push(said(`${end.text}, and ${elected.why} at ${clock(elected.at)}`, end.events, 9));
  sentences.push(electionSentence(c, partition, elected));
  return [...sentences, ...truncation(c, partition, taking)];
}

const ackTime = ({ record, finding, truth }: Case): number | undefined => {
  const about = finding.about;
  if (record?.acked !== undefined) return record.acked.seq;
  if (about?.record === undefined || about.partition === undefined) return undefined;
  return truth.partition(about.partition.index)?.acks.find(about.record.stream, about.record.number)
    ?.seq;
};

const covered = (sentences: readonly Sentence[], events: readonly number[]): boolean =>
  sentences.some((sentence) => events.every((seq) => sentence.events.includes(seq)));

function electionSentence(
  c: Case,
  partition: TopicPartition,
  elected: KafkaEvent<"leader.elected">,
): Sentence {
  const { chronicle, hosts } = c;
  const who = hosts.name(elected.leader);
  const isr = committedIsrAt(c, partition, elected.seq) ?? [];
  const why = elected.unclean
    ? `although it was not in the ISR ${list(isr)}: ${uncleanSetting(c, partition)} let it`
    : `as a member of the ISR ${list(isr)}`;
  const start = startOf(chronicle.after(elected.seq), elected);
  const began =
    start === undefined
      ? ""
      : `; its log ended at offset ${start.epochStartOffset} (#${start.seq})${missing(c, start.epochStartOffset)}`;
  const text = `at ${when(elected)} ${hosts.name(elected.node)} made ${who} leader in epoch ${elected.leaderEpoch}, ${why}${began}`;
  return said(text, start === undefined ? [elected.seq] : [elected.seq, start.seq], 10);
}

function missing(c: Case, end: number): string {
  const { offset } = c.finding.about ?? {};
  const name = recordName(c);
  if (offset === undefined || offset < end || name === undefined) return "";
  return `, so ${name} at ${offset} was not in it`;
}

function startOf(
  events: Iterable<TraceEvent>,
  elected: KafkaEvent<"leader.elected">,
): KafkaEvent<"replica.becameLeader"> | undefined {
  for (const e of events) {
    if (e.type === "leader.elected" && e.partition === elected.partition) return undefined;
    if (
      e.type === "replica.becameLeader" &&
      e.partition === elected.partition &&
      e.leaderEpoch === elected.leaderEpoch
    )
      return e;
  }
  return undefined;
}

function uncleanSetting({ settings }: Case, { topic }: TopicPartition): string {
  if (settings.topics.some(({ name, unclean }) => name === topic && unclean))
    return "unclean.leader.election.enable=true";
  return settings.uncleanOperations > 0
    ? "kafka-leader-election --election-type unclean"
    : "the recovery of a partition whose ISR is empty (KIP-966)";
}

/** A former leader falls in line. */
function truncation(c: Case, partition: TopicPartition, taking: TraceEvent): Sentence[] {
  if (taking.type !== "log.truncated") return [];
  const { chronicle, hosts } = c;
  const followed = chronicle.last(
    taking.seq,
    "replica.becameFollower",
    (e) => e.partition === partition && e.node === taking.node,
  );
  const whom =
    followed === undefined || followed.leader < 0
      ? ""
      : `, following ${hosts.name(followed.leader)},`;
  const text = `at ${when(taking)} ${hosts.name(taking.node)}${whom} cut its own log from ${taking.from} back to ${taking.to} (${taking.why}), and with that the last copy was gone`;
  return [said(text, [taking.seq], 6)];
}
