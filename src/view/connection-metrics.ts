// What Kafka's clients report of their connections (Selector), by Kafka's names: of all of them, of each under name{client-id=...}, and of each
// broker it talks to under name{client-id=...,node-id=node-1}. A request counts when it is over, where Kafka counts it when it is written.
import type { ConnectionMetric } from "../protocol/connection-metrics.ts";
import type { Micros } from "../sim/kernel.ts";
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";
import { labelled, Meter } from "./meter.ts";
import { SampledStat } from "./sampled-stat.ts";

interface Done {
  readonly at: Micros;
  readonly node: number;
  readonly broker: number;
  readonly latencyUs: Micros;
  readonly outcome: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

class Connection {
  readonly #requests = new Meter();
  readonly #requestSize = new SampledStat();
  readonly #sent = new Meter();
  readonly #responses = new Meter();
  readonly #received = new Meter();
  readonly #operations = new Meter();

  record({ at, requestBytes, responseBytes, outcome }: Done): void {
    this.#requests.record(at, 1);
    this.#requestSize.record(at, 1, requestBytes, requestBytes);
    this.#sent.record(at, requestBytes);
    const isAnswered = outcome === "answered";
    this.#operations.record(at, isAnswered ? 2 : 1);
    if (!isAnswered) return;
    this.#responses.record(at, 1);
    this.#received.record(at, responseBytes);
  }

  snapshot(now: Micros): Record<ConnectionMetric, number> {
    return {
      "request-rate": this.#requests.rate(now),
      "request-total": this.#requests.total,
      "request-size-avg": this.#requestSize.avg(now),
      "request-size-max": this.#requestSize.max(now),
      "outgoing-byte-rate": this.#sent.rate(now),
      "outgoing-byte-total": this.#sent.total,
      "response-rate": this.#responses.rate(now),
      "response-total": this.#responses.total,
      "incoming-byte-rate": this.#received.rate(now),
      "incoming-byte-total": this.#received.total,
      "network-io-rate": this.#operations.rate(now),
      "network-io-total": this.#operations.total,
    };
  }
}

/** A broker as a client knows it. */
class Node {
  readonly connection = new Connection();
  /** Of Produce and Fetch only. */
  readonly latency = new SampledStat();
}

interface Client {
  readonly connection: Connection;
  readonly nodes: Map<number, Node>;
}

export class ConnectionMetricsFold {
  readonly listeners: Listeners;
  readonly #directory: HostDirectory;
  readonly #all = new Connection();
  readonly #clients = new Map<number, Client>();

  constructor(directory: HostDirectory) {
    this.#directory = directory;
    this.listeners = {
      "client.requestDone": (e) => void this.#done(e),
      "consumer.fetchDone": (e) => {
        this.#done(e).latency.record(e.at, 1, e.latencyUs, e.latencyUs);
      },
      "producer.requestDone": (e) => {
        const node = this.#done(e);
        if (e.outcome === "answered") node.latency.record(e.at, 1, e.latencyUs, e.latencyUs);
      },
      "host.crashed": (e) => {
        this.#clients.delete(e.node);
      },
    };
  }

  snapshot(now: Micros): Record<string, number> {
    const metrics: Record<string, number> = this.#all.snapshot(now);
    for (const [node, client] of this.#clients) {
      const id = `client-id=${this.#directory.name(node)}`;
      Object.assign(metrics, labelled(client.connection.snapshot(now), `{${id}}`));
      for (const [broker, { connection, latency }] of client.nodes) {
        const own = {
          ...connection.snapshot(now),
          "request-latency-avg": latency.avg(now) / 1000,
          "request-latency-max": latency.max(now) / 1000,
        };
        Object.assign(metrics, labelled(own, `{${id},node-id=node-${broker}}`));
      }
    }
    return metrics;
  }

  #done(e: Done): Node {
    let client = this.#clients.get(e.node);
    if (client === undefined) {
      client = { connection: new Connection(), nodes: new Map() };
      this.#clients.set(e.node, client);
    }
    let node = client.nodes.get(e.broker);
    if (node === undefined) {
      node = new Node();
      client.nodes.set(e.broker, node);
    }
    this.#all.record(e);
    client.connection.record(e);
    node.connection.record(e);
    return node;
  }
}
