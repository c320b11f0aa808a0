// Schema of `faults` and `operations`: Chaos Mesh's kinds, actions and fields, flattened; and an operator's tools.
import { z } from "zod";
import { didYouMean } from "../suggest.ts";
import {
  bandwidth,
  count,
  duration,
  name,
  oneOf,
  percent,
  rate,
  scalar,
  signedDuration,
  sizeOrShare,
  strict,
  withHint,
  word,
} from "./fields.ts";
import { matchFields, selector, triggerFields } from "./trigger.ts";

const base = {
  id: name().optional().describe("A name for it; default fault-1, fault-2 ..."),
  ...triggerFields,
  duration: duration().optional().describe("How long; then it is undone."),
};

const KINDS = [
  "NetworkChaos",
  "ProcessChaos",
  "HostChaos",
  "IOChaos",
  "TimeChaos",
  "MessageChaos",
  "StressChaos",
  "ErrorChaos",
  "ClientChaos",
] as const;

/** The words for a discriminator that is missing or unknown. */
const choice = (field: string, values: readonly string[]) => ({
  error: (issue: { readonly code?: string | undefined; readonly input?: unknown }) => {
    if (issue.code !== "invalid_union") return undefined;
    const given = (issue.input as Record<string, unknown> | null)?.[field];
    if (given === undefined)
      return withHint(`missing key "${field}"`, `one of ${values.join(", ")}`);
    const text = String(given);
    return withHint(
      `unknown ${field} "${text}"`,
      didYouMean(text, values) ?? `one of ${values.join(", ")}`,
    );
  },
});

const target = () => selector().describe("Whom it hits.");

const network = {
  kind: z.literal("NetworkChaos").describe("Faults of connections."),
  ...base,
  selector: target().optional(),
  target: selector().optional().describe("The other side; default: everybody else."),
  direction: oneOf(["to", "from", "both"])
    .optional()
    .describe("Seen from `selector`; default both."),
};

const networkChaos = z.discriminatedUnion(
  "action",
  [
    strict({
      ...network,
      action: z.literal("partition").describe("Connections stall; nothing is lost."),
      topology: oneOf(["halves", "ring", "bridge", "isolate"])
        .optional()
        .describe("A named shape."),
    }),
    strict({
      ...network,
      action: z.literal("delay").describe("Messages take longer."),
      latency: duration().describe("How much longer."),
      jitter: duration().optional().describe("Plus or minus."),
      correlation: percent().optional().describe("With the previous message's delay."),
    }),
    strict({
      ...network,
      action: z.literal("loss").describe("Packets are lost: retransmission delays, then resets."),
      loss: percent().describe("Share of packets."),
      correlation: percent().optional().describe("With the previous packet."),
    }),
    strict({
      ...network,
      action: z.literal("bandwidth").describe("Connections are slow."),
      rate: bandwidth().describe("What is left."),
    }),
    strict({ ...network, action: z.literal("reset").describe("Connections break once.") }),
  ],
  choice("action", ["partition", "delay", "loss", "bandwidth", "reset"]),
);

const processChaos = strict({
  kind: z.literal("ProcessChaos").describe("Faults of processes."),
  ...base,
  selector: target(),
  action: oneOf(["kill", "terminate", "pause", "restart"]).describe(
    "SIGKILL (the page cache survives), SIGTERM, SIGSTOP, or kill and start.",
  ),
});

const hostChaos = strict({
  kind: z.literal("HostChaos").describe("Faults of machines."),
  ...base,
  selector: target(),
  action: oneOf(["poweroff", "wipe"]).describe("Lose the page cache, or the disk."),
});

const io = {
  kind: z.literal("IOChaos").describe("Faults of disks."),
  ...base,
  selector: target(),
  methods: z
    .array(oneOf(["read", "write", "fsync"]))
    .min(1)
    .optional()
    .describe("Default: all."),
  percent: percent().optional().describe("Share of operations; default 100%."),
};

const ioChaos = z.discriminatedUnion(
  "action",
  [
    strict({
      ...io,
      action: z.literal("latency").describe("Operations take longer."),
      latency: duration().describe("How much longer."),
    }),
    strict({
      ...io,
      action: z.literal("fault").describe("Operations fail."),
      errno: oneOf(["EIO", "ENOSPC"]).optional().describe("Default EIO."),
    }),
    strict({
      ...io,
      action: z.literal("corrupt").describe("What is read differs from what was written."),
    }),
  ],
  choice("action", ["latency", "fault", "corrupt"]),
);

const time = {
  kind: z.literal("TimeChaos").describe("Faults of clocks."),
  ...base,
  selector: target(),
};

