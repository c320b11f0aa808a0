// How observers hear the trace: a table of functions by event type. A type nobody listens to costs nothing,
// and a hot event reaches its listeners without a lookup by name.
import {
  EVENTS,
  type EventName,
  type KafkaEvent,
  type KafkaEvents,
  type TraceEvent,
} from "../protocol/events.ts";
import type { Trace } from "../sim/trace.ts";

export type Listeners = { readonly [K in EventName]?: (event: KafkaEvent<K>) => void };

type AnyListener = (event: TraceEvent) => void;

export const EVENT_NAMES = Object.keys(EVENTS) as readonly EventName[];

/** Hears events in the order in which the parts were added: a later part sees what an earlier one made of the same event. */
export class Dispatch {
  readonly #byType = new Map<string, AnyListener[]>();

  add(listeners: Listeners): void {
    for (const type of EVENT_NAMES) {
      const listener = listeners[type] as AnyListener | undefined;
      if (listener === undefined) continue;
      const known = this.#byType.get(type);
      if (known === undefined) this.#byType.set(type, [listener]);
      else known.push(listener);
    }
  }

  on(event: TraceEvent): void {
    const listeners = this.#byType.get(event.type);
    if (listeners === undefined) return;
    for (let i = 0; i < listeners.length; i++) (listeners[i] as AnyListener)(event);
  }

  subscribe(trace: Trace<KafkaEvents>): void {
    for (const [type, listeners] of this.#byType) {
      for (const listener of listeners) trace.on(type as EventName, listener as never);
    }
  }
}
