// From wishes to one change of the stored settings, and the orders that go with it.

import type { PoolConfig, Setting } from "../contract/controls.ts";
import { toNumber, toText } from "../contract/decoding.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Celsius, Megahertz, Millivolts } from "../contract/units.ts";
import { overclockOf } from "./known.ts";
import { chainsApart, commonClock } from "./offsets.ts";
import { withoutScheme } from "./pool-url.ts";
import { MANUAL } from "./presets.ts";
import type { MinerPatch, Settings } from "./wire.ts";

export interface Order {
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Plan {
  /** One request, so that frequency and voltage arrive together and no order between them can be wrong. */
  readonly patch?: MinerPatch;
  /** A stored change may wait for a restart of the miner program. */
  readonly restartIfAsked: boolean;
  readonly orders: readonly Order[];
}

/** What the plan depends on. `settings` must be fresh: what others changed meanwhile has to stay. */
export interface Present {
  readonly settings: Settings | undefined;
  readonly frequency: Megahertz | undefined;
  readonly voltage: Millivolts | undefined;
  /** Figures by hand are at work: what is stored of boards and chips is no mere memory. */
  readonly manual: boolean;
  readonly asleep: boolean;
  /** What the automatic fans aimed at when that was last seen. */
  readonly fanTarget: Celsius | undefined;
}

/** The setting of a captured S21 Pro: taken when a machine's own target was never seen. */
const USUAL_FAN_TARGET = 65;

const STORED: ReadonlySet<Setting["knob"]> = new Set([
  "frequency",
  "voltage",
  "boardOffsets",
  "chipOffsets",
  "profile",
  "autotune",
  "fan",
  "pools",
]);

/** The wishes change what is stored, so that it must be read first. */
export const isStored = (settings: readonly Setting[]): boolean =>
  settings.some((setting) => STORED.has(setting.knob));

/** Throws INVALID_SETTING when wishes contradict each other or the present point is not known. */
export function encode(settings: readonly Setting[], now: Present): Plan {
  const overclock = encodeOverclock(settings, now);
  const cooling = encodeCooling(settings, now);
  const wish = settings.find((setting) => setting.knob === "pools");
  const pools = wish?.knob === "pools" ? encodePools(wish.value, now) : undefined;
  const patch: MinerPatch = {
    ...(overclock === undefined ? {} : { overclock }),
    ...(cooling === undefined ? {} : { cooling }),
    ...(pools === undefined ? {} : { pools }),
  };
  const orders = settings
    .flatMap((setting) => orderOf(setting) ?? [])
    .sort((a, b) => rank(a) - rank(b));
  const starts = orders.some(({ path }) => STARTS.has(path));
  return {
    ...(Object.keys(patch).length === 0 ? {} : { patch }),
    restartIfAsked: !now.asleep && !starts,
    orders,
  };
}

const STOP = "mining/stop";
const START = "mining/start";
export const RESTART = "mining/restart";
const REBOOT = "system/reboot";
/** The stored settings take effect with the next start anyway. */
const STARTS: ReadonlySet<string> = new Set([STOP, START, RESTART, REBOOT]);

function orderOf(setting: Setting): Order | undefined {
  switch (setting.knob) {
    case "powerPercent":
      return { path: "mining/throttle", body: { percent: Math.round(setting.value) } };
    case "sleep":
      return { path: setting.value ? STOP : START };
    case "locate":
      return { path: "find-miner", body: { on: setting.value } };
    case "restart":
      return { path: RESTART };
    case "reboot":
      return { path: REBOOT };
    default:
      return undefined;
  }
}

/** What stops or ends the miner program comes last. */
const rank = ({ path }: Order): number =>
  path === REBOOT ? 4 : path === RESTART ? 3 : path === STOP ? 2 : path === START ? 0 : 1;

function encodeOverclock(
  settings: readonly Setting[],
  now: Present,
): MinerPatch["overclock"] | undefined {
  const stored = overclockOf(now.settings);
  let patch: NonNullable<MinerPatch["overclock"]> = {};
  for (const setting of settings) {
    if (setting.knob === "autotune") {
      const switcher = { ...stored?.preset_switcher, enabled: setting.value };
      patch = { ...patch, preset_switcher: switcher };
    }
    // The preset alone: figures sent with it would be stored as its tuning.
    if (setting.knob === "profile") patch = { ...patch, preset: setting.value };
  }
  const point = encodePoint(settings, now);
  if (point !== undefined) {
    if (patch.preset !== undefined) {
      const words = `profile: ${JSON.stringify(patch.preset)} sets frequency and voltage itself`;
      throw new DeviceError("INVALID_SETTING", `${words}; wish for one of them`);
    }
    patch = { ...patch, preset: MANUAL, ...point };
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Both figures by hand: the one that is not wished for stays as it is. */
function encodePoint(settings: readonly Setting[], now: Present) {
  const frequency = settings.find((setting) => setting.knob === "frequency");
  const voltage = settings.find((setting) => setting.knob === "voltage");
  const boards = settings.find((setting) => setting.knob === "boardOffsets");
  const chips = settings.find((setting) => setting.knob === "chipOffsets");
  if ([frequency, voltage, boards, chips].every((wish) => wish === undefined)) return undefined;
  const stored = overclockOf(now.settings);
  const held = now.manual ? commonClock(now.settings) : undefined;
  const common = must(
    "frequency",
    frequency?.value ?? held ?? now.frequency ?? toNumber(stored?.globals?.freq),
  );
  const freq = Math.round(common);
  const tens = toNumber(stored?.globals?.volt);
  const volt = Math.round(
    must("voltage", voltage?.value ?? now.voltage ?? (tens && tens * 10)) / 10,
  );
  const apart = now.manual
    ? chainsApart(now.settings, common, {
        boardOffsets: boards?.value,
        chipOffsets: chips?.value,
      })
    : undefined;
  // Under a preset those of single boards and chips are memories that would override the machine's.
  const level = stored?.chains?.map((chain) => ({
    ...chain,
    freq,
    ...(chain.chips === undefined ? {} : { chips: chain.chips.map(() => 0) }),
  }));
  const chains = apart ?? level;
  return { globals: { freq, volt }, ...(chains === undefined ? {} : { chains }) };
}

function must(name: string, value: unknown): number {
  if (typeof value === "number" && value > 0) return value;
  throw new DeviceError(
    "INVALID_SETTING",
    `${name}: what it is now is not known, and it must stay`,
  );
}

function encodeCooling(
  settings: readonly Setting[],
  now: Present,
): MinerPatch["cooling"] | undefined {
  const wish = settings.find((setting) => setting.knob === "fan");
  if (wish?.knob !== "fan") return undefined;
  if (wish.value !== "auto") return { mode: { name: "manual", param: Math.round(wish.value) } };
  const limits = now.settings?.ui?.consts?.cooling;
  const least = toNumber(limits?.min_target_temp) ?? USUAL_FAN_TARGET;
  const most = toNumber(limits?.max_target_temp) ?? USUAL_FAN_TARGET;
  const usual = Math.max(least, Math.min(most, USUAL_FAN_TARGET));
  return { mode: { name: "auto", param: now.fanTarget ?? usual } };
}

/** Slots that held a pool and shall hold none are emptied. */
function encodePools(pools: readonly PoolConfig[], now: Present): MinerPatch["pools"] {
  const slots = Math.max(pools.length, now.settings?.miner?.pools?.length ?? 0);
  return Array.from({ length: slots }, (_, slot) => {
    const pool = pools[slot];
    return pool === undefined
      ? { url: "", user: "", pass: "" }
      : {
          url: withoutScheme(toText(pool.url) ?? ""),
          user: toText(pool.user) ?? "",
          pass: pool.password,
        };
  });
}
