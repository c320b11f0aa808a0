// A world: one kernel, one network, one trace, and the machines that live in it.
import { Disk } from "./disk.ts";
import { Host } from "./host.ts";
import { Kernel, type KernelOptions, type Micros } from "./kernel.ts";
import { Network, type NetworkOptions } from "./network.ts";
import type { ApiTable, Protocol } from "./rpc.ts";
import { type EventTable, type Payload, type Stamping, Trace } from "./trace.ts";

export interface DiskOptions {
  readonly writeBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly fsyncUs: Micros;
  readonly capacityBytes?: number;
  readonly pageCacheBytes?: number;
}

export interface HostOptions {
  readonly id: number;
  readonly name: string;
  readonly rack?: string | undefined;
  readonly disk: DiskOptions;
}

export interface WorldOptions<P extends Protocol<P>, T extends EventTable> {
  readonly kernel: KernelOptions;
  readonly network: NetworkOptions;
  readonly apis: ApiTable<P>;
  readonly events: T;
  readonly stamping?: Stamping<T>;
  /** The instant that trace events call zero. Default 0. */
  readonly origin?: Micros;
}

/** Events every world's table must have: what the machinery itself reports. */
export type HostEvents = EventTable & {
  readonly "host.booted": unknown;
  readonly "host.crashed": unknown;
  readonly "host.stopped": unknown;
  readonly "host.paused": unknown;
  readonly "host.resumed": unknown;
  readonly "host.wiped": unknown;
  readonly "connection.closed": unknown;
};

export class World<P extends Protocol<P>, T extends HostEvents> {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly trace: Trace<T>;
  readonly apis: ApiTable<P>;
  readonly #hosts = new Map<number, Host<P, T>>();

  constructor(options: WorldOptions<P, T>) {
    this.kernel = new Kernel(options.kernel);
    this.network = new Network(this.kernel, options.network);
    this.trace = new Trace(this.kernel, options.events, options.origin, options.stamping);
    this.apis = options.apis;
  }

  /** All machines, in order of creation. */
  get hosts(): IterableIterator<Host<P, T>> {
    return this.#hosts.values();
  }

  addHost(options: HostOptions): Host<P, T> {
    const disk = new Disk(this.kernel, this.kernel.rng(`${options.name}/disk`), options.disk);
    const host = new Host<P, T>(this, options, disk);
    this.#hosts.set(options.id, host);
    return host;
  }

  host(id: number): Host<P, T> {
    return this.#hosts.get(id) as Host<P, T>;
  }

  /** For the machinery's own events, whose payloads the table's rows declare. */
  emitHostEvent(node: number, type: keyof HostEvents & string, payload: object): void {
    this.trace.emit(node, type as keyof T & string, payload as Payload<T, keyof T & string>);
  }
}
