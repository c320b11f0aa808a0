// A consumer of topic t as most tests want it: from the beginning, without processing, for as long as they last.
import {
  type ConsumerProgram,
  type ConsumerSpec,
  kafkaConsumer,
} from "../../../src/client/consumer/consumer.ts";
import type { Settings } from "../../../src/protocol/config/row.ts";
import { consumerConfig, type Lab } from "../support.ts";

export function consume(
  lab: Lab,
  settings: Settings = {},
  spec: Partial<ConsumerSpec> = {},
): ConsumerProgram {
  return lab.start((host) =>
    kafkaConsumer(host, lab.env, {
      name: "client",
      topics: ["t"],
      processing: { timeUs: 0, per: "record" },
      share: { index: 0, of: 1 },
      startUs: 0,
      stopUs: undefined,
      config: consumerConfig({ "auto.offset.reset": "earliest", ...settings }),
      ...spec,
    }),
  );
}
