// All of them.
import type { Case } from "./case.ts";
import { CONTROLLER } from "./controller.ts";
import { DELIVERY } from "./delivery.ts";
import { GROUPS } from "./groups.ts";
import { REPLICATION } from "./replication.ts";

export const CASES: readonly Case[] = [...DELIVERY, ...REPLICATION, ...CONTROLLER, ...GROUPS];
