// Who lives on top of the quorum: RaftClient.Listener.
import type { MetadataBatch } from "../../../protocol/types.ts";

export interface RaftListener {
  /** A batch is committed; each once in a life, in order. */
  committed(batch: MetadataBatch): void;
  /** This node leads, and everything older is committed. */
  claimed(epoch: number): void;
  /** This node led, and does not any more. */
  renounced(why: string): void;
}
