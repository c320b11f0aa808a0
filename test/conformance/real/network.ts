// A network of its own for each node, so that two of them can be cut off from each other: namespaces on one bridge. What is cut off
// has a wrong hardware address for its peer, and the bridge delivers to nobody: packets vanish in silence, as in a real partition.
import { execFileSync } from "node:child_process";

/** Two harnesses at once must not meet. */
const SUBNET = `10.83.${1 + (process.pid % 250)}`;
const FIRST_HOST = 11;
const NOBODY = "02:fa:00:00:00:00";

export class Network {
  readonly #bridge = `fl${process.pid}`;
  readonly #namespaces: string[] = [];
  readonly #macs = new Map<string, string>();

  /** Throws where the machine does not let us. */
  constructor() {
    ip("link", "add", this.#bridge, "type", "bridge");
    ip("addr", "add", `${SUBNET}.1/24`, "dev", this.#bridge);
    ip("link", "set", this.#bridge, "up");
  }

  /** A namespace with an address. */
  add(): { readonly namespace: string; readonly address: string } {
    const i = this.#namespaces.length;
    const namespace = `${this.#bridge}-${i}`;
    const address = `${SUBNET}.${FIRST_HOST + i}`;
    const outside = `${this.#bridge}v${i}`;
    ip("netns", "add", namespace);
    this.#namespaces.push(namespace);
    ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", namespace);
    ip("link", "set", outside, "master", this.#bridge, "up");
    ip("-n", namespace, "addr", "add", `${address}/24`, "dev", "eth0");
    ip("-n", namespace, "link", "set", "eth0", "up");
    ip("-n", namespace, "link", "set", "lo", "up");
    const link = JSON.parse(ip("-n", namespace, "-j", "link", "show", "eth0"));
    this.#macs.set(address, link[0].address);
    return { namespace, address };
  }

  /** Nothing that `from` sends reaches `to` any more. */
  cut(from: string, to: string): void {
    ip(
      ...["-n", from, "neigh", "replace", to, "lladdr", NOBODY, "dev", "eth0", "nud", "permanent"],
    );
  }

  heal(from: string, to: string): void {
    const mac = this.#macs.get(to) as string;
    ip(...["-n", from, "neigh", "replace", to, "lladdr", mac, "dev", "eth0", "nud", "permanent"]);
  }

  remove(): void {
    for (const namespace of this.#namespaces.splice(0)) tryIp("netns", "del", namespace);
    tryIp("link", "del", this.#bridge);
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** While tidying up, what is gone already is no fault. */
function tryIp(...args: readonly string[]): void {
  try {
    ip(...args);
  } catch {
    // Gone.
  }
}
