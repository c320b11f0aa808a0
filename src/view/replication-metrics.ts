// How far followers are behind in bytes: what leaders wrote less what a follower fetched (ReplicationBytesInPerSec, MaxLag of ReplicaFetcherManager,
// which counts records). A follower whose log ends where its leader's does is not behind, whatever was truncated on the way.
import type { Offset, TopicPartition } from "../protocol/types.ts";
import type { Listeners } from "./listeners.ts";

interface Written {
  bytes: number;
  end: Offset;
  leader: number;
  /** By node: how many of the written bytes it has. */
  readonly fetched: (number | undefined)[];
}

export class ReplicationMetricsFold {
  readonly listeners: Listeners;
  /** By partition index. */
  readonly #written: (Written | undefined)[] = [];
  #fetchedBytes = 0;

  constructor() {
    this.listeners = {
      "log.appended": (e) => {
        const end = e.baseOffset + e.count;
        if (e.leader) this.#lead(e.partition, e.node, end).bytes += e.sizeBytes;
        else this.#fetch(e.partition, e.node, end, e.sizeBytes);
      },
      "log.truncated": (e) => {
        this.#fetch(e.partition, e.node, e.to, 0);
      },
      "replica.becameLeader": (e) => {
        this.#lead(e.partition, e.node, e.epochStartOffset);
      },
      "replica.becameFollower": (e) => {
        this.#fetch(e.partition, e.node, e.logEndOffset, 0);
      },
      "log.deleted": (e) => {
        const row = this.#written[e.partition.index];
        if (row !== undefined) row.fetched[e.node] = undefined;
      },
    };
  }

  snapshot(): Record<string, number> {
    let most = 0;
    for (const written of this.#written) {
      if (written === undefined) continue;
      written.fetched.forEach((bytes, node) => {
        if (bytes === undefined || node === written.leader) return;
        most = Math.max(most, written.bytes - bytes);
      });
    }
    return { replication_bytes_in: this.#fetchedBytes, max_replication_lag_bytes: most };
  }

  #lead(partition: TopicPartition, node: number, end: Offset): Written {
    const written = this.#at(partition);
    written.leader = node;
    written.end = end;
    return written;
  }

  #fetch(partition: TopicPartition, node: number, end: Offset, bytes: number): void {
    const written = this.#at(partition);
    this.#fetchedBytes += bytes;
    const sum = (written.fetched[node] ?? 0) + bytes;
    written.fetched[node] = end === written.end ? written.bytes : sum;
  }

  #at(partition: TopicPartition): Written {
    let written = this.#written[partition.index];
    if (written === undefined) {
      written = { bytes: 0, end: 0, leader: -1, fetched: [] };
      this.#written[partition.index] = written;
    }
    return written;
  }
}
