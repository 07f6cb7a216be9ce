// A process of its own for one simulated machine: `node dist/nockd-sim.mjs luxos|whatsminer|antminer [seed]`.
// Prints its address as one JSON line; ends with SIGTERM or when its standard input is closed.

import { systemClock } from "../../agent/clock.ts";
import { AntminerMachine } from "./antminer.ts";
import { LuxosMachine } from "./luxos.ts";
import type { SimulatedMachine } from "./machine.ts";
import { WhatsminerMachine } from "./whatsminer.ts";

const KINDS = { luxos: LuxosMachine, whatsminer: WhatsminerMachine, antminer: AntminerMachine };

const [kind = "", seed = "1"] = process.argv.slice(2);
if (!(kind in KINDS) || !Number.isInteger(Number(seed))) {
  process.stderr.write(`usage: nockd-sim ${Object.keys(KINDS).join("|")} [seed]\n`);
  process.exit(2);
}
const options = { host: "127.0.0.1", seed: Number(seed), now: () => systemClock.now() };
const machine: SimulatedMachine = new KINDS[kind as keyof typeof KINDS](options);
await machine.start();
process.stdout.write(`${JSON.stringify({ driver: machine.kind, ...machine.address })}\n`);
const end = () => void machine.stop().then(() => process.exit(0));
process.once("SIGTERM", end);
process.stdin.once("end", end).resume();
