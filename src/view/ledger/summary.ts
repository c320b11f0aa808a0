// The ledger summed up: by partition, by client and by side, and as metrics by name for assertions and thresholds.
import type { Micros } from "../../sim/kernel.ts";
import type { LedgerFold } from "./ledger.ts";
import type { RecoveryFold } from "./recovery.ts";
import type { SideEntry } from "./sides.ts";

export interface LedgerRow {
  readonly name: string;
  sent: number;
  acked: number;
  failed: number;
  unknown: number;
  delivered: number;
  produceOutageUs: Micros;
  consumeOutageUs: Micros;
  stalenessUs: Micros;
}

const newRow = (name: string): LedgerRow => ({
  name,
  sent: 0,
  acked: 0,
  failed: 0,
  unknown: 0,
  delivered: 0,
  produceOutageUs: 0,
  consumeOutageUs: 0,
  stalenessUs: 0,
});

/** Share of what was sent that was acknowledged; nothing sent is nothing refused. */
export const servedPercent = (acked: number, sent: number): number =>
  sent === 0 ? 100 : (acked * 100) / sent;

export function ledgerBy(
  ledger: LedgerFold,
  nowUs: Micros,
  by: "partition" | "client",
): readonly LedgerRow[] {
  const rows = new Map<string, LedgerRow>();
  const at = (name: string): LedgerRow => {
    const row = rows.get(name) ?? newRow(name);
    rows.set(name, row);
    return row;
  };
  for (const stream of ledger.streams()) {
    const row = at(by === "partition" ? stream.partition.name : stream.producer);
    row.sent += stream.sent;
    row.acked += stream.acked;
    row.failed += stream.failed;
    row.unknown += stream.unknown;
    row.produceOutageUs = Math.max(row.produceOutageUs, stream.outageUs(nowUs));
  }
  for (const reader of ledger.readers()) {
    const row = at(by === "partition" ? reader.partition.name : reader.reader);
    row.delivered += reader.delivered;
    row.consumeOutageUs = Math.max(row.consumeOutageUs, reader.outageUs(nowUs));
    row.stalenessUs = Math.max(row.stalenessUs, ledger.staleness(reader, nowUs));
  }
  return [...rows.values()];
}

/** Worst of all by plain name; by name{partition=...}, {client=...} and {side=...} each its own. */
export function ledgerMetrics(
  ledger: LedgerFold,
  recovery: RecoveryFold,
  indexes: ReadonlyMap<string, number>,
  nowUs: Micros,
): Record<string, number> {
  const metrics: Record<string, number> = {};
  const partitions = ledgerBy(ledger, nowUs, "partition");
  const total = newRow("");
  for (const row of partitions) {
    addRow(metrics, `{partition=${row.name}}`, row);
    const recovered = recovery.of(indexes.get(row.name) ?? -1);
    if (typeof recovered === "number")
      metrics[`recovery_seconds{partition=${row.name}}`] = recovered / 1e6;
    total.sent += row.sent;
    total.acked += row.acked;
    total.produceOutageUs = Math.max(total.produceOutageUs, row.produceOutageUs);
    total.consumeOutageUs = Math.max(total.consumeOutageUs, row.consumeOutageUs);
    total.stalenessUs = Math.max(total.stalenessUs, row.stalenessUs);
  }
  for (const row of ledgerBy(ledger, nowUs, "client")) addRow(metrics, `{client=${row.name}}`, row);
  for (const side of ledger.sides()) addSide(metrics, side);
  addRow(metrics, "", total);
  metrics.recovery_seconds = longestRecovery(metrics);
  return metrics;
}

function addRow(metrics: Record<string, number>, labels: string, row: LedgerRow): void {
  metrics[`produce_served_percent${labels}`] = servedPercent(row.acked, row.sent);
  metrics[`produce_outage_seconds${labels}`] = row.produceOutageUs / 1e6;
  metrics[`consume_outage_seconds${labels}`] = row.consumeOutageUs / 1e6;
  metrics[`staleness_seconds${labels}`] = row.stalenessUs / 1e6;
}

/** What was acknowledged while the network was cut is what a side was served. */
function addSide(metrics: Record<string, number>, side: SideEntry): void {
  const labels = `{side=${side.side}}`;
  metrics[`produce_served_percent${labels}`] = servedPercent(side.served, side.sent);
  metrics[`produce_outage_seconds${labels}`] = side.outageUs / 1e6;
  metrics[`consume_outage_seconds${labels}`] = side.readOutageUs / 1e6;
  metrics[`staleness_seconds${labels}`] = side.stalenessUs / 1e6;
}

function longestRecovery(metrics: Record<string, number>): number {
  let longest = 0;
  for (const [name, value] of Object.entries(metrics))
    if (name.startsWith("recovery_seconds{")) longest = Math.max(longest, value);
  return longest;
}
