// What makes a record double, told apart.
import { describe, expect, it } from "vitest";
import type { ContractSettings } from "../../src/check/contract-settings.ts";
import { PRODUCER, SETTINGS, Story } from "./support.ts";

const [producer] = SETTINGS.producers;
const EXPIRES_US = 1_000_000;

function settings(idempotence: boolean): ContractSettings {
  if (producer === undefined) throw new Error("no producer");
  const producers = [{ ...producer, idempotence }];
  return { ...SETTINGS, producers, producerIdExpirationUs: EXPIRES_US };
}

/** Ten committed records; five of them are appended again after `idleUs`. */
function doubled(idempotence: boolean, how: (story: Story) => void = () => undefined): Story {
  const story = new Story(["duplicate"], settings(idempotence)).begin();
  story.tell(PRODUCER, "producer.identified", { producerId: 1, producerEpoch: 0 });
  story.commit(0, 10, 0);
  how(story);
  for (const node of [1, 2, 3]) story.append(node, 10, 5, 5);
  story.hw(1, 10, 15);
  return story;
}

const retried = (story: Story, firstNumber: number): void => {
  const range = { partition: story.partition, stream: 1, firstNumber, count: 5 };
  story.tell(PRODUCER, "producer.retried", { ...range, attempt: 1, error: "NETWORK_EXCEPTION" });
};
const idle = (story: Story, us: number): void => {
  story.at += us;
};

describe("a record that is doubled", () => {
  it("by a retry without idempotence is permitted, and with it a bug", () => {
    const plain = doubled(false, (s) => retried(s, 5)).result("duplicate");
    expect(plain).toMatchObject({ status: "permitted", forms: { retry: 5 } });
    const sound = doubled(true, (s) => retried(s, 5)).result("duplicate");
    expect(sound).toMatchObject({ status: "violated", forms: { unexplained: 5 } });
  });

  it("without a retry of these very records is a bug, idempotent or not", () => {
    for (const how of [undefined, (s: Story) => retried(s, 0)]) {
      const result = doubled(false, how).result("duplicate");
      expect(result).toMatchObject({ status: "violated", forms: { unexplained: 5 } });
    }
  });

  it("by a producer that was forgotten is permitted from producer.id.expiration.ms on", () => {
    const resent = (us: number) => doubled(true, (s) => idle(s, us)).result("duplicate");
    // The last replica's high watermark and the first append are a few events apart.
    expect(resent(EXPIRES_US)).toMatchObject({ forms: { "state expired": 5 } });
    expect(resent(EXPIRES_US / 2)).toMatchObject({ forms: { unexplained: 5 } });
  });

  it("and so are the batches behind the first, up to what was written before", () => {
    const story = doubled(true, (s) => idle(s, EXPIRES_US));
    for (const node of [1, 2, 3]) story.append(node, 15, 3, 0);
    for (const node of [1, 2, 3]) story.append(node, 18, 5, 10);
    for (const node of [1, 2, 3]) story.append(node, 23, 2, 13);
    story.hw(1, 15, 25);
    const { forms } = story.result("duplicate");
    expect(forms).toEqual({ "state expired": 8, unexplained: 2 });
  });

  it("after a new producer id is told apart, once the id came before it", () => {
    const renewed = (s: Story): void => {
      s.tell(PRODUCER, "producer.identified", { producerId: 2, producerEpoch: 0 });
    };
    expect(doubled(true, renewed).result("duplicate").forms).toEqual({ "new producer id": 5 });
    const late = doubled(true);
    renewed(late);
    expect(late.result("duplicate").forms).toEqual({ unexplained: 5 });
  });

  it("counts as far as it is committed", () => {
    const story = doubled(true);
    expect(story.result("duplicate").count).toBe(5);
    const half = new Story(["duplicate"]).begin();
    half.commit(0, 10, 0);
    for (const node of [1, 2, 3]) half.append(node, 10, 5, 5);
    expect(half.result("duplicate").count).toBe(0);
    const some = new Story(["duplicate"]).begin();
    some.commit(0, 10, 0);
    for (const node of [1, 2, 3]) some.append(node, 10, 5, 5);
    some.hw(1, 10, 11);
    expect(some.result("duplicate")).toMatchObject({ count: 1 });
    expect(some.result("duplicate").first?.message).toContain("1/5 was in orders-0 already");
  });
});

describe("a record that the application sends again", () => {
  /** m1 is sent twice, under two numbers. */
  function resent(second: string, isWritten = true): Story {
    const story = new Story(["duplicate"]).begin();
    story.send(0, 2, ["m0", "m1"]);
    for (const node of [1, 2, 3]) story.append(node, 0, 2, 0);
    story.hw(1, 0, 2);
    story.ack(0, 2, 0);
    story.send(2, 1, [second]);
    if (isWritten) {
      for (const node of [1, 2, 3]) story.append(node, 2, 1, 2);
      story.hw(1, 2, 3);
      story.ack(2, 1, 2);
    }
    return story;
  }

  it("is permitted: two records to Kafka, one to whoever reads them", () => {
    const result = resent("m1").result("duplicate");
    expect(result).toMatchObject({ status: "permitted", forms: { "application resend": 1 } });
    expect(result.first?.message).toBe("m1 was sent to orders twice by the application");
    expect(resent("m2").result("duplicate").status).toBe("held");
  });

  it("counts when it is in the log, acknowledged or not", () => {
    expect(resent("m1", false).result("duplicate").count).toBe(0);
    const story = resent("m1", false);
    for (const node of [1, 2, 3]) story.append(node, 2, 1, 2);
    story.hw(1, 2, 3);
    expect(story.result("duplicate").count).toBe(1);
  });
});
