// Boards and pools of API 3.x: the list answers.

import { present, reader, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Board, Pool, RateReading, Reading } from "../contract/telemetry.ts";
import {
  epochMs,
  hashesPerSecond,
  type Millivolts,
  megahertz,
  milliseconds,
  millivolts,
} from "../contract/units.ts";
import type { WhatsminerModel } from "../hardware/whatsminer.ts";
import { poolState } from "../transport/cgminer.ts";
import type { Known } from "./answers.ts";
import { temperature } from "./decode-boards.ts";
import { scaled, TERA } from "./rates.ts";
import { parsed } from "./reply.ts";
import { Device, type DeviceInfo, type Status, Pool as WirePool } from "./wire-v3.ts";

interface Sources {
  readonly info: Known<DeviceInfo>;
  readonly status?: Known<Status> | undefined;
}

const SECOND = 1000;
/** As in API 1.x and 2.x, where it is a mean of 5 min. */
const REALTIME_WINDOW = milliseconds(300 * SECOND);

export function decodeBoardsV3(
  { info, status }: Sources,
  model: WhatsminerModel | undefined,
  slope: number | undefined,
): Board[] {
  if (status === undefined) return [];
  const heats = status.value.summary?.["board-temperature"];
  const devices = parsed(status.value.edevs ?? [], Device);
  return devices.map((device, position) => {
    const slot = toNumber(device.slot) ?? toNumber(device.id) ?? position;
    const heat: unknown = Array.isArray(heats) ? heats[slot] : undefined;
    const share = slope === undefined ? undefined : slope / (model?.boards ?? devices.length);
    return decodeBoard(device, slot, { info, status, heat, model, share });
  });
}

interface Surroundings {
  readonly info: Known<DeviceInfo>;
  readonly status: Known<Status>;
  /** Of this board. */
  readonly heat: unknown;
  readonly model: WhatsminerModel | undefined;
  /** H/s per MHz of one board. */
  readonly share: number | undefined;
}

function decodeBoard(device: Device, slot: number, around: Surroundings): Board {
  const { info, status, heat, model, share } = around;
  const read = reader(status.source, status.at);
  const frequency = read(megahertz, device.freq);
  return {
    index: slot,
    ...present({
      serial: toText(info.value.miner?.[`pcbsn${slot}`]),
      hashrate: rateOf(device, status),
      ideal:
        share && frequency?.value
          ? read(hashesPerSecond, scaled(frequency.value, share))
          : undefined,
      chips: read(Number, device["effective-chips"]),
      chipsExpected: model?.chipsPerBoard,
      chipTemperature: temperature(read, device["chip-temp-max"]),
      boardTemperature: temperature(read, heat),
      frequency,
      voltage: supplyVoltage(info),
    }),
  };
}

function rateOf(device: Device, status: Known<Status>): RateReading | undefined {
  const read = reader(status.source, status.at);
  const rate = (raw: unknown) => read(hashesPerSecond, scaled(raw, TERA));
  const realtime = rate(device["hash-realtime"]);
  if (realtime !== undefined) return { ...realtime, window: REALTIME_WINDOW };
  const average = rate(device["hash-average"]);
  const window = scaled(status.value.summary?.elapsed, SECOND);
  if (average === undefined || window === undefined) return undefined;
  return { ...average, window: milliseconds(window) };
}

/** 1222 is 12.22 V (M50_VH84, 20250915.16.Rel2); all boards hang on the one supply. */
function supplyVoltage(info: Known<DeviceInfo>): Reading<Millivolts> | undefined {
  const value = scaled(info.value.power?.vout, 10);
  return value ? reader(info.source, info.at)(millivolts, value) : undefined;
}

export function decodePoolsV3(records: readonly unknown[]): Pool[] {
  return parsed(records, WirePool).flatMap((pool, position) => {
    const url = toText(pool.url);
    // An unused slot has neither address nor worker.
    if (url === undefined) return [];
    const lastShare = scaled(pool["last-share-time"], SECOND);
    return {
      index: (toNumber(pool.id) ?? position + 1) - 1,
      url,
      user: toText(pool.account) ?? "",
      status: poolState(pool.status),
      ...present({
        active: toBoolean(pool["stratum-active"]),
        difficulty: toNumber(pool["stratum-diff"]),
        lastShareAt: lastShare ? epochMs(lastShare) : undefined,
      }),
    };
  });
}