const timeChaos = z.discriminatedUnion(
  "action",
  [
    strict({
      ...time,
      action: z.literal("timeOffset").describe("The clock jumps."),
      timeOffset: signedDuration().describe("By how much, like -10s."),
    }),
    strict({
      ...time,
      action: z.literal("drift").describe("The clock runs fast or slow."),
      drift: z.number().min(-1e6).max(1e6).describe("Parts per million."),
    }),
  ],
  choice("action", ["timeOffset", "drift"]),
);

const message = {
  kind: z.literal("MessageChaos").describe("Single messages of a protocol."),
  ...base,
  rpc: word().describe("Kafka's name of the API, like Fetch."),
  phase: oneOf(["request", "response"]).optional().describe("Default request."),
  from: selector().optional().describe("Who sent the message."),
  to: selector().optional().describe("Who is to receive it."),
  match: matchFields().optional(),
  count: count(1, 1_000_000).optional().describe("How many messages; default: all while it lasts."),
};

const messageChaos = z.discriminatedUnion(
  "action",
  [
    strict({ ...message, action: z.literal("hold").describe("Keep until released.") }),
    strict({
      ...message,
      action: z.literal("drop").describe("Not delivered; its connection breaks."),
    }),
    strict({ ...message, action: z.literal("duplicate").describe("Handled twice.") }),
    strict({
      ...message,
      action: z.literal("delay").describe("Delivered later."),
      delay: duration().describe("How much later."),
    }),
    strict({
      kind: message.kind,
      ...base,
      action: z.literal("release").describe("Deliver what a hold keeps."),
      ref: name().describe("The id of the hold."),
    }),
  ],
  choice("action", ["hold", "release", "drop", "duplicate", "delay"]),
);

const stressChaos = strict({
  kind: z.literal("StressChaos").describe("Somebody else uses up a machine."),
  ...base,
  selector: target(),
  action: oneOf(["cpu", "memory"]).optional().describe("What `stressors` says; may be left out."),
  stressors: strict({
    cpu: strict({ load: percent().describe("Share of the machine that is taken.") })
      .optional()
      .describe("Service times stretch."),
    memory: strict({
      size: sizeOrShare().describe("How much, like 2GiB, or a share of cluster.memory.size."),
      workers: count(1, 1000).optional().describe("Processes that share the size; default 1."),
      oomScoreAdj: z
        .int({ error: () => "must be a whole number" })
        .min(-1000, { error: () => "must be at least -1000" })
        .max(1000, { error: () => "must be at most 1000" })
        .optional()
        .describe("Added to a worker's OOM score; -1000: the kernel never kills it. Default 0."),
    })
      .optional()
      .describe(
        "Memory is taken from the page cache; where even that is not enough, the kernel kills.",
      ),
  }).describe("What is used up."),
});

const errorChaos = strict({
  kind: z.literal("ErrorChaos").describe("A node answers with an error."),
  ...base,
  selector: target(),
  action: oneOf(["answer"]).optional(),
  rpc: word().describe("Kafka's name of the API."),
  error: word().describe("Kafka's name of the error."),
  count: count(1, 1_000_000).optional().describe("How many answers."),
});

const clientChaos = strict({
  kind: z.literal("ClientChaos").describe("Applications misbehave."),
  ...base,
  selector: target(),
  action: oneOf(["rate", "processingTime", "stopPolling", "crash", "join", "leave"]),
  target: rate().optional().describe("rate: the new rate."),
  time: duration().optional().describe("processingTime: the new time."),
  instances: count(1, 1000).optional().describe("join: how many."),
});

export const faultsSchema = z
  .array(
    z.discriminatedUnion(
      "kind",
      [
        networkChaos,
        processChaos,
        hostChaos,
        ioChaos,
        timeChaos,
        messageChaos,
        stressChaos,
        errorChaos,
        clientChaos,
      ],
      choice("kind", KINDS),
    ),
  )
  .describe("What goes wrong, and when.");

const TOOLS = [
  "kafka-topics",
  "kafka-leader-election",
  "kafka-configs",
  "kafka-reassign-partitions",
  "kafka-consumer-groups",
  "kafka-delete-records",
  "kafka-transactions",
  "kafka-metadata-quorum",
] as const;

export const operationsSchema = z
  .array(
    strict({
      ...triggerFields,
      run: oneOf(TOOLS).describe("The tool's name."),
      args: z.record(z.string(), scalar()).optional().describe("Its flags, without the dashes."),
    }),
  )
  .describe("What an operator runs.");
