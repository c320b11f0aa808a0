// The settings that count for what a finding is about: its topic, its producer, its group, its consumer.
import type {
  ContractSettings,
  GroupApplication,
  ProducerSettings,
  TopicDurability,
  TopicSettings,
} from "./contract-settings.ts";

/** What a finding is about; whatever is left out may be any. */
export interface Subject {
  readonly topic?: string | undefined;
  /** Instance name. */
  readonly producer?: string | undefined;
  readonly group?: string | undefined;
  readonly consumer?: string | undefined;
  /** The form of the anomaly; see Finding. */
  readonly form?: string | undefined;
}

export type TopicInScope = TopicDurability & Partial<TopicSettings>;

export class Scope {
  readonly settings: ContractSettings;
  readonly #subject: Subject;

  constructor(settings: ContractSettings, subject: Subject) {
    this.settings = settings;
    this.#subject = subject;
  }

  get topics(): readonly TopicInScope[] {
    const { topic, group } = this.#subject;
    const { topics } = this.settings;
    const others = this.settings.otherTopics === undefined ? [] : [this.settings.otherTopics];
    if (topic === undefined) return [...topics, ...others];
    const declared = topics.filter(({ name }) => name === topic);
    if (declared.length === 0) return others;
    // What a group knows of itself lies in __consumer_offsets.
    return group === undefined ? declared : [...declared, ...others];
  }

  get producers(): readonly ProducerSettings[] {
    const { producer, topic } = this.#subject;
    const all = this.settings.producers;
    if (producer !== undefined) return all.filter(({ name }) => name === producer);
    return topic === undefined ? all : all.filter((p) => p.topic === topic);
  }

  get consumers(): ContractSettings["consumers"] {
    const { consumer, group, topic } = this.#subject;
    return this.settings.consumers.filter(
      ({ name, application, topics }) =>
        (consumer === undefined || name === consumer) &&
        (group === undefined || application?.group === group) &&
        (topic === undefined || topics === undefined || topics.includes(topic)),
    );
  }

  get applications(): readonly GroupApplication[] {
    return this.consumers.flatMap(({ application }) => application ?? []);
  }
}
