// What the PUT requests of the REST API do.

import * as z from "zod";
import { ALLOWED, type SimulatedPool } from "./braiins-bos.ts";
import type { BraiinsMiner, HandPoint, MinerTarget } from "./braiins-miner.ts";
import type { HttpReply } from "./http-daemon.ts";

export interface Orderly {
  readonly miner: BraiinsMiner;
  locating: boolean;
  pools: readonly SimulatedPool[];
  reboot(): void;
}

const Watt = z.object({ watt: z.int() });
const Terahash = z.object({ terahash_per_second: z.number() });
const Hertz = z.object({ hertz: z.number() });
const Volt = z.object({ volt: z.number() });
const Mode = z.union([
  z.strictObject({
    manualmode: z.object({
      global_frequency: Hertz,
      global_voltage: Volt,
      hashboards: z.array(z.object({ id: z.string(), frequency: Hertz, voltage: Volt })),
    }),
  }),
  z.strictObject({
    tunermode: z.object({
      target: z.union([
        z.strictObject({ powertarget: z.object({ power_target: Watt }) }),
        z.strictObject({ hashratetarget: z.object({ hashrate_target: Terahash }) }),
      ]),
    }),
  }),
]);
const Groups = z.array(
  z.object({
    name: z.string(),
    load_balance_strategy: z.object({ quota: z.object({ value: z.int() }) }),
    pools: z.array(
      z.object({ enabled: z.boolean(), url: z.string(), user: z.string(), password: z.string() }),
    ),
  }),
);

class Refused extends Error {}

export function obey(bos: Orderly, method: string, path: string, body: string): HttpReply {
  const act = method === "PUT" ? ORDERS[path] : undefined;
  if (act === undefined) return { status: 404, body: "" };
  try {
    return { body: JSON.stringify(act(bos, body === "" ? undefined : JSON.parse(body))) };
  } catch (error) {
    if (error instanceof Refused) return { status: 400, body: error.message };
    if (error instanceof z.ZodError || error instanceof SyntaxError) {
      return { status: 400, body: "Failed to deserialize the JSON body into the target type" };
    }
    throw error;
  }
}

const ORDERS: Readonly<Record<string, (bos: Orderly, body: unknown) => unknown>> = {
  "performance/power-target": (bos, body) => {
    const { watt } = Watt.parse(body);
    return aim(bos, { kind: "power", watt }, body);
  },
  "performance/hashrate-target": (bos, body) => {
    const { terahash_per_second: terahash } = Terahash.parse(body);
    return aim(bos, { kind: "hashrate", terahash }, body);
  },
  "performance/mode": setMode,
  "actions/pause": (bos) => already(bos.miner.paused, () => bos.miner.pause()),
  "actions/resume": (bos) => already(!bos.miner.paused, () => bos.miner.resume()),
  "actions/restart": (bos) => already(false, () => bos.miner.restart()),
  "actions/reboot": (bos) => already(false, () => bos.reboot()),
  "actions/locate": (bos, body) => {
    bos.locating = z.boolean().parse(body);
    return bos.locating;
  },
  "pools/batch": (bos, body) => {
    const groups = Groups.parse(body);
    bos.pools = groups.flatMap((group) =>
      group.pools.map(({ url, user, password }) => ({ url, user, password })),
    );
    return groups;
  },
};

function already(so: boolean, act: () => void): boolean {
  if (!so) act();
  return so;
}

function aim(bos: Orderly, target: MinerTarget, answer: unknown): unknown {
  if (target.kind === "power") within("power target", target.watt, ALLOWED.power);
  else within("hashrate target", target.terahash, ALLOWED.hashrate);
  bos.miner.aim(target);
  return answer;
}

function setMode(bos: Orderly, body: unknown): unknown {
  const mode = Mode.parse(body);
  if ("tunermode" in mode) {
    const { target } = mode.tunermode;
    return "powertarget" in target
      ? aim(bos, { kind: "power", watt: target.powertarget.power_target.watt }, body)
      : aim(
          bos,
          {
            kind: "hashrate",
            terahash: target.hashratetarget.hashrate_target.terahash_per_second,
          },
          body,
        );
  }
  const { global_frequency: frequency, global_voltage: voltage, hashboards } = mode.manualmode;
  const points = bos.miner.plant.truth.boards.map((_, index): HandPoint => {
    const own = hashboards.find((board) => board.id === String(index + 1));
    return {
      frequency: (own?.frequency ?? frequency).hertz / 1e6,
      volts: (own?.voltage ?? voltage).volt,
    };
  });
  for (const point of points) {
    within("frequency", point.frequency, ALLOWED.frequency);
    within("voltage", point.volts, ALLOWED.voltage);
  }
  bos.miner.setByHand(points);
  return body;
}

function within(name: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value < min || value > max) {
    throw new Refused(`${name} ${value} is out of range <${min}, ${max}>`);
  }
}
