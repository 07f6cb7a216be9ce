// Rates: GH/s on the wire, in windows that changed with the firmware.

import { presentOrNone, reader, toNumber } from "../contract/decoding.ts";
import type { Activity, RateReading, Reading, Telemetry } from "../contract/telemetry.ts";
import {
  type HashesPerSecond,
  hashesPerSecond,
  megahertz,
  milliseconds,
} from "../contract/units.ts";
import { type BitaxeModel, idealRate } from "../hardware/bitaxe.ts";
import { type Firmware, positive } from "./firmware.ts";
import type { Heard } from "./heard.ts";
import { PATHS } from "./wire.ts";

const GIGA = 1e9;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** The counters on the chips are read every 5 s (v2.11), later every second. */
const COUNTERS = 5 * SECOND;
/** Before: a mean over 100 nonces, smoothed; 300 to 350 s until a change has shown, on a Gamma. */
const NONCES = 5 * MINUTE;
/** Just after a start too few nonces are spread over too little time: 1.6 times was captured. */
const BELIEVABLE_SHARE = 2;

type Rates = NonNullable<Telemetry["hashrate"]>;

export function decodeHashrate(
  heard: Heard,
  firmware: Firmware,
  model: BitaxeModel | undefined,
  activity: Activity | undefined,
): Rates | undefined {
  const { info } = heard;
  const ideal = decodeIdeal(heard, model, activity);
  const rate = (raw: unknown, window: number) => decodeRate(heard, raw, window, ideal?.value);
  const windows = info.hashRate_1m ?? info.hashRate_10m ?? info.hashRate_1h;
  if (windows === undefined) {
    const counted = info.hashrateMonitor !== undefined;
    return presentOrNone({ now: rate(info.hashRate, counted ? COUNTERS : NONCES), ideal });
  }
  // On a NerdAxe without counters `hashRate` is a mean of ten minutes, and nothing tells which it is.
  const nerd = firmware.fork === "ESP-Miner-NerdQAxePlus";
  return presentOrNone({
    now: nerd ? rate(info.hashRate_1m, MINUTE) : rate(info.hashRate, COUNTERS),
    recent: nerd ? rate(info.hashRate_10m, 10 * MINUTE) : rate(info.hashRate_1m, MINUTE),
    average: rate(info.hashRate_1h, 60 * MINUTE),
    ideal,
  });
}

/**
 * From the frequency that the chips really run at. The firmware's own figure follows the wish, and is 0
 * in builds that lost their chip count; it only serves boards that are not in the table.
 */
function decodeIdeal(
  { info, at }: Heard,
  model: BitaxeModel | undefined,
  activity: Activity | undefined,
): Reading<HashesPerSecond> | undefined {
  if (activity === "sleeping" || activity === "stopped") return undefined;
  const frequency = positive(info.actualFrequency) ?? positive(info.frequency);
  const told = positive(info.expectedHashrate);
  const computed =
    model === undefined || frequency === undefined
      ? undefined
      : idealRate(model, megahertz(frequency));
  return reader(PATHS.info, at)(
    hashesPerSecond,
    computed ?? (told === undefined ? undefined : told * GIGA),
  );
}

function decodeRate(
  { at }: Heard,
  raw: unknown,
  window: number,
  ideal: HashesPerSecond | undefined,
): RateReading | undefined {
  const gigahashes = toNumber(raw);
  if (gigahashes === undefined) return undefined;
  const value = gigahashes * GIGA;
  const odd = value < 0 || (ideal !== undefined && value > ideal * BELIEVABLE_SHARE);
  const read = reader(PATHS.info, at)(hashesPerSecond, value, odd ? "implausible" : "ok");
  return read && { ...read, window: milliseconds(window) };
}
