// How near a machine is to its heat limits.

import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Celsius } from "../../drivers/contract/units.ts";
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
