// How near a machine is to its heat limits.

import type { Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Celsius } from "../../drivers/contract/units.ts";
import type { HeatLimits } from "./policies.ts";

export interface Heat {
  readonly words: string;
  /** Kelvin above the limit; negative below. */
  readonly over: number;
  /** The same for the start of easing off. */
  readonly soft: number;
}

/** Kelvin below its limit from which a sensor of a board or regulator asks for less power. */
const SOFT_MARGIN = 3;

/** The sensor that is nearest to its limit. */
export function hottest(telemetry: Telemetry, limits: HeatLimits): Heat | undefined {
  const { chip, board, regulator } = telemetry.temperature ?? {};
  const found = [
    heatOf("chip", chip, limits.chip, limits.chip - limits.chipSoft),
    heatOf("board", board, limits.board, SOFT_MARGIN),
    heatOf("regulator", regulator, limits.regulator, SOFT_MARGIN),
  ].filter((heat) => heat !== undefined);
  return found.sort((a, b) => b.over - a.over)[0];
}

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
    soft: -margin,
  };
}
