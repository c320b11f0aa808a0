// kafka-metadata-quorum.sh describe --status and --replication (MetadataQuorumCommand, KIP-836, KIP-853).
import { atLeast, LATEST_RELEASE, type Release } from "../../protocol/releases.ts";

export interface QuorumDescription {
  readonly clusterId: string;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
}

export interface QuorumReplica {
  readonly replicaId: number;
  /** Undefined: not known, the zero Uuid. */
  readonly directoryId?: string | undefined;
  /** `CONTROLLER://localhost:9093` */
  readonly endpoints?: readonly string[];
  readonly logEndOffset: number;
  /** Milliseconds since the epoch. */
  readonly lastFetchTimestamp: number | undefined;
  readonly lastCaughtUpTimestamp: number | undefined;
}

const ZERO_UUID = "AAAAAAAAAAAAAAAAAAAAAA";

export function describeQuorumStatus(
  quorum: QuorumDescription,
  release: Release = LATEST_RELEASE,
): string {
  const leader = leaderOf(quorum);
  const slowest = quorum.voters.reduce((a, b) => (b.logEndOffset < a.logEndOffset ? b : a));
  const lines: readonly (readonly [string, string | number])[] = [
    ["ClusterId", quorum.clusterId],
    ["LeaderId", quorum.leaderId],
    ["LeaderEpoch", quorum.leaderEpoch],
    ["HighWatermark", quorum.highWatermark],
    ["MaxFollowerLag", leader.logEndOffset - slowest.logEndOffset],
    ["MaxFollowerLagTimeMs", lagTimeMs(leader, slowest)],
    ["CurrentVoters", replicas(quorum.voters, release)],
    ["CurrentObservers", replicas(quorum.observers, release)],
  ];
  const text = lines.map(([name, value]) => `${`${name}:`.padEnd(24)}${value}\n`).join("");
  // The tool was rewritten in 3.5; before, an empty line followed.
  return atLeast(release, "3.5") ? text : `${text}\n`;
}

export function describeQuorumReplication(
  quorum: QuorumDescription,
  release: Release = LATEST_RELEASE,
  /** --human-readable: the current time, to show timestamps as ages. */
  humanReadableAt?: number,
): string {
  const leader = leaderOf(quorum);
  const followers = quorum.voters.filter((voter) => voter.replicaId !== quorum.leaderId);
  const withDirectories = atLeast(release, "3.9");
  const time = (timestamp: number | undefined): string => {
    if (timestamp === undefined) return "-1";
    return humanReadableAt === undefined ? `${timestamp}` : `${humanReadableAt - timestamp} ms ago`;
  };
  const row = (replica: QuorumReplica, status: string): string[] => [
    `${replica.replicaId}`,
    ...(withDirectories ? [replica.directoryId ?? ZERO_UUID] : []),
    `${replica.logEndOffset}`,
    `${leader.logEndOffset - replica.logEndOffset}`,
    time(replica.lastFetchTimestamp),
    time(replica.lastCaughtUpTimestamp),
    status,
  ];
  return prettyTable([
    [
      "NodeId",
      ...(withDirectories ? ["DirectoryId"] : []),
      ...["LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp", "Status"],
    ],
    row(leader, "Leader"),
    ...followers.map((replica) => row(replica, "Follower")),
    ...quorum.observers.map((replica) => row(replica, "Observer")),
  ]);
}

/** The tool fails when there is no leader, so whoever asks must know one. */
const leaderOf = (quorum: QuorumDescription): QuorumReplica =>
  quorum.voters.find((voter) => voter.replicaId === quorum.leaderId) as QuorumReplica;

function lagTimeMs(leader: QuorumReplica, slowest: QuorumReplica): number {
  if (leader === slowest) return 0;
  if (leader.lastCaughtUpTimestamp === undefined || slowest.lastCaughtUpTimestamp === undefined) {
    return -1;
  }
  return leader.lastCaughtUpTimestamp - slowest.lastCaughtUpTimestamp;
}

function replicas(of: readonly QuorumReplica[], release: Release): string {
  if (!atLeast(release, "3.9")) return `[${of.map((replica) => replica.replicaId).join(",")}]`;
  return `[${of.map(replicaJson).join(", ")}]`;
}

function replicaJson({ replicaId, directoryId, endpoints = [] }: QuorumReplica): string {
  const directory =
    directoryId === undefined || directoryId === ZERO_UUID ? "null" : `"${directoryId}"`;
  const listed = endpoints.map((endpoint) => `"${endpoint}"`).join(", ");
  const tail = endpoints.length === 0 ? "" : `, "endpoints": [${listed}]`;
  return `{"id": ${replicaId}, "directoryId": ${directory}${tail}}`;
}

/** ToolsUtils.prettyPrintTable: every cell padded to its column and followed by a tab, the last one too. */
function prettyTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) =>
    rows.reduce((width, row) => Math.max(width, (row[c] ?? "").length), 0),
  );
  return rows
    .map((row) => `${row.map((cell, c) => `${cell.padEnd(widths[c] ?? 0)}\t`).join("")}\n`)
    .join("");
}
