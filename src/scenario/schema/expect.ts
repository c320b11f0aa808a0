// Schema of `expect`, `thresholds` and `explore`: what the run must show, and where to look for more.
import { z } from "zod";
import { count, duration, oneOf, percent, scalar, strict, word } from "./fields.ts";

// In an event pattern any payload field may stand beside `event`, so the subjects are typed when the assertion is understood.
const subject = (doc: string) => z.unknown().optional().describe(doc);

export const assertionSchema = z
  .looseObject({
    at: z
      .union([z.literal("end"), duration()], { error: () => "must be a time or end" })
      .optional()
      .describe("When it must hold; end: after settling."),
    from: z.unknown().optional().describe("It must hold from here on ..."),
    to: z.unknown().optional().describe("... to here."),
    leader: subject("A partition's leader, as a broker id."),
    leaderEpoch: subject("A partition's leader epoch."),
    isr: subject("A partition's in-sync replicas."),
    elr: subject("A partition's eligible leader replicas."),
    replicas: subject("A partition's replicas."),
    highWatermark: subject("A replica's high watermark."),
    logEndOffset: subject("A replica's log end offset."),
    logStartOffset: subject("A replica's log start offset."),
    lastStableOffset: subject("A replica's last stable offset."),
    on: subject("The node whose view counts."),
    committed: subject("A group's committed offset."),
    lag: subject("A consumer's lag."),
    groupState: subject("A group's state."),
    generation: subject("A group's generation."),
    members: subject("A group's members."),
    assignment: subject("A group's assignment."),
    activeController: subject("Node name of the active controller."),
    available: subject("A partition that takes requests; with `op`."),
    op: subject("produce or consume."),
    slope: subject("Records per second of a value's trend."),
    metric: subject("A metric of the run."),
    labels: subject("The metric's labels."),
    records: subject(
      "How many records were sent, acked, failed, unknown, delivered, lost or duplicated.",
    ),
    producer: subject("Only this producer's records."),
    topic: subject("Only this topic's records."),
    names: subject("The names these records must have."),
    event: z.string().optional().describe("A trace event; other keys are payload fields."),
    count: subject("How many such events; default at least 1."),
    equals: subject("The value."),
    not: subject("Any other value."),
    in: subject("One of these values."),
    atLeast: subject("This or more."),
    atMost: subject("This or less."),
    within: subject("[a, b], both included."),
    tolerance: percent().optional().describe("Loosens `equals`."),
  })
  .describe("One thing that must be so.");

export const expectSchema = strict({
  violates: z.array(word()).optional().describe("Checks that must be violated; no other may be."),
  absent: z
    .array(word())
    .optional()
    .describe("Anomalies that must not occur, even where permitted."),
  assert: z
    .array(assertionSchema)
    .optional()
    .describe("Facts at an instant, over a time, or about events."),
}).describe("What the run must show.");

export const thresholdsSchema = z
  .record(
    z.string(),
    z.union([z.string(), z.array(z.string()).min(1)], {
      error: () => 'must be an expression like "p(99)<250", or a list of them',
    }),
  )
  .describe("k6 expressions over metrics of the run.");

export const exploreSchema = strict({
  runs: count(1, 1_000_000_000).optional().describe("How many runs."),
  faults: strict({
    min: count(0, 1000).optional(),
    max: count(0, 1000).optional(),
    kinds: z
      .array(
        oneOf([
          "NetworkChaos",
          "ProcessChaos",
          "HostChaos",
          "IOChaos",
          "TimeChaos",
          "MessageChaos",
          "StressChaos",
          "ErrorChaos",
          "ClientChaos",
        ]),
      )
      .optional(),
    window: z.array(duration()).length(2).optional().describe("From when to when faults begin."),
  })
    .optional()
    .describe("Faults to draw."),
  vary: z.record(z.string(), z.array(scalar())).optional().describe("Values to try, by path."),
}).describe("Where `faultline explore` looks.");
