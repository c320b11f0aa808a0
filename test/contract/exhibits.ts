// The table: everything that the contract permits, shown and not shown.
import type { Exhibit, Gap } from "./exhibit.ts";
import { OF_CLIENTS } from "./exhibits-of-clients.ts";
import { GAPS_OF_LOGS, OF_LOGS } from "./exhibits-of-logs.ts";

export const EXHIBITS: readonly Exhibit[] = [...OF_LOGS, ...OF_CLIENTS];
export const NOT_SHOWN: readonly Gap[] = GAPS_OF_LOGS;
