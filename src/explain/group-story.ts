// How a group came to do work twice, or to pass some by: who held the partition, where a member took it up, what had ended the one before,
// and how offsets are committed.
import type { KafkaEvent, TraceEvent } from "../protocol/events.ts";
import type { TopicPartition } from "../protocol/types.ts";
import { reasonOfAbsence } from "./absence.ts";
import { type Case, type Sentence, said } from "./case.ts";
import { when } from "./words.ts";

type Taking = KafkaEvent<"consumer.assigned"> | KafkaEvent<"consumer.reset">;

export function groupStory(c: Case): Sentence[] {
  const { finding } = c;
  const { partition, group } = finding.about ?? {};
  if (partition === undefined || group === undefined) return [];
  const seq = finding.evidence.at(-1) ?? 0;
  const sentences: Sentence[] = [];
  // A commit that runs ahead is the application's own doing, whatever happens later.
  const taking = c.check === "committed-beyond-processed" ? undefined : takingUp(c, partition, seq);
  const loss = taking === undefined ? undefined : endOfPredecessor(c, group, partition, taking.seq);
  if (loss !== undefined) sentences.push(loss);
  if (taking !== undefined) sentences.push(takingSentence(c, taking));
  const commit = commitSentence(c, group);
  if (commit !== undefined) sentences.push(commit);
  return sentences;
}

/** Where the member stood when it began, or was moved. For a commit or a passed record: the next taking of the partition. */
function takingUp(c: Case, partition: TopicPartition, seq: number): Taking | undefined {
  const { chronicle, finding, check } = c;
  const isTaking = (e: TraceEvent): e is Taking =>
    (e.type === "consumer.assigned" || e.type === "consumer.reset") && e.partition === partition;
  if (check === "processed-twice" || check === "committed-rewind") {
    for (const e of chronicle.before(seq)) if (isTaking(e) && e.node === finding.node) return e;
    return undefined;
  }
  const from = finding.about?.offset ?? 0;
  let began = false;
  for (const e of chronicle.after(0)) {
    if (!isTaking(e)) continue;
    const at = e.type === "consumer.reset" ? e.to : e.position;
    // The first to begin beyond a record that is never processed left it behind.
    if (began && at > from) return e;
    began = true;
  }
  return undefined;
}

function takingSentence({ hosts }: Case, e: Taking): Sentence {
  const who = hosts.name(e.node);
  if (e.type === "consumer.reset") {
    const text = `the position of ${who} in ${e.partition.name} was moved from ${e.from} to ${e.to} at ${when(e)} (${e.strategy})`;
    return said(text, [e.seq], 9);
  }
  const where = e.position < 0 ? "" : ` at offset ${e.position}, where the group's commits stood`;
  return said(`${who} took up ${e.partition.name}${where}, at ${when(e)}`, [e.seq], 9);
}

/** What had ended the ownership of the one before. */
function endOfPredecessor(
  c: Case,
  group: string,
  partition: TopicPartition,
  seq: number,
): Sentence | undefined {
  const { chronicle, hosts } = c;
  for (const e of chronicle.before(seq)) {
    if (e.type === "group.memberRemoved" && e.group === group) {
      const end = reasonOfAbsence(chronicle, hosts, e.client, e.seq, e.at);
      const because = end === undefined ? "" : `: ${end.text}`;
      const text = `${hosts.name(e.client)} was removed from group ${group} at ${when(e)} (${e.why})${because}`;
      return said(text, [...(end?.events ?? []), e.seq], 10);
    }
    if (e.type === "consumer.left" && e.group === group)
      return said(`${hosts.name(e.node)} left group ${group} at ${when(e)}: ${e.why}`, [e.seq], 10);
    const revoked =
      e.type === "consumer.rebalanced" && e.group === group && e.callback !== "assigned";
    if (revoked && e.partitions.includes(partition)) {
      const text = `${hosts.name(e.node)} gave up ${partition.name} in a rebalance at ${when(e)}`;
      return said(text, [e.seq], 8);
    }
    if (e.type === "log.truncated" && e.partition === partition) {
      const text = `${hosts.name(e.node)} had cut ${partition.name} from ${e.from} back to ${e.to} at ${when(e)}`;
      return said(text, [e.seq], 8);
    }
  }
  return undefined;
}

function commitSentence(c: Case, group: string): Sentence | undefined {
  const settings = c.settings.consumers.find(({ application }) => application?.group === group);
  const { commit, handOff } = settings?.application ?? {};
  if (commit === undefined) return undefined;
  if (handOff === true)
    return said(
      `the application hands records to other threads and commits (${commit}) without waiting for them`,
      [],
      7,
    );
  switch (commit) {
    case "before":
      return said(
        "it commits before it processes (commit: before): work that is begun is never begun again",
        [],
        7,
      );
    case "none":
      return said("nothing is ever committed (commit: none)", [], 7);
    case "auto":
      return said(
        "commits follow the work by up to auto.commit.interval.ms (commit: auto), and what lies between is done again",
        [],
        7,
      );
    default:
      return said(
        `commits follow the work (commit: ${commit}), and what was done but not yet committed is done again`,
        [],
        7,
      );
  }
}
