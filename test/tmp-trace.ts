import { readFileSync } from "node:fs";
import { runScenario } from "/tmp/wt/judge/src/runner/run.ts";
import { loadScenario } from "/tmp/wt/judge/src/scenario/load.ts";

const [file, part, from, to] = process.argv.slice(2);
const [s] = loadScenario(readFileSync(file!, "utf8"), file!, {}).scenarios;
const { result } = runScenario(s!, {
  replay: () => "",
  onEvent: (e, text, host) => {
    if (e.seq < Number(from) || e.seq > Number(to)) return;
    const p = (e as { partition?: { name: string } }).partition?.name;
    if (
      /^(log.tru|log.op|disk|isr|leader|replica\.b|broker|host|fault|controller|elr|quorum.roleC)/.test(
        e.type,
      ) &&
      (p === undefined || p === part)
    )
      console.log(
        e.seq,
        (e.at / 1e6).toFixed(3),
        host,
        e.type,
        text,
        e.type.startsWith("isr")
          ? JSON.stringify({ pe: (e as any).partitionEpoch, le: (e as any).leaderEpoch })
          : "",
      );
  },
});
for (const c of result.checks) if (c.status === "violated") console.log(c.name, c.count, c.first);
