// What the format has and the product cannot do yet: refused by name, at its place, before anything else is understood.

import type { Path } from "./diagnostics.ts";
import { isTree, type Tree } from "./merge.ts";
import type { Problems } from "./problems.ts";

const NOT_YET = "is not supported yet";

const TOOLS = [
  "kafka-reassign-partitions",
  "kafka-delete-records",
  "kafka-transactions",
  "kafka-metadata-quorum",
];

/** Works on the raw tree, so that it speaks even when other things are wrong. */
export function refuseUnsupported(root: unknown, problems: Problems): void {
  if (!isTree(root)) return;
  if ("explore" in root) problems.error(["explore"], `explore ${NOT_YET}`, undefined, "key");
  const cluster = root.cluster;
  if (isTree(cluster)) refuseInCluster(cluster, problems);
  if (isTree(root.clients)) refuseInClients(root.clients, problems);
  each(root.operations, ["operations"], (operation, path) => {
    if (TOOLS.includes(String(operation.run))) {
      problems.error([...path, "run"], `${String(operation.run)} ${NOT_YET}`);
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
}

function each(list: unknown, path: Path, visit: (item: Tree, path: Path) => void): void {
  if (!Array.isArray(list)) return;
  list.forEach((item, index) => {
    if (isTree(item)) visit(item, [...path, index]);
  });
}
