// The simulated machine of each driver: one line a driver, as in the registry.

import type { DriverKind } from "../../drivers/index.ts";
import { AntminerMachine } from "./antminer.ts";
import { AuradineMachine } from "./auradine.ts";
import { AvalonMachine } from "./avalon.ts";
import { BitaxeMachine } from "./bitaxe.ts";
import { BraiinsMachine } from "./braiins.ts";
import { EbangMachine } from "./ebang.ts";
import { ElphapexMachine } from "./elphapex.ts";
import { EpicMachine } from "./epic.ts";
import { GoldshellMachine } from "./goldshell.ts";
import { IceriverMachine } from "./iceriver.ts";
import { InnosiliconMachine } from "./innosilicon.ts";
import { LuxosMachine } from "./luxos.ts";
import type { MachineOptions, SimulatedMachine } from "./machine.ts";
import { ProtoMachine } from "./proto.ts";
import { SealminerMachine } from "./sealminer.ts";
import { VnishMachine } from "./vnish.ts";
import { WhatsminerMachine } from "./whatsminer.ts";
import { WhatsminerV3Machine } from "./whatsminer-v3.ts";

export interface Simulated {
  readonly make: (options: MachineOptions) => SimulatedMachine & { readonly connections: number };
  /** What a configuration adds to the address. */
  readonly options: Readonly<Record<string, unknown>>;
}

export const SIMULATED: { readonly [Name in DriverKind]: Simulated } = {
  // A pause in real seconds would outlive the session of a machine whose time runs fast.
  luxos: {
    make: (options) => new LuxosMachine({ ...options, psuMeasured: true }),
    options: { pauseSeconds: 0 },
  },
  whatsminer: {
    make: (options) => new WhatsminerMachine({ ...options, password: "Miner_42" }),
    options: { password: "Miner_42" },
  },
  antminer: {
    make: (options) => new AntminerMachine(options),
    options: { username: "root", password: "root" },
  },
  avalon: { make: (options) => new AvalonMachine(options), options: { password: "admin" } },
  bitaxe: { make: (options) => new BitaxeMachine(options), options: {} },
  braiins: { make: (options) => new BraiinsMachine(options), options: { password: "root" } },
  epic: { make: (options) => new EpicMachine(options), options: { password: "letmein" } },
  vnish: { make: (options) => new VnishMachine(options), options: { password: "admin" } },
  innosilicon: {
    make: (options) => new InnosiliconMachine(options),
    options: { password: "admin" },
  },
  ebang: { make: (options) => new EbangMachine(options), options: { password: "admin" } },
  proto: {
    make: (options) => new ProtoMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
  auradine: {
    make: (options) => new AuradineMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
  sealminer: {
    make: (options) => new SealminerMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
  elphapex: {
    make: (options) => new ElphapexMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
  goldshell: {
    make: (options) => new GoldshellMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
  iceriver: {
    make: (options) => new IceriverMachine({ ...options, password: "secret" }),
    options: { password: "secret" },
  },
};

export interface Variant extends Simulated {
  readonly kind: DriverKind;
  /** `whatsminer`, and `whatsminer, API 3` for another machine of the same driver. */
  readonly name: string;
}

/** Each driver's machine, and others of the same driver that answer in another way. */
export const VARIANTS: readonly Variant[] = [
  ...Object.entries(SIMULATED).map(([kind, simulated]) => ({
    // Object.entries forgets that the keys are kinds.
    kind: kind as DriverKind,
    name: kind,
    ...simulated,
  })),
  {
    kind: "whatsminer",
    name: "whatsminer, API 3",
    make: (options) => new WhatsminerV3Machine({ ...options, password: "Miner_42" }),
    options: { password: "Miner_42" },
  },
  {
    kind: "luxos",
    name: "luxos, power estimated",
    make: (options) => new LuxosMachine({ ...options, psuMeasured: false }),
    options: { pauseSeconds: 0 },
  },
  {
    kind: "luxos",
    name: "luxos, by hand",
    make: (options) => new LuxosMachine({ ...options, psuMeasured: true, byHand: true }),
    options: { pauseSeconds: 0 },
  },
  {
    kind: "antminer",
    name: "antminer, supply not readable",
    make: (options) => new AntminerMachine({ ...options, powerPort: false }),
    options: { username: "root", password: "root" },
  },
  {
    kind: "vnish",
    name: "vnish, by hand",
    make: (options) => new VnishMachine({ ...options, byHand: true }),
    options: { password: "admin" },
  },
  {
    kind: "avalon",
    name: "avalon, empty estats",
    make: (options) => new AvalonMachine({ ...options, emptyEstats: true }),
    options: { password: "admin" },
  },
];
