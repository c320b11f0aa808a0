// Stories on hand-made traces: what a sentence says is what the events say, and nothing else.
import { describe, expect, it } from "vitest";
import type { CheckName } from "../../src/check/check-name.ts";
import type { ContractSettings } from "../../src/check/contract-settings.ts";
import { Chronicle } from "../../src/explain/chronicle.ts";
import { explain, FULL, SHORT } from "../../src/explain/explain.ts";
import { RecordFacts } from "../../src/explain/record-facts.ts";
import { Dispatch } from "../../src/view/listeners.ts";
import { CONSUMER, HOSTS, PRODUCER, SETTINGS, Story } from "../check/support.ts";

const ACKS_ONE: ContractSettings = {
  ...SETTINGS,
  producers: SETTINGS.producers.map((p) => ({ ...p, acks: "1" as const })),
};

interface Watched {
  readonly story: Story;
  readonly chronicle: Chronicle;
  readonly record: RecordFacts;
  readonly settings: ContractSettings;
}

function watched(settings: ContractSettings = SETTINGS): Watched {
  const story = new Story(undefined, settings);
  const chronicle = new Chronicle();
  const record = new RecordFacts({ kind: "name", name: "m1" });
  const dispatch = new Dispatch();
  dispatch.add(chronicle.listeners);
  dispatch.add(record.listeners);
  story.heard.push((e) => dispatch.on(e));
  story.begin();
  return { story, chronicle, record, settings };
}

function told({ story, chronicle, record, settings }: Watched, check: CheckName, most = FULL) {
  const result = story.result(check);
  const [finding] = result.findings;
  if (finding === undefined) throw new Error(`${check} did not occur`);
  const { view, truth } = story.judge;
  const sources = { settings, hosts: HOSTS, view, truth, chronicle };
  return explain(sources, { check, finding, permittedBy: result.permittedBy }, most, record);
}

const textOf = (sentences: readonly { readonly text: string }[]): string =>
  sentences.map((sentence) => sentence.text).join(" ");

const fault = (
  story: Story,
  id: string,
  targets: readonly string[],
  [kind, action]: readonly [string, string] = ["ProcessChaos", "kill"],
): number => story.tell(0, "fault.injected", { id, kind, action, targets });

/** acks=1, the leader is killed before anybody has fetched m1, a member of the ISR takes over. */
function lostWrite(): Watched {
  const w = watched(ACKS_ONE);
  const { story } = w;
  story.commit(0, 5, 0);
  story.send(5, 2, ["m1", "m2"]);
  story.append(1, 5, 2, 5);
  story.ack(5, 2, 5);
  story.cause = fault(story, "leader-dies", ["broker-1"]);
  story.crash(1);
  story.cause = 0;
  story.elect(2, [2, 3]);
  story.becomeLeader(2, 5, [2, 3], 5);
  story.tell(1, "host.booted", { incarnation: 2 });
  story.follow(1, 7);
  story.truncate(1, 7, 5);
  return w;
}

describe("a lost write", () => {
  it("is led back to the fault, the setting and the record", () => {
    const sentences = told(lostWrite(), "lost-write");
    const text = textOf(sentences);
    expect(text).toContain("m1 (orders-0@5), like 1 more, was acked");
    expect(text).toContain("by broker-1 with ISR [1, 2, 3]: with acks=1");
    expect(text).toContain("only broker-1 had m1 in its log");
    expect(text).toContain("broker-1 was killed");
    expect(text).toContain("by fault leader-dies (ProcessChaos kill broker-1)");
    expect(text).toContain("made broker-2 leader in epoch 1, as a member of the ISR [1, 2, 3]");
    expect(text).toContain("its log ended at offset 5");
    expect(text).toContain("broker-1, following broker-2, cut its own log from 7 back to 5");
    expect(sentences.length).toBeLessThanOrEqual(FULL);
  });

  it("is cut to a few sentences, the weighty ones in their order", () => {
    const full = told(lostWrite(), "lost-write").map((s) => s.text);
    const short = told(lostWrite(), "lost-write", SHORT).map((s) => s.text);
    expect(short).toHaveLength(SHORT);
    expect(full.filter((text) => short.includes(text))).toEqual(short);
    expect(short.join(" ")).toContain("fault leader-dies");
  });

  it("has a life, from sending to loss", () => {
    const { story, record } = lostWrite();
    expect(record.entries.map(({ node, text }) => `${node} ${text}`)).toEqual([
      `${PRODUCER} sent to orders-0`,
      "1 appended by the leader at offset 5, epoch 0, in a batch of 2",
      `${PRODUCER} acked at offset 5`,
      "2 begins to lead in epoch 1, without it (from offset 5)",
      "1 truncated away (7 -> 5): diverging epoch",
    ]);
    expect(record.holdersAt(story.seq)).toEqual([1]);
    expect(record.holdersAt(story.seq + 1)).toEqual([]);
  });

  it("names an unclean election, and why the ISR was small", () => {
    const w = watched({
      ...SETTINGS,
      topics: SETTINGS.topics.map((t) => ({ ...t, unclean: true, minIsr: 1 })),
    });
    const { story } = w;
    const { partition } = story;
    story.commit(0, 5, 0);
    fault(story, "cut", ["broker-1 <-> broker-2, broker-3"], ["NetworkChaos", "partition"]);
    story.changeIsr("isr.shrunk", [1], [2, 3]);
    story.tell(1, "isr.committed", {
      partition,
      leaderEpoch: 0,
      partitionEpoch: 1,
      isr: [1],
      maximalIsr: [1],
      highWatermark: 5,
    });
    story.send(5, 1, ["m1"]);
    story.append(1, 5, 1, 5);
    story.hw(1, 5, 6);
    story.ack(5, 1, 5);
    story.crash(1);
    story.elect(2, [2], { unclean: true });
    story.becomeLeader(2, 5, [2], 5);
    const text = textOf(told(w, "lost-write"));
    expect(text).toContain("with ISR [1]: acks=all waits for the ISR");
    expect(text).toContain("because broker-2 and broker-3 were cut off");
    expect(text).toContain("by fault cut (NetworkChaos partition");
    expect(text).toContain(
      "although it was not in the ISR [1]: unclean.leader.election.enable=true",
    );
  });

  it("does not blame the death of a machine that had long been back", () => {
    const w = watched(ACKS_ONE);
    const { story } = w;
    story.crash(1);
    story.tell(1, "host.booted", { incarnation: 2 });
    story.at += 60_000_000;
    story.send(0, 1, ["m1"]);
    story.append(1, 0, 1, 0);
    story.ack(0, 1, 0);
    story.elect(2, [2, 3]);
    story.becomeLeader(2, 0, [2, 3], 0);
    story.truncate(1, 1, 0);
    expect(textOf(told(w, "lost-write"))).not.toContain("was killed");
  });
});

