// aborted-read (Adya's G1a, jepsen.tests.kafka) without transactions: a consumer is given a record of which its producer was told that it
// certainly had no effect. Either the outcome was mislabelled (it should have been unknown), or the log holds what nobody wrote.
import type { KafkaEvent } from "../protocol/events.ts";
import type { CheckerContext, Property } from "./checker.ts";
import { plural } from "./text.ts";

export const abortedRead: Property = {
  name: "aborted-read",
  kind: "always",
  doc: "No consumer is given a record whose send was reported as certainly failed, before or after.",
  create: (context) => {
    let failed = false;
    const judge = (e: KafkaEvent<"consumer.polled"> | KafkaEvent<"op.failed">): void => {
      const stream = context.truth.stream(e.stream);
      if (stream === undefined) return;
      const end = e.firstNumber + e.count;
      const other = e.type === "op.failed" ? stream.delivered : stream.failed;
      const count = other.overlap(e.firstNumber, end);
      if (count > 0) report(context, e, other.held(e.firstNumber, end)[0]?.from ?? 0, count);
    };
    return {
      on: {
        "op.failed": (e) => {
          failed = true;
          judge(e);
        },
        "consumer.polled": (e) => {
          if (failed) judge(e);
        },
      },
      get exercised() {
        return failed;
      },
    };
  },
};

function report(
  context: CheckerContext,
  e: KafkaEvent<"consumer.polled"> | KafkaEvent<"op.failed">,
  number: number,
  count: number,
): void {
  const name = context.truth.stream(e.stream)?.nameOf(number) ?? "";
  const what =
    e.type === "op.failed"
      ? `was reported as failed (${e.error}) after a consumer had been given it`
      : `was given to ${context.hosts.name(e.node)} though its producer had been told that it failed`;
  context.report({
    message: `${name} of ${e.partition.name} ${what} (${plural(count, "record")})`,
    evidence: [e.seq],
    atUs: e.at,
    node: e.node,
    count,
    about: { partition: e.partition, record: { stream: e.stream, number } },
  });
}
