// Where no story of its own is known: the events the finding rests on, and the faults and turning points that came before.
import { textOf } from "../protocol/events.ts";
import { seconds } from "../sim/kernel.ts";
import { type Case, type Sentence, said } from "./case.ts";
import { faultName, when } from "./words.ts";

const RECENT = seconds(60);
const MAX_FAULTS = 3;
const MAX_EVIDENCE = 4;

export function plainStory(c: Case): Sentence[] {
  const { finding, chronicle, hosts } = c;
  const seq = finding.evidence.at(-1) ?? 0;
  const evidence = finding.evidence.slice(0, MAX_EVIDENCE).flatMap((number) => {
    const e = chronicle.at(number);
    return e === undefined
      ? []
      : [said(`${hosts.name(e.node)} at ${when(e)}: ${textOf(e)}`, [e.seq], 6)];
  });
  return [...faultSentences(c, seq), ...evidence];
}

function faultSentences({ chronicle, finding }: Case, seq: number): Sentence[] {
  const until = seq > 0 ? seq : Number.MAX_SAFE_INTEGER;
  return chronicle
    .faultsWithin(until, finding.atUs - RECENT)
    .slice(0, MAX_FAULTS)
    .reverse()
    .map((e) => said(`${faultName(e)} had begun at ${when(e)}`, [e.seq], 8));
}
