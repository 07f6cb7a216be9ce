// The GET answers of the REST API, in the shape that the driver's wire schemas give.

import type { Answer, QuestionName } from "../../drivers/braiins/rest/wire.ts";
import { type Bos, gigahash, seconds, timestamp } from "./braiins-bos.ts";
import {
  configuration,
  constraints,
  targetProfiles,
  tunerState,
} from "./braiins-tuning-answers.ts";
import type { BoardTruth } from "./plant-truth.ts";

export const ANSWERS: { readonly [Name in QuestionName]: (bos: Bos) => Answer<Name> } = {
  version: () => ({ major: 1, minor: 0, patch: 0 }),
  details,
  stats,
  hashboards,
  cooling,
  tunerState,
  targetProfiles,
  configuration,
  constraints,
  pools,
  errors: () => ({ errors: [] }),
  locate: (bos) => bos.locating,
};

function details({ miner, now, bootedAt }: Bos): Answer<"details"> {
  return {
    bos_mode: 4,
    bos_version: {
      bos_plus: true,
      current: "2025-08-06-0-3881c51d-25.07-plus",
      major: "2022-09-13-0-11012d53-22.08-plus",
    },
    bosminer_uptime_s: seconds(miner.startedAt, now),
    control_board_soc_family: 3,
    hostname: "Antminer",
    kernel_version: "4.9.113",
    mac_address: "02:ee:da:00:00:01",
    miner_identity: {
      brand: 1,
      miner_model: "Antminer S19 XP",
      model: 18,
      name: "Antminer S19 XP",
    },
    platform: 4,
    psu_info: {
      fw_version: null,
      max_voltage: { volt: 15.2 },
      min_voltage: { volt: 11.96 },
      model_name: "APW121215d/e",
      version: 117,
    },
    status: miner.status,
    sticker_hashrate: { gigahash_per_second: 141_000 },
    system_uptime_s: seconds(bootedAt, now),
    uid: "simulated",
  };
}

function realHashrate({ miner }: Bos, boards: readonly number[]) {
  const sum = (window: number) =>
    gigahash(boards.reduce((total, board) => total + (miner.meters[board]?.rate(window) ?? 0), 0));
  return {
    last_5s: sum(5e3),
    last_15s: sum(15e3),
    last_30s: sum(30e3),
    last_1m: sum(60e3),
    last_5m: sum(300e3),
    last_15m: sum(900e3),
    last_30m: sum(1800e3),
    last_1h: sum(3600e3),
    last_24h: sum(86_400e3),
    since_restart: gigahash(
      boards.reduce((total, board) => total + (miner.meters[board]?.average() ?? 0), 0),
    ),
  };
}

function stats(bos: Bos): Answer<"stats"> {
  const { boards } = bos.miner.plant.truth;
  const consumption = bos.miner.consumption;
  const ideal = boards.reduce((sum, board) => sum + board.ideal, 0);
  return {
    miner_stats: {
      error_hashrate: { megahash_per_second: 0 },
      nominal_hashrate: gigahash(ideal),
      real_hashrate: realHashrate(bos, [...boards.keys()]),
    },
    pool_stats: {
      accepted_shares: 10_464 + seconds(bos.miner.startedAt, bos.now),
      last_difficulty: 262_144,
      last_share_time: timestamp(bos.now - 4000),
      rejected_shares: 18,
      stale_shares: 0,
    },
    power_stats: {
      approximated_consumption: { watt: Math.round(consumption) },
      efficiency: { joule_per_terahash: ideal > 0 ? consumption / (ideal / 1e12) : 0 },
    },
  };
}

function hashboards(bos: Bos): Answer<"hashboards"> {
  return {
    hashboards: bos.miner.plant.truth.boards.map((board, index) => hashboard(bos, board, index)),
  };
}

function hashboard(bos: Bos, board: BoardTruth, index: number) {
  const outlet = bos.sensor(board.boardTemperature);
  return {
    board_name: "BHB56801",
    board_temp: { degree_c: outlet },
    chip_type: "BM1366",
    chips_count: board.chips,
    current_frequency: { hertz: Math.round(board.frequency * 1e6) },
    current_voltage: { volt: board.voltage / 1000 },
    enabled: true,
    highest_chip_temp: {
      id: index + 1,
      location: 1,
      temperature: { degree_c: bos.sensor(board.chipTemperature) },
    },
    highest_outlet_temp: { degree_c: outlet },
    id: String(index + 1),
    lowest_inlet_temp: { degree_c: bos.sensor((bos.miner.plant.truth.inlet + outlet) / 2) },
    model: "BHB56801",
    serial_number: `SIMULATED${index + 1}`,
    stats: {
      error_hashrate: { megahash_per_second: 0 },
      nominal_hashrate: gigahash(board.ideal),
      real_hashrate: realHashrate(bos, [index]),
    },
  };
}

function cooling(bos: Bos): Answer<"cooling"> {
  const { fans, boards } = bos.miner.plant.truth;
  const hottest = Math.max(...boards.map((board) => board.chipTemperature));
  return {
    fans: fans.map((fan, position) => ({
      position,
      rpm: Math.round(fan.rpm / 30) * 30,
      target_speed_ratio: Math.round(fan.duty) / 100,
    })),
    highest_temperature: { id: null, location: 1, temperature: { degree_c: bos.sensor(hottest) } },
  };
}

function pools(bos: Bos): Answer<"pools"> {
  return [
    {
      name: "default",
      pools: bos.pools.map(({ url, user }, index) => ({
        active: index === 0,
        alive: true,
        enabled: true,
        stats: {
          accepted_shares: index === 0 ? 10_464 : 0,
          last_difficulty: 262_144,
          last_share_time: timestamp(index === 0 ? bos.now - 4000 : 0),
          rejected_shares: 0,
          stale_shares: 0,
        },
        uid: `pool${index}`,
        url,
        user,
      })),
      strategy: { quota: { value: 1 } },
    },
  ];
}
