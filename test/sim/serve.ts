// A process of its own for one simulated machine: `node dist/nockd-sim.mjs KIND [seed]`.
// Prints its address as one JSON line; ends with SIGTERM or when its standard input is closed.

import { systemClock } from "../../agent/clock.ts";
import { SIMULATED } from "./simulated.ts";

const [kind = "", seed = "1"] = process.argv.slice(2);
if (!(kind in SIMULATED) || !Number.isInteger(Number(seed))) {
  process.stderr.write(`usage: nockd-sim ${Object.keys(SIMULATED).join("|")} [seed]\n`);
  process.exit(2);
}
const options = { host: "127.0.0.1", seed: Number(seed), now: () => systemClock.now() };
const { make, options: more } = SIMULATED[kind as keyof typeof SIMULATED];
const machine = make(options);
await machine.start();
process.stdout.write(`${JSON.stringify({ driver: machine.kind, ...machine.address, ...more })}\n`);
const end = () => void machine.stop().then(() => process.exit(0));
process.once("SIGTERM", end);
process.stdin.once("end", end).resume();