it("a fault that has ended is in force no more, one that came twice may be", () => {
  const { story, chronicle } = watched();
  const first = fault(story, "cut", ["broker-1"]);
  const ended = { id: "cut", kind: "ProcessChaos", action: "kill", targets: [] };
  story.tell(0, "fault.healed", ended);
  expect(chronicle.faultsAt(story.seq + 1)).toEqual([]);
  expect(chronicle.faultsAt(first + 1).map(({ seq }) => seq)).toEqual([first]);
  const second = fault(story, "cut", ["broker-1"]);
  expect(chronicle.faultsAt(story.seq + 1).map(({ seq }) => seq)).toEqual([second]);
});

it("a duplicate is led back to the retry and the message that a fault had touched", () => {
  const w = watched({
    ...SETTINGS,
    producers: SETTINGS.producers.map((p) => ({ ...p, idempotence: false })),
  });
  const { story } = w;
  const { partition } = story;
  story.send(0, 1, ["m1"]);
  for (const node of [1, 2, 3]) story.append(node, 0, 1, 0);
  const held = story.tell(1, "message.held", {
    fault: "answer",
    rpc: "Produce",
    phase: "response",
    from: 1,
    to: PRODUCER,
  });
  const retried = story.tell(PRODUCER, "producer.retried", {
    partition,
    stream: 1,
    firstNumber: 0,
    count: 1,
    attempt: 1,
    error: "NETWORK_EXCEPTION",
  });
  for (const node of [1, 2, 3]) story.append(node, 1, 1, 0);
  story.hw(1, 0, 2);
  const sentences = told(w, "duplicate");
  const text = textOf(sentences);
  expect(text).toContain("m1 was first appended at offset 0 by broker-1");
  expect(text).toContain(`(#${retried}) (attempt 1, NETWORK_EXCEPTION)`);
  expect(text).toContain("touched by fault answer");
  expect(text).toContain("with enable.idempotence=false");
  expect(sentences.flatMap((s) => s.events)).toEqual(expect.arrayContaining([held, retried]));
});

it("work done twice is led back to the end of who did it first", () => {
  const application = {
    group: "g",
    commit: "auto",
    deduplicate: false,
    handOff: false,
    externalOffsets: false,
  } as const;
  const w = watched({
    ...SETTINGS,
    consumers: [{ name: "billing", autoOffsetReset: "earliest", application }],
  });
  const { story } = w;
  const { partition } = story;
  const partitions = [partition];
  const join = (client: number, generation: number): void => {
    const [group, member] = ["g", `member-${client}`];
    story.tell(client, "consumer.joined", {
      group,
      member,
      generation,
      leader: true,
      protocol: "range",
    });
    story.tell(client, "consumer.rebalanced", {
      group,
      generation,
      callback: "assigned",
      partitions,
    });
    story.assign(0, client);
  };
  const work = (client: number): void => {
    story.poll(0, 5, 0, { consumer: client });
    const records = { partition, stream: 1, firstNumber: 0, count: 5, baseOffset: 0 };
    story.tell(client, "consumer.processed", { ...records, outcome: "done" });
  };
  story.commit(0, 5, 0);
  join(CONSUMER, 1);
  work(CONSUMER);
  story.cause = fault(story, "billing-dies", ["billing"], ["ClientChaos", "crash"]);
  story.crash(CONSUMER);
  story.cause = 0;
  const why = "session timeout";
  story.tell(1, "group.memberRemoved", { group: "g", member: "m", client: CONSUMER, why });
  join(PRODUCER, 2);
  work(PRODUCER);
  const text = textOf(told(w, "processed-twice"));
  expect(text).toContain("billing was removed from group g");
  expect(text).toContain("by fault billing-dies (ClientChaos crash billing)");
  expect(text).toContain("took up orders-0 at offset 0");
  expect(text).toContain("commit: auto");
});
