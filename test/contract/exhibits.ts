// The table: everything that the contract permits.
import type { Exhibit } from "./exhibit.ts";
import { OF_CLIENTS } from "./exhibits-of-clients.ts";
import { OF_LOGS } from "./exhibits-of-logs.ts";
import { OF_QUORUMS } from "./exhibits-of-quorums.ts";

export const EXHIBITS: readonly Exhibit[] = [...OF_LOGS, ...OF_QUORUMS, ...OF_CLIENTS];
