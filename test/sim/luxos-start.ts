// A simulated machine with a session of the driver at it, and a clock that the test moves.

import type { Setting } from "../../drivers/contract/controls.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import { luxos } from "../../drivers/luxos/index.ts";
import { exchange } from "../../drivers/transport/tcp.ts";
import { LuxosMachine } from "./luxos.ts";

const never = new AbortController().signal;
export const MINUTE = 60_000;

/** Hashing for ten minutes, at a clock that only the test moves, or that each look moves by `tick`. */
export async function startLuxos(tick = 0) {
  let time = 1_800_000_000_000;
  const now = (): EpochMs => {
    time += tick;
    return epochMs(time);
  };
  const machine = new LuxosMachine({ seed: 7, now });
  await machine.start();
  const later = (ms: number) => {
    time += ms;
  };
  later(10 * MINUTE);
  const { host, port } = machine.address;
  const options = luxos.options.parse({
    driver: "luxos",
    host,
    port,
    deadlineSeconds: 2,
    pauseSeconds: 0,
  });
  const session = luxos.connect(options, { now: () => epochMs(time) });
  const ask = async (command: string, parameter?: string) => {
    const payload = JSON.stringify({ command, ...(parameter === undefined ? {} : { parameter }) });
    const text = await exchange({ host, port, payload, deadline: 2000 });
    return { text, answer: JSON.parse(text.replace("\0", "")) };
  };
  const logon = async () => (await ask("logon")).answer.SESSION[0].SessionID as string;
  const read = () => session.read(never);
  const write = (...settings: Setting[]) => session.write(settings, never);
  return { machine, session, ask, logon, read, write, later };
}
