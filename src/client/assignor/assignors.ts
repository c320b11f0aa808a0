// The assignors that come with Kafka, by the names used in JoinGroup (partition.assignment.strategy).
import type { Assignor, AssignorName } from "./assignor.ts";
import { rangeAssignor } from "./range.ts";
import { roundRobinAssignor } from "./round-robin.ts";
import { cooperativeStickyAssignor, stickyAssignor } from "./sticky.ts";

export const ASSIGNORS: Readonly<Record<AssignorName, Assignor>> = {
  range: rangeAssignor,
  roundrobin: roundRobinAssignor,
  sticky: stickyAssignor,
  "cooperative-sticky": cooperativeStickyAssignor,
};
