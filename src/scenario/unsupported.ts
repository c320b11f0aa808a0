// What the format has and the product cannot do yet: refused by name, at its place, before anything else is understood.

import type { Path } from "./diagnostics.ts";
import { isTree, type Tree } from "./merge.ts";
import type { Problems } from "./problems.ts";

const NOT_YET = "is not supported yet";

const FAULT_KINDS = ["StressChaos", "ErrorChaos", "ClientChaos"];
const TOOLS = [
  "kafka-configs",
  "kafka-reassign-partitions",
  "kafka-consumer-groups",
  "kafka-delete-records",
  "kafka-transactions",
  "kafka-metadata-quorum",
];
const PROCESSING = [
  "commit",
  "retries",
  "backoff",
  "dlq",
  "poison",
  "deduplicate",
  "handOff",
  "externalOffsets",
];
const SUBJECTS = ["committed", "groupState", "generation", "members", "assignment", "slope"];

/** Works on the raw tree, so that it speaks even when other things are wrong. */
export function refuseUnsupported(root: unknown, problems: Problems): void {
  if (!isTree(root)) return;
  if ("explore" in root) problems.error(["explore"], `explore ${NOT_YET}`, undefined, "key");
  const cluster = root.cluster;
  if (isTree(cluster)) refuseInCluster(cluster, problems);
  if (isTree(root.clients)) refuseInClients(root.clients, problems);
  refuseSelectors(root, problems);
  each(root.faults, ["faults"], (fault, path) => {
    if (FAULT_KINDS.includes(String(fault.kind))) {
      problems.error([...path, "kind"], `${String(fault.kind)} ${NOT_YET}`);
    }
  });
  each(root.operations, ["operations"], (operation, path) => {
    if (TOOLS.includes(String(operation.run))) {
      problems.error([...path, "run"], `${String(operation.run)} ${NOT_YET}`);
    }
  });
  if (!isTree(root.expect)) return;
  each(root.expect.assert, ["expect", "assert"], (assertion, path) => {
    if ("event" in assertion) return;
    for (const subject of SUBJECTS) {
      if (subject in assertion) {
        problems.error(
          [...path, subject],
          `assertions about ${subject} are not supported yet`,
          undefined,
          "key",
        );
      }
    }
  });
}

function refuseInCluster(cluster: Tree, problems: Problems): void {
  if (cluster.controlPlane === "zookeeper") {
    problems.error(["cluster", "controlPlane"], `zookeeper ${NOT_YET}`, "controlPlane: kraft");
  }
  if ("zookeeper" in cluster) {
    problems.error(["cluster", "zookeeper"], `zookeeper ${NOT_YET}`, undefined, "key");
  }
}

function refuseInClients(clients: Tree, problems: Problems): void {
  if ("processors" in clients) {
    problems.error(["clients", "processors"], "processors are not supported yet", undefined, "key");
  }
  each(clients.producers, ["clients", "producers"], (producer, path) => {
    if ("transactions" in producer) {
      problems.error(
        [...path, "transactions"],
        "transactions are not supported yet",
        undefined,
        "key",
      );
    }
  });
  each(clients.consumers, ["clients", "consumers"], (consumer, path) => {
    const { processing } = consumer;
    if (!isTree(processing)) return;
    for (const key of PROCESSING) {
      if (!(key in processing) || (key === "commit" && processing.commit === "none")) continue;
      problems.error(
        [...path, "processing", key],
        `processing.${key} ${NOT_YET}`,
        undefined,
        "key",
      );
    }
  });
}

function refuseSelectors(root: Tree, problems: Problems): void {
  each(root.faults, ["faults"], (fault, path) => {
    for (const key of ["selector", "target", "from", "to"]) {
      let selector = fault[key];
      const at: (string | number)[] = [...path, key];
      if (isTree(selector) && isTree(selector.of)) {
        selector = selector.of;
        at.push("of");
      }
      if (isTree(selector) && "coordinatorOf" in selector) {
        problems.error([...at, "coordinatorOf"], `coordinatorOf ${NOT_YET}`, undefined, "key");
      }
    }
  });
}

function each(list: unknown, path: Path, visit: (item: Tree, path: Path) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((item, index) => {
    if (isTree(item)) visit(item, [...path, index]);
  });
}
