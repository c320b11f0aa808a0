// From a finding to its causes, in a few sentences: each check's story, cut to length. Facts come from events, settings from the scenario.
import type { CheckName } from "../check/check-name.ts";
import type { Finding } from "../check/checker.ts";
import type { Case, Sentence, Sources } from "./case.ts";
import { groupStory } from "./group-story.ts";
import { lossStory } from "./loss-story.ts";
import { plainStory } from "./plain-story.ts";
import type { RecordFacts } from "./record-facts.ts";
import { resendStory } from "./resend-story.ts";

type Story = (c: Case) => Sentence[];

const STORIES: { readonly [K in CheckName]?: Story } = {
  "lost-write": lossStory,
  unseen: lossStory,
  durability: lossStory,
  "repeatable-read": lossStory,
  "inconsistent-offsets": lossStory,
  "true-high-watermark-monotonic": lossStory,
  "leader-completeness": lossStory,
  "isr-sound": lossStory,
  "log-matching": lossStory,
  duplicate: resendStory,
  "nonmonotonic-send": resendStory,
  "processed-twice": groupStory,
  "never-processed": groupStory,
  "committed-beyond-processed": groupStory,
  "committed-rewind": groupStory,
};

/** Enough to see why, without leaving the report. */
export const SHORT = 4;
/** The whole way back, and no more than one reads. */
export const FULL = 10;

export interface Told {
  readonly check: CheckName;
  readonly finding: Finding;
  readonly permittedBy: string | null;
}

export function explain(
  sources: Sources,
  { check, finding, permittedBy }: Told,
  atMost: number,
  record?: RecordFacts,
): readonly Sentence[] {
  const c: Case = { ...sources, check, finding, permittedBy, record };
  const told = (STORIES[check] ?? plainStory)(c);
  return heaviest(told.length > 0 ? told : plainStory(c), atMost);
}

/** The heaviest, in the order in which they were told. */
function heaviest(sentences: readonly Sentence[], atMost: number): readonly Sentence[] {
  if (sentences.length <= atMost) return sentences;
  const kept = new Set([...sentences].sort((a, b) => b.weight - a.weight).slice(0, atMost));
  return sentences.filter((sentence) => kept.has(sentence));
}
