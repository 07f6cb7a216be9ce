// Boards and pools: the list answers.

import { present, reader, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Board, Pool, Reading } from "../contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  hashesPerSecond,
  type Millivolts,
  megahertz,
} from "../contract/units.ts";
import type { WhatsminerModel } from "../hardware/whatsminer.ts";
import { type CgminerPool, cgminerPools } from "../transport/cgminer.ts";
import { rateOf, rateUnit } from "./rates.ts";
import type { Device } from "./wire.ts";

export interface BoardContext {
  readonly source: string;
  readonly at: EpochMs;
  readonly model: WhatsminerModel | undefined;
  /** H/s per MHz of the whole machine, from the summary. */
  readonly ratePerMegahertz: number | undefined;
  /** All boards hang on the one supply. */
  readonly voltage: Reading<Millivolts> | undefined;
}

export function decodeBoards(devices: readonly Device[], context: BoardContext): Board[] {
  const unit = rateUnit(devices);
  return devices.map((device, position) =>
    decodeBoard(device, position, devices.length, unit, context),
  );
}

function decodeBoard(
  device: Device,
  position: number,
  count: number,
  unit: number,
  context: BoardContext,
): Board {
  const { source, at, model, ratePerMegahertz } = context;
  const read = reader(source, at);
  const frequency = read(megahertz, device["Chip Frequency"]);
  const share =
    ratePerMegahertz === undefined ? undefined : ratePerMegahertz / (model?.boards ?? count);
  const ideal = share === undefined || !frequency?.value ? undefined : frequency.value * share;
  return {
    index: toNumber(device.Slot) ?? toNumber(device.ASC) ?? position,
    ...present({
      serial: toText(device["PCB SN"]),
      hashrate: rateOf(
        device,
        ["MHS 5m", "HS RT", "MHS 1m", "MHS 15m", "MHS 5s"],
        unit,
        source,
        at,
      ),
      ideal: read(hashesPerSecond, ideal),
      chips: read(Number, device["Effective Chips"]),
      chipsExpected: model?.chipsPerBoard,
      chipTemperature: temperature(read, device["Chip Temp Max"]),
      boardTemperature: temperature(read, device.Temperature),
      frequency,
      voltage: context.voltage,
      hardwareErrors: read(Number, device["Hardware Errors"]),
      enabled: toBoolean(device.Enabled),
    }),
  };
}

/**
 * Exactly 0 is what these firmwares print for a sensor that they do not have (chips and board of an
 * M53); it and what no silicon survives is shown but not believed.
 */
export function temperature(
  read: ReturnType<typeof reader>,
  raw: unknown,
): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  const believable = value !== undefined && value !== 0 && value > -50 && value < 150;
  return read(celsius, raw, believable ? "ok" : "implausible");
}

export function decodePools(pools: readonly CgminerPool[]): Pool[] {
  // Programs that are cgminer still (2018 to 2020) count from 0, btminer from 1.
  const first = pools.some((pool) => toNumber(pool.POOL) === 0) ? 0 : 1;
  return cgminerPools(
    pools.map((pool, position) => ({
      ...pool,
      POOL: (toNumber(pool.POOL) ?? position + first) - first,
    })),
  );
}
