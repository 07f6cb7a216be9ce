// The machines whose replies are twisted: the simulated one of each driver, and one for each further protocol
// that a driver speaks.

import type { Session } from "../../drivers/contract/driver.ts";
import { epochMs } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions, type DriverKind, drivers } from "../../drivers/index.ts";
import { BOSMINER } from "../drivers/braiins/bosminer.ts";
import { GraphqlMachine } from "../drivers/braiins/graphql-machine.ts";
import { startBench } from "../sim/bench.ts";
import { TcpDaemon } from "../sim/tcp-daemon.ts";
import { WhatsminerV3Machine } from "../sim/whatsminer-v3.ts";

export interface FuzzMachine {
  readonly name: string;
  readonly kind: DriverKind;
  readonly start: () => Promise<Running>;
}

export interface Running {
  readonly options: DeviceOptions;
  readonly now: number;
  readonly stop: () => Promise<void>;
}

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

// The registry knows the names of its drivers; their type calls each a string.
const kinds = drivers.map(({ kind }) => kind as DriverKind);

export const MACHINES: readonly FuzzMachine[] = [
  ...kinds.map((kind) => ({ name: kind, kind, start: () => simulated(kind) })),
  { name: "whatsminer-v3", kind: "whatsminer", start: whatsminerV3 },
  { name: "braiins-graphql", kind: "braiins", start: braiinsGraphql },
  { name: "braiins-cgminer", kind: "braiins", start: braiinsCgminer },
];

/** Time stands: the same reply gives the same reading. */
export function open(options: DeviceOptions, now: number): Session {
  return connectDevice(options, { now: () => epochMs(now) });
}

async function simulated(kind: DriverKind): Promise<Running> {
  const { machine, options, now } = await startBench(kind);
  return { options, now: now(), stop: () => machine.stop() };
}

async function whatsminerV3(): Promise<Running> {
  let time = NOW;
  const machine = new WhatsminerV3Machine({ host: "127.0.0.1", seed: 7, now: () => epochMs(time) });
  await machine.start();
  time += HOUR;
  machine.miner.advance(epochMs(time));
  const options = parse("whatsminer", { ...machine.address, password: "Miner_42" });
  return { options, now: time, stop: () => machine.stop() };
}

async function braiinsGraphql(): Promise<Running> {
  const { daemon } = new GraphqlMachine();
  const httpPort = await daemon.start();
  const options = parse("braiins", { port: 1, httpPort, password: "root" });
  return { options, now: NOW, stop: () => daemon.stop() };
}

async function braiinsCgminer(): Promise<Running> {
  const daemon = new TcpDaemon({ host: "127.0.0.1", port: 0, reply: bosminer });
  const port = await daemon.start();
  const options = parse("braiins", { port, httpPort: 1, api: "cgminer" });
  return { options, now: NOW, stop: () => daemon.stop() };
}

function bosminer(request: string): string {
  const { command } = JSON.parse(request) as { readonly command: string };
  const names = command.split("+").filter((name) => name in BOSMINER);
  return JSON.stringify({
    ...Object.fromEntries(names.map((name) => [name, [BOSMINER[name]]])),
    id: 1,
  });
}

function parse(driver: DriverKind, more: Readonly<Record<string, unknown>>): DeviceOptions {
  return DeviceOptions.parse({ driver, host: "127.0.0.1", deadlineSeconds: 2, ...more });
}
