// What `nockd scan` knows of each kind of machine without credentials: an address from DHCP changes, a MAC
// or a serial number does not.

import { afterEach, expect, test } from "vitest";
import { type DriverKind, identify } from "../drivers/index.ts";
import { openProbe } from "../drivers/transport/probe.ts";
import { startBench } from "./sim/bench.ts";
import type { SimulatedMachine } from "./sim/machine.ts";

type Fact = "model" | "firmwareVersion" | "mac" | "serial";

interface Known {
  readonly facts: readonly Fact[];
  /** Why what is missing is missing. */
  readonly without?: string;
}

const ALL: readonly Fact[] = ["model", "firmwareVersion", "mac", "serial"];
const PASSWORD = "the rest is behind the password";

const KNOWN: { readonly [Kind in DriverKind]: Known } = {
  luxos: { facts: ALL },
  whatsminer: { facts: ALL },
  avalon: { facts: ALL },
  bitaxe: { facts: ["model", "firmwareVersion", "mac"], without: "it has no serial number" },
  braiins: { facts: ["firmwareVersion"], without: PASSWORD },
  epic: { facts: ["model", "firmwareVersion", "serial"], without: "no known answer has the MAC" },
  vnish: {
    facts: ["model", "firmwareVersion", "mac"],
    without: "its serial number is N/A",
  },
  innosilicon: { facts: [], without: PASSWORD },
  ebang: { facts: [], without: PASSWORD },
  proto: { facts: ALL },
  auradine: { facts: ["model", "firmwareVersion"], without: PASSWORD },
  sealminer: { facts: ALL },
  elphapex: { facts: [], without: PASSWORD },
  goldshell: { facts: [], without: PASSWORD },
  iceriver: { facts: [], without: PASSWORD },
  antminer: { facts: ["model", "firmwareVersion"], without: PASSWORD },
};

let machine: SimulatedMachine | undefined;
afterEach(() => machine?.stop());

test.each(Object.entries(KNOWN))("%s", async (kind, { facts, without }) => {
  const bench = await startBench(kind as DriverKind);
  machine = bench.machine;
  const sighting = await identify(openProbe({ ...machine.address, deadline: 5000 }));
  expect(sighting?.driver).toBe(kind);
  const identity = sighting?.identity;
  expect(ALL.filter((fact) => identity?.[fact] !== undefined)).toEqual(facts);
  if (identity?.mac !== undefined) expect(identity.mac).toMatch(/^([0-9A-F]{2}:){5}[0-9A-F]{2}$/);
  expect(without === undefined).toBe(facts.length === ALL.length);
});
