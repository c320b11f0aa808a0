// The section of reports/conformance.md about recordings that nothing is compared with yet.

import { comparedRuns } from "./judge.ts";
import type { Later, LaterTime, Otherwise } from "./later.ts";
import { REASONS } from "./later-reasons.ts";
import { table } from "./markdown.ts";
import type { Recording } from "./recorded.ts";

const HEADING = "Recorded for later: ZooKeeper";

const explained = (release: string): string => `## ${HEADING}

The simulator has no ZooKeeper mode and refuses it by name, so nothing of this is compared with it: it is kept for when there is one. Scenarios in which brokers or the
controller fail were played on Kafka ${release} with one ZooKeeper server and three brokers in ZooKeeper mode, by \`npm run conformance -- record --zookeeper\`. Partition
states, registrations and the controller are read from ZooKeeper's transaction log, so no change is missed. \`zookeeper.session.timeout.ms\` has the value of the
scenario's \`broker.session.timeout.ms\`, ZooKeeper's \`tickTime\` that of \`broker.heartbeat.interval.ms\`. A fault on the active controller hits the broker that is
the controller; one on a majority of the controllers hits the ZooKeeper server. At time zero the controller is the last broker that the scenario's faults do not name.

What is said below is what the recorded runs of a ZooKeeper cluster did otherwise than all recorded runs of the KRaft cluster of the same release; what
the control plane wrote is in short: \`1:2[2,3]\` means that in leader epoch 1 broker 2 leads and the ISR is 2, 3. Registrations and leader epochs at
quiet points follow from it and are left out, and so is \`shuttingDown\`, which ZooKeeper does not know.
`;

export function laterText(all: readonly Later[]): string {
  const releases = [...new Set(all.map(({ recording }) => recording.release))];
  return releases
    .map((release) => {
      const mine = all.filter(({ recording }) => recording.release === release);
      return [explained(release), overview(mine), reasonsText(mine), ...mine.map(section)].join(
        "\n",
      );
    })
    .join("\n");
}

function overview(all: readonly Later[]): string {
  const runs = all.flatMap(({ recording }) => recording.runs);
  const dates = runs.map(({ recordedAt }) => recordedAt).sort();
  const java = [...new Set(runs.map((run) => run.java))].join(", ");
  const rows = all.map((later) => [
    later.scenario,
    String(later.recording.runs.length),
    later.kraft === undefined ? "not recorded" : String(comparedRuns(later.kraft).length),
    later.kraft === undefined ? "" : String(later.otherwise.length),
  ]);
  const head = ["scenario", "runs with ZooKeeper", "runs in KRaft mode", "done otherwise"];
  return `${runs.length} runs between ${dates[0]} and ${dates.at(-1)}, ${java}.\n\n${table(head, rows)}`;
}

function reasonsText(all: readonly Later[]): string {
  const lines = REASONS.flatMap(({ scenarios, text }) => {
    const names = all
      .filter(({ scenario, otherwise }) => otherwise.length > 0 && scenarios.includes(scenario))
      .map(({ scenario }) => scenario);
    return names.length === 0 ? [] : [`* ${text} (${names.join(", ")})`];
  });
  return lines.length === 0 ? "" : `What it comes down to:\n\n${lines.join("\n")}\n`;
}

function section({ scenario, recording, kraft, otherwise, times }: Later): string {
  const head = `### ${scenario} with ZooKeeper\n`;
  if (kraft === undefined)
    return `${head}\nThere is no run of the same scenario in KRaft mode to hold it against.\n`;
  const parts = [
    controllersText(recording),
    otherwise.length === 0 ? "Nothing was done otherwise." : otherwise.map(line).join("\n"),
    timesTable(times),
  ];
  return `${head}\n${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** Where it changed, which KRaft knows nothing like. */
function controllersText({ runs }: Recording): string {
  const texts = runs.map(({ controllerBrokers = [] }) =>
    controllerBrokers.map(({ broker }) => `broker-${broker}`).join(", then "),
  );
  const changes = [...new Set(texts)].filter((text) => text.includes("then"));
  return changes.length === 0 ? "" : `The controller was ${changes.join(" or ")}.`;
}

const line = ({ unit, kraft, zookeeper }: Otherwise): string =>
  `* ${unit}: KRaft ${shown(kraft)}, ZooKeeper ${shown(zookeeper)}`;

const shown = (values: readonly string[]): string =>
  values.map((text) => `\`${text}\``).join(" or ");

function timesTable(times: readonly LaterTime[]): string {
  if (times.length === 0) return "";
  const cells = (list: readonly number[]): string =>
    list.map((ms) => (ms / 1000).toFixed(1)).join(", ") || "did not occur";
  return table(
    ["what took time", "KRaft, s", "ZooKeeper, s"],
    times.map(({ what, kraftMs, zookeeperMs }) => [what, cells(kraftMs), cells(zookeeperMs)]),
  ).trimEnd();
}
