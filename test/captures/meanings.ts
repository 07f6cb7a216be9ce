// The words of the captures' index for what a Telemetry holds.

import { ALGORITHMS, formatRate } from "../../drivers/contract/algorithm.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";

const STATUS: Readonly<Record<string, string>> = { hashing: "Running", sleeping: "Sleep" };
const TERA = 1e12;
const tera = (value: number | undefined) => (value === undefined ? undefined : value / TERA);
const seconds = (value: number | undefined) => (value === undefined ? undefined : value / 1000);
const rateText = ({ hashrate, algorithm }: Telemetry) =>
  hashrate?.now && formatRate(hashrate.now.value, algorithm ?? "sha256");

/** Two sources may mean two things by one name: then one of the candidates must be what is stated. */
export const MEANINGS: Readonly<Record<string, (telemetry: Telemetry) => unknown>> = {
  mac: ({ identity }) => identity.mac,
  serial: ({ identity }) => identity.serial,
  hostname: ({ identity }) => identity.hostname,
  api_version: ({ identity }) => identity.apiVersion,
  firmware_version: ({ identity }) => identity.firmwareVersion,
  control_board: ({ identity }) => identity.controlBoard,
  status: ({ activity }) => STATUS[activity?.value ?? ""],
  is_mining: ({ activity }) => activity?.value === "hashing",
  algo: ({ algorithm }) => algorithm && ALGORITHMS[algorithm].name,
  uptime_s: ({ uptime }) => seconds(uptime?.value),
  hashrate: (telemetry) => anyOf(rateText(telemetry), telemetry.hashrate?.now?.value),
  hashrate_ths: ({ hashrate }) =>
    anyOf(
      tera(hashrate?.now?.value),
      tera(hashrate?.recent?.value),
      tera(hashrate?.average?.value),
    ),
  expected_hashrate_ths: ({ hashrate }) =>
    anyOf(tera(hashrate?.ideal?.value), tera(hashrate?.nameplate?.value)),
  expected_hashrate_mhs: ({ hashrate }) => hashrate?.ideal && hashrate.ideal.value / 1e6,
  wattage_w: ({ power }) => power?.value,
  power_target_w: ({ setpoint }) => setpoint.powerLimit?.value,
  power_limit_w: ({ setpoint }) => setpoint.powerLimit?.value,
  // The target that Dynamic Performance Scaling left; it was off in the capture.
  scaled_power_target_w: ({ setpoint }) => setpoint.powerLimit?.value,
  // LuxOS labels its profile with the watts that it tunes for.
  tuning_target_w: ({ setpoint, controls }) =>
    controls.profile?.choices.find(({ name }) => name === setpoint.profile?.value)?.power,
  boards: ({ boards }) => boards.length,
  hashboards: ({ boards }) => boards.length,
  chips: chipCount,
  total_chips: chipCount,
  chips_per_board: ({ boards }) => boards[0]?.chips?.value,
  fans: ({ fans }) =>
    anyOf(
      fans.length,
      fans.map(({ speed }) => speed?.value),
    ),
  fans_nonzero: ({ fans }) => fans.filter(({ speed }) => (speed?.value ?? 0) > 0).length,
  fan0_rpm: ({ fans }) => fans[0]?.speed?.value,
  fan_mode: ({ setpoint }) => (setpoint.fan?.value === "auto" ? "Auto" : "Manual"),
  pools: ({ pools }) => pools.length,
  pool_groups: ({ pools }) => new Set(pools.map(({ group }) => group)).size,
  light_flashing: ({ setpoint }) => setpoint.locate?.value,
  chip_temps_c: ({ boards }) => boards.map(({ chipTemperature }) => chipTemperature?.value),
  chip_temp_c: ({ boards }) => boards[0]?.chipTemperature?.value,
  // The Bitaxe's source files `vrTemp` under board; it is the regulator's own sensor.
  board_temp_c: ({ temperature }) => temperature?.regulator?.value,
  board0_active: ({ boards }) => boards[0]?.enabled,
  board0_chips: ({ boards }) => boards[0]?.chips?.value,
  board1_chips: ({ boards }) => boards[1]?.chips?.value,
  board3_chips: ({ boards }) => boards[3]?.chips?.value,
  board0_inlet_c: ({ boards }) => boards[0]?.inletTemperature?.value,
  board0_outlet_c: ({ boards }) => boards[0]?.outletTemperature?.value,
  board0_outlet_chip_temp_c: ({ boards }) => boards[0]?.chipTemperature?.value,
  board0_freq_mhz: ({ boards }) => boards[0]?.frequency?.value,
};

function chipCount({ boards }: Telemetry): number {
  return boards.reduce((sum, { chips }) => sum + (chips?.value ?? 0), 0);
}

export class Candidates {
  readonly values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}

const anyOf = (...values: readonly unknown[]): Candidates => new Candidates(values);

export function agrees(read: unknown, stated: unknown): boolean {
  if (read instanceof Candidates) return read.values.some((value) => agrees(value, stated));
  if (typeof read === "number" && typeof stated === "number") {
    return Math.abs(read - stated) <= 1e-6 * Math.max(1, Math.abs(stated));
  }
  if (typeof read === "string" && typeof stated === "string") {
    return read.toLowerCase() === stated.toLowerCase();
  }
  return JSON.stringify(read) === JSON.stringify(stated);
}
