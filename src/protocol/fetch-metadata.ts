// What the next request of an incremental fetch session says of it (FetchMetadata and FetchSessionHandler.handleResponse, KIP-227): the same
// for consumers and followers. Epochs do not wrap here: 2^31 requests of one session are more than a run has.
import type { FetchResponse } from "./apis.ts";

/** The epoch of a request that ends its session. */
const FINAL_EPOCH = -1;

export class FetchMetadata {
  /** 0: none. */
  id = 0;
  /** 0: a full request, which asks for a session. */
  epoch = 0;

  /** False: there is no such session, and the response says nothing else. */
  answered({ error, sessionId }: FetchResponse): boolean {
    if (error !== "NONE") {
      if (error === "FETCH_SESSION_ID_NOT_FOUND") this.id = 0;
      this.beginNew();
      return false;
    }
    this.epoch = sessionId === 0 ? 0 : this.epoch + 1;
    this.id = sessionId;
    return true;
  }

  /** nextCloseExistingAttemptNew(): a full request, which closes the session if it is still there. */
  beginNew(): void {
    this.epoch = 0;
  }

  /** nextCloseExisting() */
  finish(): void {
    this.epoch = FINAL_EPOCH;
  }
}
