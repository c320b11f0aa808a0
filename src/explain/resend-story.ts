// How a record came to lie twice, or behind one that was sent after it: it was sent again, because its answer did not arrive.
import type { KafkaEvent } from "../protocol/events.ts";
import { reasonOfAbsence } from "./absence.ts";
import { type Case, recordName, type Sentence, said } from "./case.ts";
import { faultName, when } from "./words.ts";

export function resendStory(c: Case): Sentence[] {
  const { finding, hosts } = c;
  const { partition, record, offset } = finding.about ?? {};
  const seq = finding.evidence.at(-1) ?? 0;
  const name = recordName(c);
  if (partition === undefined || record === undefined || name === undefined) return [];
  const sentences: Sentence[] = [];
  const first = c.record?.copies.find((copy) => copy.leader && copy.seq < seq);
  if (first !== undefined) {
    const text = `${name} was first appended at offset ${first.offset} by ${hosts.name(first.node)} at ${when(first)}`;
    sentences.push(said(text, [first.seq], 6));
  }
  const retry = retryBefore(c, seq);
  if (retry !== undefined) {
    const who = hosts.name(retry.node);
    const why = whyNoAnswer(c, retry);
    const text = `${who} had no answer it could trust for ${name} and put it back to be sent again at ${when(retry)} (attempt ${retry.attempt}, ${retry.error})${why?.text ?? ""}`;
    sentences.push(said(text, [...(why?.events ?? []), retry.seq], 10));
  }
  const what = c.check === "duplicate" ? "a second time" : "after records that were sent later";
  sentences.push(
    said(
      `${hosts.name(finding.node)} appended it ${what}, at offset ${offset} (#${seq}): ${setting(c, record.stream)}`,
      [seq],
      9,
    ),
  );
  return sentences;
}

function retryBefore(c: Case, seq: number): KafkaEvent<"producer.retried"> | undefined {
  const watched = c.record?.retries.findLast((retry) => retry.seq < seq);
  if (watched !== undefined) return watched;
  const { record } = c.finding.about ?? {};
  for (const e of c.chronicle.recentBefore(seq)) {
    if (e.type !== "producer.retried" || e.stream !== record?.stream) continue;
    if (record.number >= e.firstNumber && record.number < e.firstNumber + e.count) return e;
  }
  return undefined;
}

interface Because {
  readonly text: string;
  readonly events: readonly number[];
}

/** A message that a fault took hold of, a leader that went away, or a fault in force. */
function whyNoAnswer(c: Case, retry: KafkaEvent<"producer.retried">): Because | undefined {
  const { chronicle, hosts } = c;
  for (const e of chronicle.recentBefore(retry.seq)) {
    if (e.type !== "message.held" || e.rpc !== "Produce") continue;
    if (e.from !== retry.node && e.to !== retry.node) continue;
    const text = `: the ${e.phase} of its Produce had been touched by fault ${e.fault} at ${when(e)}`;
    return { text, events: [e.seq] };
  }
  const led = chronicle.last(
    retry.seq,
    "replica.becameLeader",
    (e) => e.partition === retry.partition,
  );
  const end =
    led === undefined
      ? undefined
      : reasonOfAbsence(chronicle, hosts, led.node, retry.seq, retry.at);
  if (end !== undefined) return { text: `: ${end.text}`, events: end.events };
  const [fault] = chronicle.faultsAt(retry.seq);
  if (fault === undefined) return undefined;
  return { text: `, while ${faultName(fault)} was in force`, events: [fault.seq] };
}

function setting(c: Case, stream: number): string {
  const producer = c.view.producers.get(stream)?.producer;
  const settings = c.settings.producers.find(({ name }) => name === producer);
  if (settings?.idempotence === true)
    return "the producer is idempotent, but the broker no longer knew its sequence numbers";
  const inFlight =
    c.check === "duplicate"
      ? ""
      : `, and max.in.flight.requests.per.connection=${settings?.maxInFlight} let later ones overtake it`;
  return `with enable.idempotence=false it carries no sequence number by which a broker could know it${inFlight}`;
}
