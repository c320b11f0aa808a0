// That a record was acknowledged, by whom, with which ISR, and which setting made that enough.
import type { TraceEvent } from "../protocol/events.ts";
import type { BrokerId, TopicPartition } from "../protocol/types.ts";
import { type Case, recordName, type Sentence, said } from "./case.ts";
import { isrAt } from "./isr-history.ts";
import { removalOf } from "./removal.ts";
import { hostNames, list, when } from "./words.ts";

export interface AckTold {
  readonly sentences: readonly Sentence[];
  /** The broker that acknowledged it; -1: not known. */
  readonly leader: BrokerId;
}

export function ackSentence(
  c: Case,
  partition: TopicPartition,
  taking: TraceEvent,
): AckTold | undefined {
  const name = recordName(c);
  const { record } = c.finding.about ?? {};
  if (name === undefined || record === undefined) return undefined;
  const ack = c.record?.acked ?? logged(c, partition, record);
  const leader = ackingLeader(c, partition, taking, ack?.seq ?? taking.seq);
  const isr = leader < 0 ? undefined : isrAt(c, partition, leader, ack?.seq ?? taking.seq);
  const place = c.finding.about?.offset;
  const at = ack === undefined ? "" : ` at ${when(ack)}`;
  const where = place === undefined ? partition.name : `${partition.name}@${place}`;
  const byWhom = leader < 0 ? "" : ` by ${c.hosts.name(leader)}`;
  const told = isr === undefined ? "" : ` with ISR ${list(isr)}`;
  const others =
    c.finding.count > 1 && c.check === "lost-write" ? `, like ${c.finding.count - 1} more,` : "";
  const text = `${name} (${where})${others} was acked${at}${byWhom}${told}${because(c, partition, record.stream, isr)}`;
  const sentences = [said(text, ack === undefined ? [] : [ack.seq], 10)];
  const alone = holders(c, ack?.seq, name);
  return { sentences: alone === undefined ? sentences : [...sentences, alone], leader };
}

function logged(
  { truth }: Case,
  partition: TopicPartition,
  record: { readonly stream: number; readonly number: number },
): { readonly seq: number; readonly at: number } | undefined {
  const ack = truth.partition(partition.index)?.acks.find(record.stream, record.number);
  return ack === undefined ? undefined : { seq: ack.seq, at: ack.atUs };
}

/** Who told the producer: the broker that appended it as leader; else the leader of the epoch it was written in, or whoever led last. */
function ackingLeader(
  c: Case,
  partition: TopicPartition,
  taking: TraceEvent,
  seq: number,
): BrokerId {
  const appended = c.record?.leaderAt(seq);
  if (appended !== undefined) return appended.node;
  const epoch = removalOf(c, partition)?.run.epoch ?? -1;
  const led = c.chronicle.last(
    Math.min(seq, taking.seq),
    "replica.becameLeader",
    (e) => e.partition === partition && (epoch < 0 || e.leaderEpoch === epoch),
  );
  return led?.node ?? -1;
}

function because(
  c: Case,
  partition: TopicPartition,
  stream: number,
  isr: readonly BrokerId[] | undefined,
): string {
  const producer = c.view.producers.get(stream)?.producer;
  const settings = c.settings.producers.find(
    ({ name, topic }) => name === producer && topic === partition.topic,
  );
  const minIsr = c.settings.topics.find(({ name }) => name === partition.topic)?.minIsr ?? 1;
  switch (settings?.acks) {
    case "0":
      return ": with acks=0 a producer takes for written what it has sent";
    case "1":
      return ": with acks=1 the leader's own log is enough";
    case "all":
      return isr !== undefined && isr.length < 2
        ? `: acks=all waits for the ISR, and min.insync.replicas=${minIsr} is content with the leader alone`
        : `: acks=all, every member of the ISR had it (min.insync.replicas=${minIsr})`;
    default:
      return "";
  }
}

/** Who had it then, where its life was watched. */
function holders(c: Case, ackSeq: number | undefined, name: string): Sentence | undefined {
  if (c.record === undefined || ackSeq === undefined) return undefined;
  const nodes = c.record.holdersAt(ackSeq);
  if (nodes.length === 0) return undefined;
  const later = c.record.copies.filter((copy) => copy.seq > ackSeq && !nodes.includes(copy.node));
  const only = nodes.length === 1 ? "only " : "";
  const first = later[0];
  const { partition } = c.finding.about ?? {};
  const replicas = partition && c.view.partitions.get(partition.index)?.replicas;
  const then =
    first === undefined
      ? replicas?.length === 1
        ? "the partition has no other replica"
        : "no other replica ever got it"
      : `${c.hosts.name(first.node)} got it at ${when(first)}`;
  return said(
    `at that moment ${only}${hostNames(c.hosts, nodes)} had ${name} in ${nodes.length === 1 ? "its log" : "their logs"}; ${then}`,
    [],
    5,
  );
}
