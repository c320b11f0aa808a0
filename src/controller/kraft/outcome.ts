// What an event of the controller decides. The truth: ControllerResult.
import type { MetadataRecord, Offset } from "../../protocol/types.ts";

/** The answer is given when the records are committed. */
export interface Outcome<R> {
  readonly records: readonly MetadataRecord[];
  readonly response: R;
  readonly why: string;
  /** Told the offset of the last record written so far, these included. */
  readonly written?: (offset: Offset) => void;
}
