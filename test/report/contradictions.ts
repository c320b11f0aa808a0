// Figures of one report that must agree with each other: whoever adds them up finds what the run found.
import type { LedgerEntry, RecordCounts, RunReport } from "../../src/runner/result.ts";

const COUNTS = ["sent", "acked", "failed", "unknown", "delivered", "lost", "duplicated"] as const;

/** What a reader with a calculator would complain of. */
export function contradictions(report: RunReport): string[] {
  const found: string[] = [];
  const claim = (holds: boolean, what: string): void => {
    if (!holds) found.push(what);
  };
  recordsAgree(report, claim);
  ledgerAgrees(report, claim);
  checksAgree(report, claim);
  timesAgree(report, claim);
  return found;
}

type Claim = (holds: boolean, what: string) => void;

function recordsAgree({ result }: RunReport, claim: Claim): void {
  const { records, topics, metrics, checks } = result;
  const waiting = checks.find(({ name }) => name === "sends-resolved");
  const told = ({ acked, failed, unknown }: RecordCounts): number => acked + failed + unknown;
  const all = waiting?.status !== "violated" && (waiting?.note ?? null) === null;
  for (const row of [records, ...topics]) {
    const name = "topic" in row ? row.topic : "all topics";
    claim(told(row) <= row.sent, `${name}: more outcomes than records sent`);
    if (all) claim(told(row) === row.sent, `${name}: acked + failed + unknown is not sent`);
    claim(row.lost <= row.acked, `${name}: more lost than acked`);
  }
  for (const key of COUNTS) {
    const sum = topics.reduce((n, row) => n + row[key], 0);
    claim(sum === records[key], `${key}: topics sum to ${sum}, the total is ${records[key]}`);
  }
  for (const key of ["sent", "acked", "failed", "unknown"] as const) {
    const metric = metrics[`records_${key}`];
    claim(metric === records[key], `records_${key} is ${String(metric)}, not ${records[key]}`);
  }
}

function ledgerAgrees({ result }: RunReport, claim: Claim): void {
  const { ledger, records, virtualTimeMs } = result;
  const sum = (rows: readonly LedgerEntry[], of: (row: LedgerEntry) => number): number =>
    rows.reduce((n, row) => n + of(row), 0);
  for (const key of ["sent", "acked", "lost", "duplicated"] as const) {
    for (const by of ["partitions", "clients"] as const) {
      const total = sum(ledger[by], (row) => row[key]);
      claim(total === records[key], `ledger by ${by}: ${key} is ${total}, not ${records[key]}`);
    }
  }
  for (const row of [...ledger.partitions, ...ledger.clients]) {
    const share = row.sent === 0 ? 100 : (100 * row.acked) / row.sent;
    claim(Math.abs(row.servedPercent - share) < 1e-6, `${row.name}: ${row.servedPercent}% served`);
  }
  for (const row of [...ledger.partitions, ...ledger.clients, ...ledger.sides]) {
    const times = [row.produceOutageMs, row.consumeOutageMs, row.stalenessMs];
    const isIn = (ms: number): boolean => ms >= 0 && ms <= virtualTimeMs;
    claim(times.every(isIn), `${row.name}: longer than the run`);
    claim(row.servedPercent >= 0 && row.servedPercent <= 100, `${row.name}: not a share`);
  }
  claim(ledger.cutMs <= virtualTimeMs, "cut for longer than the run");
  for (const side of ledger.sides) {
    const { served, later, refused, unknown, sent } = side;
    claim(served + later + refused + unknown <= sent, `side ${side.name}: more than sent`);
  }
}

function checksAgree({ result }: RunReport, claim: Claim): void {
  const { checks, assertions, thresholds, outcome, events } = result;
  for (const { name, count, forms, first, status } of checks) {
    const happened = status === "violated" || status === "permitted";
    claim(happened === count > 0, `${name} is ${status} with ${count} findings`);
    claim(happened === (first !== null), `${name} is ${status}, first: ${first?.message}`);
    const sum = Object.values(forms).reduce((n, times) => n + times, 0);
    claim(sum === 0 || sum === count, `${name}: forms sum to ${sum}, not ${count}`);
    claim((first?.event ?? 0) <= events, `${name}: event beyond the last`);
    claim((first?.atMs ?? 0) <= result.virtualTimeMs, `${name}: after the end`);
  }
  const good =
    checks.every(({ expected }) => expected) &&
    [...assertions, ...thresholds].every(({ ok }) => ok);
  claim(good || outcome === "unexpected", "as expected, though something was not");
}

function timesAgree({ result, timeline, partitions }: RunReport, claim: Claim): void {
  let last = { atUs: 0, event: 0 };
  for (const entry of timeline) {
    const { atUs, event } = entry;
    claim(atUs >= last.atUs && event > last.event, `#${event} comes before #${last.event}`);
    claim(atUs <= result.virtualTimeMs * 1000, `#${event} comes after the end`);
    last = entry;
  }
  for (const { name, leaders } of partitions) {
    for (const [i, { fromUs, toUs }] of leaders.entries()) {
      const next = leaders[i + 1];
      claim(next === undefined || next.fromUs === toUs, `${name}: a gap at ${toUs}`);
      claim(fromUs <= toUs, `${name}: ends before it begins`);
    }
  }
}
