import { describe, expect, it } from "vitest";
import { contract, permission } from "../../src/check/contract.ts";
import type { ContractSettings } from "../../src/check/contract-settings.ts";
import { CHECK_NAMES } from "../../src/check/index.ts";
import { SETTINGS } from "./support.ts";

const producer = SETTINGS.producers[0] as ContractSettings["producers"][number];
const topic = SETTINGS.topics[0] as ContractSettings["topics"][number];
const fault = (
  kind: string,
  action: string,
  hosts = 1,
  on: "broker" | "controller" = "broker",
) => ({
  kind,
  action,
  hosts,
  on,
});

describe("the contract", () => {
  it("permits nothing with acks=all, idempotence, clean elections and disks that keep what they are given", () => {
    const permitted = contract(SETTINGS);
    expect(CHECK_NAMES.filter((name) => permitted[name] !== null)).toEqual([]);
    expect(Object.keys(permitted).sort()).toEqual([...CHECK_NAMES].sort());
  });

  it("permits loss, and nothing of the replication protocol, with acks=1", () => {
    const permitted = contract({ ...SETTINGS, producers: [{ ...producer, acks: "1" }] });
    expect(permitted["lost-write"]).toBe("acks=1");
    expect(permitted["inconsistent-offsets"]).toBe("acks=1");
    expect(permitted["leader-completeness"]).toBe(null);
    expect(permitted["log-matching"]).toBe(null);
  });

  it("permits duplicates of producers that retry without idempotence", () => {
    const plain = { ...producer, idempotence: false };
    expect(contract({ ...SETTINGS, producers: [plain] }).duplicate).toBe(
      "enable.idempotence=false with retries",
    );
    expect(contract({ ...SETTINGS, producers: [{ ...plain, retries: 0 }] }).duplicate).toBe(null);
  });

  it("permits reordering of such producers unless they have one request in flight", () => {
    const plain = { ...producer, idempotence: false };
    const permitted = (settings: object): string | null =>
      contract({ ...SETTINGS, producers: [{ ...plain, ...settings }] })["nonmonotonic-send"];
    expect(permitted({})).toBe("max.in.flight.requests.per.connection>1 without idempotence");
    expect(permitted({ maxInFlight: 1 })).toBe(null);
    expect(permitted({ retries: 0 })).toBe(null);
  });

  it("permits loss by a power failure: of one replica before KIP-966, of min.insync.replicas after", () => {
    const one = { ...SETTINGS, faults: [fault("HostChaos", "poweroff")] };
    const two = { ...SETTINGS, faults: [fault("HostChaos", "poweroff", 2)] };
    expect(contract({ ...one, elr: false })["lost-write"]).toBe("HostChaos poweroff");
    expect(contract(one)["lost-write"]).toBe(null);
    expect(contract(two)["lost-write"]).toBe(
      "HostChaos poweroff of min.insync.replicas=2 replicas",
    );
    // A kill loses nothing, but costs the killed broker its eligibility.
    const kill = fault("ProcessChaos", "kill");
    const withKill = { ...SETTINGS, faults: [...one.faults, kill] };
    expect(contract(withKill)["lost-write"]).toBe(
      "HostChaos poweroff, and unclean shutdowns of min.insync.replicas=2 replicas in all",
    );
    expect(contract({ ...SETTINGS, faults: [kill, kill] })["lost-write"]).toBe(null);
    const flushed = { ...two, elr: false, topics: [{ ...topic, flushed: true }] };
    expect(contract(flushed)["lost-write"]).toBe(null);
  });

  it("permits a broken quorum only when a voter's disk was lost", () => {
    const kill = {
      ...SETTINGS,
      faults: [
        fault("ProcessChaos", "kill", 3, "controller"),
        fault("HostChaos", "poweroff", 3, "controller"),
      ],
    };
    expect(contract(kill)["election-safety"]).toBe(null);
    const wipe = { ...SETTINGS, faults: [fault("HostChaos", "wipe", 1, "controller")] };
    expect(contract(wipe)["election-safety"]).toBe("HostChaos wipe");
    // A quorum that has forgotten who is in sync elects who once was.
    expect(contract(wipe)["lost-write"]).toBe("HostChaos wipe");
    expect(contract(kill)["lost-write"]).toBe(null);
  });

  it("judges a finding by the settings of its own topic, producer and group", () => {
    const audit = { ...topic, name: "audit", unclean: true, holders: ["broker-4", "broker-5"] };
    const weak = { ...producer, name: "logger", topic: "orders", acks: "1" as const };
    const wipes = { ...fault("HostChaos", "wipe", 2), names: ["broker-1", "broker-2"] };
    const settings: ContractSettings = {
      ...SETTINGS,
      topics: [{ ...topic, holders: ["broker-1", "broker-2", "broker-3"] }, audit],
      producers: [producer, weak],
    };
    const lost = (subject: object, over: Partial<ContractSettings> = {}): string | null =>
      permission({ ...settings, ...over }, "lost-write", subject);
    expect(lost({ topic: "audit" })).toBe("unclean.leader.election.enable=true");
    expect(lost({ topic: "orders", producer: "checkout" })).toBe(null);
    expect(lost({ topic: "orders", producer: "logger" })).toBe("acks=1");
    expect(lost({ topic: "orders", producer: "checkout" }, { faults: [wipes] })).toBe(
      "HostChaos wipe of min.insync.replicas=2 replicas",
    );
    const clean = { topics: [topic, { ...audit, unclean: false }], faults: [wipes] };
    expect(lost({ topic: "audit", producer: "none" }, clean)).toBe(null);
    // Kafka's own topics follow the brokers' settings.
    const otherTopics = { minIsr: 1, unclean: true, flushed: false };
    expect(lost({ topic: "__consumer_offsets" }, { otherTopics })).toBe(
      "unclean.leader.election.enable=true",
    );
    expect(lost({ topic: "orders", producer: "checkout" }, { otherTopics })).toBe(null);
  });

  it("tells the forms of an anomaly apart", () => {
    const weak = { ...SETTINGS, producers: [{ ...producer, acks: "1" as const }] };
    const of = (form: string): string | null => permission(weak, "inconsistent-offsets", { form });
    expect(of("ack-vs-poll")).toBe("acks=1");
    expect(of("poll-vs-poll")).toBe(null);
    expect(permission(weak, "lost-write", { form: "skipped" })).toBe(null);
    const [billing] = SETTINGS.consumers;
    const latest = { ...billing, name: "billing", autoOffsetReset: "latest" as const };
    expect(
      permission({ ...SETTINGS, consumers: [latest] }, "lost-write", { form: "skipped" }),
    ).toBe("auto.offset.reset=latest");
    expect(permission(SETTINGS, "duplicate", { form: "state expired" })).toBe(
      "producer.id.expiration.ms",
    );
    expect(permission(SETTINGS, "duplicate", { form: "new producer id" })).toBe(null);
    expect(permission(SETTINGS, "duplicate", { form: "unexplained" })).toBe(null);
  });

  it("permits what unclean elections do, by setting or by hand", () => {
    const set = contract({ ...SETTINGS, topics: [{ ...topic, unclean: true }] });
    expect(set["leader-completeness"]).toBe("unclean.leader.election.enable=true");
    const tool = contract({ ...SETTINGS, uncleanOperations: 1 });
    expect(tool["lost-write"]).toBe("kafka-leader-election --election-type unclean");
    expect(tool["single-leader-per-epoch"]).toBe(null);
  });
});
