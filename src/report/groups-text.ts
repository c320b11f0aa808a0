// Consumer groups in text: who is in them, what their rebalances took, and how far behind they were.
import type { GroupSummary, RunReport } from "../runner/result.ts";
import { count, instant, plural, span, wrap } from "./format.ts";
import type { Style } from "./style.ts";
import { type Column, table } from "./table.ts";

const MAX_ROWS = 10;
const MIN_WIDTH = 84;

export function groupsText({ groups }: RunReport, style: Style): string[] {
  if (groups.length === 0) return [];
  const shown = [...groups].sort((a, b) => b.mostLag - a.mostLag).slice(0, MAX_ROWS);
  const lines =
    style.width < MIN_WIDTH
      ? shown.flatMap((group) => wrap(sentence(group), style.width - 2))
      : table(COLUMNS, shown.map(rowOf));
  const hidden = groups.length - shown.length;
  if (hidden > 0)
    lines.push(style.paint("dim", `${style.glyphs.ellipsis} and ${plural(hidden, "group")} more`));
  return lines.map((line) => `  ${line}`);
}

const COLUMNS: readonly Column[] = [
  { title: "group", align: "left", max: 24 },
  { title: "state", align: "left" },
  ...["members", "idle", "rebalances", "rebalancing", "most lag", "at", "lag"].map(
    (title): Column => ({ title, align: "right" }),
  ),
];

function rowOf(group: GroupSummary): string[] {
  const { name, state, members, idle, rebalances, rebalancingUs, mostLag, lag } = group;
  return [
    name,
    state,
    count(members),
    count(idle),
    count(rebalances),
    span(rebalancingUs),
    count(mostLag),
    mostLag === 0 ? "" : instant(group.mostLagAtUs),
    count(lag),
  ];
}

function sentence(group: GroupSummary): string {
  const { name, state, members, idle, rebalances, rebalancingUs, mostLag, lag } = group;
  const most = mostLag === 0 ? "" : `, most lag ${count(mostLag)} at ${instant(group.mostLagAtUs)}`;
  return `${name}: ${state}, ${plural(members, "member")} (${count(idle)} idle), ${plural(rebalances, "rebalance")} in ${span(rebalancingUs)}${most}, lag ${count(lag)}`;
}
