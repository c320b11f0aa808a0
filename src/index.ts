// The library's public face: read a scenario, run it, look at what came out.
export type { KafkaEvent, TraceEvent } from "./protocol/events.ts";
export { EVENTS, textOf } from "./protocol/events.ts";
export type * from "./runner/result.ts";
export { type RunOptions, type RunProgress, runScenario, startRun } from "./runner/run.ts";
export { type LoadedScenario, type LoadOptions, loadScenario } from "./scenario/load.ts";
export type * from "./scenario/model.ts";
export { VERSION } from "./version.ts";
