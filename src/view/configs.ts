// Settings that were changed while the cluster ran (kafka-configs), by resource, as the controller decided them.
import type { Listeners } from "./listeners.ts";

export class ConfigsFold {
  readonly listeners: Listeners;
  /** By resource, then by name; undefined: deleted there. */
  readonly #changed = new Map<string, Map<string, string | undefined>>();

  constructor() {
    this.listeners = {
      "config.altered": (e) => {
        const known = this.#changed.get(e.resource) ?? new Map<string, string | undefined>();
        known.set(e.name, e.value === "" ? undefined : e.value);
        this.#changed.set(e.resource, known);
      },
    };
  }

  /** What a topic sets now, by what it was created with. */
  ofTopic<V>(topic: string, created: Readonly<Record<string, V>>): Record<string, V | string> {
    const settings: Record<string, V | string> = { ...created };
    for (const [name, value] of this.#changed.get(`topic ${topic}`) ?? []) {
      if (value === undefined) delete settings[name];
      else settings[name] = value;
    }
    return settings;
  }
}
