// How near a machine is to its heat limits.

import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Celsius, EpochMs } from "../../drivers/contract/units.ts";
import type { DeviceState } from "../state/device-state.ts";
import { believable, drift } from "../state/samples.ts";
import type { HeatLimits } from "./policies.ts";

export interface Heat {
  readonly words: string;
  /** Kelvin above the limit, of the sensor nearest to its own; negative below. */
  readonly over: number;
  /** Kelvin above the start of easing off, of the sensor nearest to its own; negative below. */
  readonly overSoft: number;
}

/** Kelvin below its limit from which a sensor of a board or regulator asks for less power. */
const SOFT_MARGIN = 3;

/** All sensors together. Margins differ, so that the nearest to its limit need not be the first to ease off. */
export function hottest(telemetry: Telemetry, limits: HeatLimits): Heat | undefined {
  const { chip, board, regulator, inlet } = telemetry.temperature ?? {};
  const found = [
    heatOf("chip", chip, limits.chip, limits.chip - limits.chipSoft),
    heatOf("board", board, limits.board, SOFT_MARGIN),
    heatOf("regulator", regulator, limits.regulator, SOFT_MARGIN),
    softOnly(heatOf("inlet", inlet, limits.inlet, 0)),
  ].filter((heat) => heat !== undefined);
  const nearest = found.toSorted((a, b) => b.over - a.over)[0];
  const easing = found.toSorted((a, b) => b.overSoft - a.overSoft)[0];
  if (nearest === undefined || easing === undefined) return undefined;
  const { words } = nearest.over >= 0 ? nearest : easing;
  return { words, over: nearest.over, overSoft: easing.overSoft };
}

const softOnly = (heat: Heat | undefined): Heat | undefined =>
  heat === undefined ? undefined : { ...heat, over: -Infinity };

function heatOf(
  name: string,
  reading: Reading<Celsius> | undefined,
  limit: Celsius | undefined,
  margin: number,
): Heat | undefined {
  if (reading === undefined || limit === undefined || reading.quality !== "ok") return undefined;
  return {
    words: `${name} ${reading.value.toFixed(0)} °C, limit ${limit.toFixed(0)} °C`,
    over: reading.value - limit,
    overSoft: reading.value - limit + margin,
  };
}

const MINUTE = 60_000;
/** Percent of the full duty from which fans have nothing left. */
const AT_THEIR_END = 95;
/** Mining that starts with fans at rest overshoots until they have wound up. */
const WINDS_UP = 10 * MINUTE;
/** Longest start after a change that restarts: power up, tune up, first hashes. */
const STARTS_WITHIN = 30 * MINUTE;
/** K above the soft limit, and K below the stop, between which a firmware may hold its chips. */
const MOST_OVER_SOFT = 3;
const CLEAR_OF_STOP = 2;
/** K a minute: rounding of whole degrees, not a rise. */
const STEADY = 0.25;
/** What is seen for less time has no slope yet. */
const UNTIL_A_SLOPE = 5 * MINUTE;

/**
 * Whether chips above their soft limit are in the firmware's hands: its fans have reserve, and the chips
 * neither warm further nor come near the stop. Less power would not cool a machine whose fans aim at this
 * temperature; it would only cost hashes. The stop itself, the other sensors and machines that tell no
 * fans know no such patience.
 */
export function isHeldByFans(
  state: DeviceState,
  telemetry: Telemetry,
  limits: HeatLimits,
  now: EpochMs,
): boolean {
  const slope = drift(state.samples, now);
  const steady = slope !== undefined && slope <= STEADY;
  return steady && isNotFarOver(telemetry, limits) && haveReserve(telemetry, limits);
}

/** Too early to tell whether the fans hold the chips: mining has just started, or was never seen before. */
export function windsUp(
  state: DeviceState,
  telemetry: Telemetry,
  limits: HeatLimits,
  now: EpochMs,
): boolean {
  if (!haveReserve(telemetry, limits)) return false;
  const rested = now - state.steadySince;
  if (rested < WINDS_UP && startedLately(state, telemetry, now)) return true;
  const unknown = drift(state.samples, now) === undefined && rested < UNTIL_A_SLOPE;
  return unknown && isNotFarOver(telemetry, limits);
}

function isNotFarOver({ temperature }: Telemetry, limits: HeatLimits): boolean {
  const chip = believable(temperature?.chip) ?? Number.POSITIVE_INFINITY;
  return chip <= limits.chipSoft + MOST_OVER_SOFT && chip <= limits.chip - CLEAR_OF_STOP;
}

/** Fans that could turn faster, and no other sensor that asks for less power. */
function haveReserve(telemetry: Telemetry, limits: HeatLimits): boolean {
  const { chip: reading, ...others } = telemetry.temperature ?? {};
  const chip = believable(reading);
  const duty = automaticDuty(telemetry);
  if (chip === undefined || chip >= limits.chip) return false;
  if (duty === undefined || duty >= AT_THEIR_END) return false;
  return (hottest({ ...telemetry, temperature: others }, limits)?.overSoft ?? -1) < 0;
}

/** By itself or by a change of ours. */
function startedLately({ restarts }: DeviceState, { uptime }: Telemetry, now: EpochMs): boolean {
  const last = restarts.at(-1);
  const asked = last !== undefined && now - last < STARTS_WITHIN;
  return asked || (uptime !== undefined && uptime.value < STARTS_WITHIN);
}

/** Percent of the busiest fan; undefined where one is not told, or somebody fixed them. */
export function automaticDuty({ fans, setpoint }: Telemetry): number | undefined {
  if (setpoint.fan !== undefined && setpoint.fan.value !== "auto") return undefined;
  const duties = fans.map((fan) => believable(fan.duty));
  if (duties.length === 0 || duties.includes(undefined)) return undefined;
  return Math.max(...duties.map((duty) => duty ?? 0));
}
