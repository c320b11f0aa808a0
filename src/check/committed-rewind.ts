// committed-rewind: a member commits a lower offset than the group had committed, though nothing took it back: no reset of a member's position,
// no truncation of the log, no operator's tool. Kafka does not forbid it; a client that does it loses track.
import type { KafkaEvent } from "../protocol/events.ts";
import type { Offset } from "../protocol/types.ts";
import { type Micros, seconds } from "../sim/kernel.ts";
import type { CheckerContext, Property } from "./checker.ts";

/** request.timeout.ms of a consumer. */
const REQUEST_TIMEOUT = seconds(30);

/** The highest commit that still binds, by group and partition. */
interface Mark {
  offset: Offset;
  seq: number;
  /** Who committed it, as a member of which generation. */
  readonly client: number;
  readonly generation: number;
}

export const committedRewind: Property = {
  name: "committed-rewind",
  kind: "always",
  doc: "The offset that members commit for a partition does not go back, unless a position was reset or the log was cut.",
  create: (context) => {
    const marks = new Map<string, Mark>();
    const key = (group: string, partition: number): string => `${group}/${partition}`;
    /** By group: when a new coordinator took it over. */
    const takenOver = new Map<string, Micros>();
    let repeated = false;
    const lower = (group: string, partition: number, to: Offset): void => {
      const mark = marks.get(key(group, partition));
      if (mark !== undefined && mark.offset > to) mark.offset = to;
    };
    context.truth.onRemoved(({ partition }, run) => {
      for (const { group } of context.view.groups.all()) lower(group, partition.index, run.base);
    });
    return {
      on: {
        "consumer.reset": (e) => {
          const group = context.view.groups.groupOf(e.node);
          if (group !== undefined) lower(group, e.partition.index, e.to);
        },
        "group.stateChanged": (e) => {
          if (e.from === "Dead") takenOver.set(e.group, e.at);
        },
        "offset.expired": (e) => {
          marks.delete(key(e.group, e.partition.index));
        },
        "offset.committed": (e) => {
          const at = key(e.group, e.partition.index);
          const mark = marks.get(at);
          repeated ||= mark !== undefined;
          const byMember = context.view.groups.groupOf(e.client) === e.group;
          if (mark !== undefined && byMember && e.offset < mark.offset)
            report(context, e, mark, formOf(e, mark, takenOver.get(e.group)));
          const { offset, seq, client, generation } = e;
          marks.set(at, { offset, seq, client, generation });
        },
      },
      get exercised() {
        return repeated;
      },
    };
  },
};

/** A member's own later commit came first, when commits waited for the new coordinator to be found: as late as an answer may be. */
function formOf(
  { client, generation, at }: KafkaEvent<"offset.committed">,
  mark: Mark,
  takenOver: Micros | undefined,
): string {
  const isOwn = client === mark.client && generation === mark.generation;
  const waited = takenOver !== undefined && at - takenOver <= REQUEST_TIMEOUT;
  return isOwn && waited ? "overtaken" : "taken back";
}

function report(
  context: CheckerContext,
  e: KafkaEvent<"offset.committed">,
  mark: Mark,
  form: string,
): void {
  context.report({
    message: `${context.hosts.name(e.client)} committed ${e.partition.name}@${e.offset} for group ${e.group}, which had committed ${mark.offset} (#${mark.seq})`,
    form,
    evidence: [mark.seq, e.seq],
    atUs: e.at,
    node: e.client,
    count: 1,
    about: { partition: e.partition, offset: e.offset, group: e.group },
  });
}
