// flush.messages: an append ends with the fsync it called for (UnifiedLog.append), so a produce is answered, and a follower fetches on, after it.
// Left out: with replication factor 1 consumers see the records before the fsync has ended.
import type { ReplicaLog } from "../log/log.ts";
import { LONG_MAX } from "../protocol/config/row.ts";

/** Runs the action when these logs have fsynced what their settings say they must; at once when there is nothing to wait for. */
export function whenFlushed(logs: readonly ReplicaLog[], action: () => void): void {
  let waiting = 1;
  const step = (): void => {
    if (--waiting === 0) action();
  };
  for (const log of logs) if (mustWait(log) && log.whenFlushed(step)) waiting++;
  step();
}

/** Other fsyncs, of a segment that was rolled say, nobody waits for. */
export const mustWait = (log: ReplicaLog): boolean => log.config.flushMessages < LONG_MAX;
