// Schema of `clients`: producers with their load, consumers with their processing, processors.
import { z } from "zod";
import {
  count,
  duration,
  name,
  oneOf,
  percent,
  rate,
  scalar,
  size,
  strict,
  withHint,
  word,
} from "./fields.ts";
import { consumerSettings, producerSettings } from "./settings.ts";
import { triggerFields } from "./trigger.ts";

const common = {
  name: name().describe("The client's name; instances are called name-1, name-2 ..."),
  instances: count(1, 1000)
    .optional()
    .describe("How many; default 1, which is called by the name alone."),
  rack: word().optional().describe("Its place in the network."),
  start: duration().optional().describe("When it starts; default 0s."),
  stop: duration().optional().describe("When it stops; default: when the run settles."),
};

const distribution = oneOf(["none", "sequential", "uniform", "zipf"]);

const keys = z
  .union(
    [
      distribution,
      z.array(z.string()).min(1, { error: () => "must name at least one key" }),
      strict({
        distribution: distribution.describe("How keys are drawn."),
        cardinality: count(1, 1_000_000_000).optional().describe("How many keys; default 10000."),
        exponent: z.number().positive().max(10).optional().describe("zipf: default 1."),
      }),
    ],
    {
      error: () =>
        "must be none, sequential, uniform, zipf, a list, or { distribution, cardinality }",
    },
  )
  .describe("Keys of the records; default none.");

const load = strict({
  rate: rate().optional().describe("A constant rate, like 500/s."),
  stages: z
    .array(
      strict({
        duration: duration().describe("How long the stage takes."),
        target: rate().describe("The rate at its end; it is approached in a straight line."),
      }),
    )
    .min(1, { error: () => "must have at least one stage" })
    .optional()
    .describe("Rates that change over time."),
  total: count(1, 1_000_000_000)
    .optional()
    .describe("Stop after this many records. Alone: spread evenly over the client's time."),
});

const compressedTo = z
  .union(
    [
      percent(),
      strict({
        gzip: percent().optional(),
        snappy: percent().optional(),
        lz4: percent().optional(),
        zstd: percent().optional(),
      }),
    ],
    {
      error: () => "must be a percentage like 40%, or one for each codec: { gzip: 30%, lz4: 50% }",
    },
  )
  .describe(
    "What compression leaves of a record, at the codec's default level: one figure for all codecs, or one a codec; default gzip 35%, snappy 50%, lz4 50%, zstd 35%.",
  );

const send = strict({
  ...triggerFields,
  records: z
    .array(scalar().transform(String))
    .min(1, { error: () => "must name at least one record" })
    .describe("Exact records, by name."),
  key: scalar().transform(String).optional().describe("Their key."),
  partition: count(0, 10_000)
    .optional()
    .describe("Their partition, instead of the partitioner's choice."),
  size: size().optional().describe("Size of their values, where it is not the producer's."),
  compressedTo: compressedTo.optional(),
});

const costs = strict({
  onSend: duration().optional().describe("Interceptors' onSend, on the thread that calls send()."),
  serializers: duration().optional().describe("Serializers, on the thread that calls send()."),
  onAcknowledgement: duration()
    .optional()
    .describe("Interceptors' onAcknowledgement and callbacks, on the sender's thread."),
});

const partitioner = strict({
  regions: z
    .record(
      z.string(),
      z.union(
        [
          z.array(count(0, 10_000)).min(1, { error: () => "must name at least one partition" }),
          strict({ leadersIn: word().describe("The partitions that brokers of this rack lead.") }),
        ],
        { error: () => "must be a list of partitions, or { leadersIn: rack }" },
      ),
    )
    .describe("Partitions by region. Within them the key's hash decides; other keys go anywhere."),
  separator: word()
    .optional()
    .describe("What ends the region at the beginning of a key; default ':', as in eu:alice."),
});

export const producer = strict({
  ...common,
  topic: name().describe("Where it writes."),
  config: producerSettings.optional().describe("Producer settings."),
  records: strict({
    size: size().optional().describe("Size of a record's value; default 1KiB."),
    keys: keys.optional(),
    compressedTo: compressedTo.optional(),
  })
    .optional()
    .describe("What its records are like."),
  load: load.optional().describe("Records by rate."),
  send: z.array(send).optional().describe("Records one by one."),
  costs: costs.optional().describe("Time that each record takes its application; default none."),
  partitioner: partitioner
    .optional()
    .describe("A partitioner of its own, by region (instead of partitioner.class)."),
  transactions: strict({
    recordsPer: count(1, 1_000_000).optional().describe("Records in a transaction."),
    onError: oneOf(["abort"]).optional().describe("What to do when one fails."),
  })
    .optional()
    .describe("Send in transactions; needs transactional.id."),
});

const processing = strict({
  time: duration().optional().describe("Time to process a record (or a poll, see `per`)."),
  per: oneOf(["record", "poll"]).optional().describe("What `time` is for; default record."),
  commit: oneOf(["auto", "sync", "async", "before", "none"])
    .optional()
    .describe("When offsets are committed."),
  retries: count(0, 1_000_000).optional().describe("Attempts at a record that fails."),
  backoff: duration().optional().describe("Pause between attempts."),
  dlq: name().optional().describe("Topic for records that fail for good."),
  dlqFailure: oneOf(["retry", "stop"])
    .optional()
    .describe("When a letter cannot be published: publish it again (default), or end the process."),
  poison: z.array(z.string()).optional().describe("Records that always fail."),
  deduplicate: z.boolean().optional().describe("Skip records that were processed before."),
  handOff: z.boolean().optional().describe("Worker threads process; the poll loop goes on."),
  externalOffsets: z.boolean().optional().describe("Offsets are kept with the results."),
});

export const consumer = strict({
  ...common,
  topics: z
    .array(name())
    .min(1, { error: () => "must name at least one topic" })
    .describe(
      "What it reads. Without group.id instance i of n takes the partitions p with p % n = i - 1.",
    ),
  config: consumerSettings.optional().describe("Consumer settings."),
  processing: processing.optional().describe("What it does with records."),
});

export const processor = strict({
  ...common,
  from: z.array(name()).min(1).describe("Topics it reads."),
  to: name().describe("The topic it writes."),
  exactlyOnce: z.boolean().optional().describe("Transactions with the offsets in them."),
  config: z.record(z.string(), scalar()).optional().describe("Producer and consumer settings."),
  processing: processing.optional().describe("What it does with records."),
});

export const clientsSchema = strict(
  {
    producers: z.array(producer).optional().describe("Applications that write."),
    consumers: z.array(consumer).optional().describe("Applications that read."),
    processors: z.array(processor).optional().describe("Consume, transform, produce."),
  },
  (key) => withHint(`unknown key "${key}"`, "clients are producers, consumers and processors"),
).describe("The applications.");
