// What Kafka's clients report of their connections (Selector), by Kafka's names: of all of them, of each under name{client-id=...}, and of each
// broker it talks to under name{client-id=...,node-id=node-1}. A request counts when it is over, where Kafka counts it when it is written.
import type { ConnectionMetric } from "../protocol/connection-metrics.ts";
import type { Micros } from "../sim/kernel.ts";
import type { HostDirectory } from "./hosts.ts";
import type { Listeners } from "./listeners.ts";
import { labelled } from "./meter.ts";
import { SampledStat, SampledStats } from "./sampled-stat.ts";

interface Done {
  readonly at: Micros;
  readonly node: number;
  readonly broker: number;
  readonly latencyUs: Micros;
  readonly outcome: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** What is recorded at each request: how many, their bytes, reads and writes. */
const REQUESTS = 0;
const SENT = 1;
const OPERATIONS = 2;
/** And at each response. */
const RESPONSES = 0;
const RECEIVED = 1;

class Connection {
  readonly #requests = new SampledStats(OPERATIONS + 1);
  readonly #responses = new SampledStats(RECEIVED + 1);
  #requestTotal = 0;
  #sentTotal = 0;
  #responseTotal = 0;
  #receivedTotal = 0;

  record({ at, requestBytes, responseBytes, outcome }: Done): void {
    const isAnswered = outcome === "answered";
    const operations = isAnswered ? 2 : 1;
    const request = this.#requests.at(at);
    request.add(REQUESTS, 1, 1, 1);
    request.add(SENT, 1, requestBytes, requestBytes);
    request.add(OPERATIONS, 1, operations, operations);
    this.#requestTotal++;
    this.#sentTotal += requestBytes;
    if (!isAnswered) return;
    const response = this.#responses.at(at);
    response.add(RESPONSES, 1, 1, 1);
    response.add(RECEIVED, 1, responseBytes, responseBytes);
    this.#responseTotal++;
    this.#receivedTotal += responseBytes;
  }

  snapshot(now: Micros): Record<ConnectionMetric, number> {
    return {
      "request-rate": this.#requests.rate(REQUESTS, now),
      "request-total": this.#requestTotal,
      "request-size-avg": this.#requests.avg(SENT, now),
      "request-size-max": this.#requests.max(SENT, now),
      "outgoing-byte-rate": this.#requests.rate(SENT, now),
      "outgoing-byte-total": this.#sentTotal,
      "response-rate": this.#responses.rate(RESPONSES, now),
      "response-total": this.#responseTotal,
      "incoming-byte-rate": this.#responses.rate(RECEIVED, now),
      "incoming-byte-total": this.#receivedTotal,
      "network-io-rate": this.#requests.rate(OPERATIONS, now),
      "network-io-total": this.#requestTotal + this.#responseTotal,
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
