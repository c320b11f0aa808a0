// A group shard with a clock the test moves, a log it commits by hand (or at once), and shorthand for what members do. After
// Kafka's GroupMetadataManagerTestContext.
import type { ClassicGroup } from "../../../src/coordinator/group/classic-group.ts";
import type { CoordinatorRecord } from "../../../src/coordinator/group/records.ts";
import { GroupShard } from "../../../src/coordinator/group/shard.ts";
import { GROUP_CONFIG } from "../../../src/protocol/config/group.ts";
import { resolveConfig, type Settings } from "../../../src/protocol/config/row.ts";
import type { ErrorName } from "../../../src/protocol/errors.ts";
import type { EventName } from "../../../src/protocol/events.ts";
import type {
  Assignment,
  JoinGroupRequest,
  JoinGroupResponse,
  OffsetCommitRequest,
  OffsetCommitResponse,
  OffsetFetchResponse,
  SyncGroupRequest,
  SyncGroupResponse,
} from "../../../src/protocol/group-apis.ts";
import { LATEST_RELEASE } from "../../../src/protocol/releases.ts";
import { PartitionNames } from "../../../src/protocol/types.ts";
import {
  assignmentOf,
  commitRequest,
  heartbeatRequest,
  joinRequest,
  leaveRequest,
  syncRequest,
} from "./requests.ts";

export const GROUP = "my-group";

/** An answer that may still be outstanding. */
export class Pending<R> {
  response: R | undefined;

  get isDone(): boolean {
    return this.response !== undefined;
  }

  get value(): R {
    if (this.response === undefined) throw new Error("not answered yet");
    return this.response;
  }
}

interface Write {
  readonly records: readonly CoordinatorRecord[];
  readonly done: (error: ErrorName) => void;
}

export interface ShardOptions {
  readonly config?: Settings;
  readonly skipsAssignment?: boolean;
  readonly requiresMemberId?: boolean;
  readonly storesNewGroups?: boolean;
  readonly sparesMembers?: boolean;
}

export class OneShard {
  readonly shard: GroupShard;
  readonly names = new PartitionNames();
  readonly events: { readonly type: EventName; readonly [field: string]: unknown }[] = [];
  /** Everything ever written. */
  readonly records: CoordinatorRecord[] = [];
  /** False: writes wait for commit(). */
  commitsAtOnce = true;
  nowMs = 1_000;
  #writes: Write[] = [];
  readonly #timers = new Map<string, { readonly at: number; readonly action: () => void }>();
  #uuids = 0;

  constructor(options: ShardOptions = {}) {
    this.shard = new GroupShard({
      config: resolveConfig(GROUP_CONFIG, LATEST_RELEASE, options.config ?? {}),
      acceptsAnyCommit: false,
      skipsAssignment: options.skipsAssignment ?? true,
      requiresMemberId: options.requiresMemberId ?? true,
      sparesMembers: options.sparesMembers ?? false,
      storesNewGroups: options.storesNewGroups ?? true,
      timers: {
        schedule: (key, delayMs, action) => {
          this.#timers.delete(key);
          this.#timers.set(key, { at: this.nowMs + delayMs, action });
        },
        cancel: (key) => void this.#timers.delete(key),
      },
      wallClock: () => this.nowMs * 1000,
      newUuid: () => `uuid-${++this.#uuids}`,
      write: (records, done) => {
        this.records.push(...records);
        this.#writes.push({ records, done });
        if (this.commitsAtOnce) this.commit();
      },
      afterWrites: (done) => {
        if (this.#writes.length === 0) done("NONE");
        else this.#writes.push({ records: [], done });
      },
      uncommitted: {
        [Symbol.iterator]: () => this.#writes.flatMap(({ records }) => records)[Symbol.iterator](),
      },
      emit: (type, payload) => this.events.push({ type, ...(payload as object) }),
    });
  }

  /** What waits in the log is committed, or refused. */
  commit(error: ErrorName = "NONE"): void {
    for (const { records, done } of this.#writes.splice(0)) {
      if (error === "NONE") {
        for (const record of records) if (record.type === "OffsetCommit") this.shard.replay(record);
      }
      done(error);
    }
  }

  /** Time passes; timers fire in order. */
  sleep(milliseconds: number): void {
    const end = this.nowMs + milliseconds;
    for (;;) {
      let next: [string, { at: number; action: () => void }] | undefined;
      for (const entry of this.#timers)
        if (entry[1].at <= end && (next === undefined || entry[1].at < next[1].at)) next = entry;
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.nowMs = next[1].at;
      next[1].action();
    }
    this.nowMs = end;
  }

  get group(): ClassicGroup {
    const group = this.shard.groups.get(GROUP);
    if (group === undefined) throw new Error("no group");
    return group;
  }

  get state(): string {
    return this.shard.groups.get(GROUP)?.state ?? "gone";
  }

  // Requests

  join(change: Partial<JoinGroupRequest> = {}): Pending<JoinGroupResponse> {
    const pending = new Pending<JoinGroupResponse>();
    this.shard.join({
      request: joinRequest(change),
      from: 5001,
      reply: (response) => {
        pending.response ??= response;
      },
    });
    return pending;
  }

  /** A dynamic member asks for an id and joins with it. */
  joinDynamic(change: Partial<JoinGroupRequest> = {}): Pending<JoinGroupResponse> & { id: string } {
    const { error, memberId } = this.join(change).value;
    if (error !== "MEMBER_ID_REQUIRED") throw new Error(`expected a member id, got ${error}`);
    return Object.assign(this.join({ ...change, memberId }), { id: memberId });
  }

  sync(
    memberId: string,
    generation: number,
    assignments: Readonly<Record<string, Assignment>> = {},
    change: Partial<SyncGroupRequest> = {},
  ): Pending<SyncGroupResponse> {
    const pending = new Pending<SyncGroupResponse>();
    this.shard.sync(syncRequest(memberId, generation, assignments, change), (response) => {
      pending.response ??= response;
    });
    return pending;
  }

  heartbeat(memberId: string, generation: number, groupInstanceId?: string): ErrorName {
    return this.shard.heartbeat(heartbeatRequest(memberId, generation, groupInstanceId));
  }

  leave(...members: { memberId?: string; groupInstanceId?: string }[]): ErrorName[] {
    return this.shard.leave(leaveRequest(...members)).members.map(({ error }) => error);
  }

  commitOffset(
    offset: number,
    change: Partial<OffsetCommitRequest> & { metadata?: string; topic?: string } = {},
  ): Pending<OffsetCommitResponse> {
    const { topic = "orders", ...rest } = change;
    const pending = new Pending<OffsetCommitResponse>();
    const request = commitRequest(this.names.of(topic, 0), offset, rest);
    this.shard.commit(request, 5001, (response) => {
      pending.response ??= response;
    });
    return pending;
  }

  fetch(requireStable = false): Pending<OffsetFetchResponse> {
    const pending = new Pending<OffsetFetchResponse>();
    const request = { groupId: GROUP, partitions: undefined, requireStable };
    this.shard.fetch(request, (response) => {
      pending.response ??= response;
    });
    return pending;
  }

  get offsets(): (readonly [string, number])[] {
    return this.fetch().value.partitions.map((p) => [p.partition.name, p.offset] as const);
  }

  // Groups in a state

  /** One dynamic member, its generation completed. */
  completeJoin(change: Partial<JoinGroupRequest> = {}): JoinGroupResponse {
    const pending = this.joinDynamic(change);
    this.sleep(3_000);
    return pending.value;
  }

  /** One dynamic member in a stable group of generation 1. */
  stable(change: Partial<JoinGroupRequest> = {}): string {
    const { memberId } = this.completeJoin(change);
    this.sync(memberId, 1, { [memberId]: assignmentOf(this.names.of("orders", 0)) });
    return memberId;
  }

  /** A static leader and a static follower, stable at generation 1. */
  stableStatic(change: Partial<JoinGroupRequest> = {}): { leader: string; follower: string } {
    const leader = this.join({ ...change, groupInstanceId: "leader" });
    const follower = this.join({ ...change, groupInstanceId: "follower" });
    this.sleep(6_000);
    const ids = { leader: leader.value.memberId, follower: follower.value.memberId };
    if (leader.value.leader !== ids.leader) throw new Error("the first to join leads");
    const waiting = this.sync(ids.follower, 1, {}, { groupInstanceId: "follower" });
    const assignments = {
      [ids.leader]: assignmentOf(this.names.of("orders", 0)),
      [ids.follower]: assignmentOf(this.names.of("orders", 1)),
    };
    this.sync(ids.leader, 1, assignments, { groupInstanceId: "leader" });
    if (waiting.value.error !== "NONE") throw new Error(waiting.value.error);
    return ids;
  }

  of(type: EventName): { readonly [field: string]: unknown }[] {
    return this.events.filter((event) => event.type === type);
  }
}
