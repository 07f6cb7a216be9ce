// Answers of an S21 Pro on VNish 1.2.7 that works on an untuned preset below its stored one, as one was
// captured; addresses, names and noise are made up.

import { epochMs } from "../../../drivers/contract/units.ts";
import type { Known, Reports } from "../../../drivers/vnish/known.ts";
import {
  FactoryInfo,
  Info,
  PerfSummary,
  Presets,
  Settings,
  Status,
  Summary,
} from "../../../drivers/vnish/wire.ts";

export const AT = epochMs(1_800_000_000_000);

const chain = (id: number, hashrate_rt: number) => ({
  id,
  frequency: 495.0,
  voltage: 13_000,
  power_consumption: 861,
  hashrate_ideal: 65_505.727,
  hashrate_rt,
  hw_errors: 10 * id,
  pcb_temp: { min: 40, max: 51 - id },
  chip_temp: { min: 55, max: 66 - id },
  chip_statuses: { red: 0, orange: 6, grey: 59 },
  status: { state: "mining" },
});

const pool = (id: number, url: string, status: string, accepted: number) => ({
  id,
  url,
  pool_type: url === "DevFee" ? "DevFee" : "UserPool",
  user: url === "DevFee" ? "DevFee" : "account.rig",
  status,
  accepted,
  rejected: id === 0 ? 9 : 0,
  stale: 0,
  ls_diff: accepted > 0 ? 262_144 : 0,
  ls_time: accepted > 0 ? "0:00:04" : "0",
  diffa: accepted * 100_000,
});

const switcher = {
  enabled: true,
  top_preset: "4690",
  min_preset: "2550",
  decrease_temp: 75,
  rise_temp: 55,
  check_time: 300,
};

const preset = (watts: number, terahashes: number, more: object = {}) => ({
  name: String(watts),
  pretty: `${watts} watt ~ ${terahashes} TH`,
  status: "untuned",
  modded_psu_required: false,
  ...more,
});

export type Answers = Record<string, unknown>;

/** By path under /api/v1. */
export const answers = (): Answers => ({
  info: {
    miner: "Antminer S21 Pro",
    model: "s21pro",
    fw_name: "Vnish",
    fw_version: "1.2.7",
    platform: "aml",
    algorithm: "sha256d",
    hr_measure: "GH/s",
    serial: "N/A",
    system: { network_status: { mac: "02:00:5e:10:00:21", hostname: "rig" } },
  },
  status: {
    miner_state: "auto-tuning",
    miner_state_time: 4422,
    restart_required: false,
    reboot_required: false,
    find_miner: false,
    unlocked: false,
  },
  summary: {
    miner: {
      miner_status: { miner_state: "auto-tuning", miner_state_time: 4422 },
      miner_type: "Antminer S21 Pro (Vnish 1.2.7)",
      hr_stock: 237_088,
      hr_realtime: 173_870.94,
      hr_nominal: 196_517.17,
      hr_average: 174_374.75,
      power_consumption: 2583,
      pcb_temp: { min: 39, max: 50 },
      chip_temp: { min: 54, max: 65 },
      hw_errors: 57,
      pools: [
        pool(0, "stratum.example:3333", "active", 1599),
        pool(1, "backup.example:3333", "working", 0),
        pool(2, "DevFee", "active", 224),
      ],
      cooling: {
        fan_num: 4,
        fan_duty: 90,
        fans: [5880, 5880, 5940, 5940].map((rpm, id) => ({ id, rpm, status: "ok", max_rpm: 6500 })),
        settings: { mode: { name: "auto" } },
      },
      chains: [chain(1, 60_797.19), chain(2, 57_766.645), chain(3, 55_307.1)],
      psu: {
        psu_power_metering: true,
        temps: { pfc_temp: 44, llc1_temp: 45, llc2_temp: 47 },
      },
    },
  },
  "perf-summary": { current_preset: preset(2800, 188), preset_switcher: switcher },
  settings: {
    miner: {
      cooling: { mode: { name: "auto", param: 65 }, fan_min_duty: 10, fan_max_duty: 100 },
      misc: { restart_temp: 90 },
      overclock: {
        modded_psu: false,
        preset: "3160",
        globals: { volt: 1270, freq: 555 },
        chains: [1, 2, 3].map(() => ({ freq: 555, chips: Array(65).fill(0), disabled: false })),
        preset_switcher: switcher,
      },
      pools: [
        { url: "stratum.example:3333", user: "account.rig", pass: "x" },
        { url: "backup.example:3333", user: "account.rig", pass: "x" },
        { url: "", user: "", pass: "" },
      ],
    },
    ui: {
      consts: {
        cooling: { min_fan_pwm: 10, min_target_temp: 20, max_target_temp: 90 },
        overclock: {
          max_voltage: 1530,
          min_voltage: 1170,
          max_freq: 1000,
          min_freq: 50,
          default_freq: 595,
          warn_freq: 600,
          max_voltage_stock_psu: 1530,
        },
      },
    },
  },
  "autotune/presets": [
    { name: "disabled", pretty: "Disabled", status: "untuned", modded_psu_required: false },
    preset(2550, 170),
    preset(2800, 188),
    preset(3160, 212, { status: "tuned", tune_settings: { volt: 13_000, freq: 540 } }),
    preset(3520, 236),
    preset(3610, 242),
    preset(3700, 248, { modded_psu_required: true }),
    preset(4690, 313, { status: "tuned", tune_settings: { volt: 15_000, freq: 790 } }),
  ],
  "chains/factory-info": {
    psu_model: "APW17",
    chains: [{ id: 1, serial: "SN-1", board_model: "BHB" }],
  },
});

/** What a session knows after it asked everything; parts replaced by `change`. */
export function knownFrom(change: Answers = {}): Known {
  const all = { ...answers(), ...change };
  const heard = <Name extends keyof Reports>(answer: Reports[Name]) => ({ answer, at: AT });
  return {
    info: heard<"info">(Info.parse(all["info"])),
    status: heard<"status">(Status.parse(all["status"])),
    summary: heard<"summary">(Summary.parse(all["summary"])),
    perf: heard<"perf">(PerfSummary.parse(all["perf-summary"])),
    settings: heard<"settings">(Settings.parse(all["settings"])),
    presets: heard<"presets">(Presets.parse(all["autotune/presets"])),
    factory: heard<"factory">(FactoryInfo.parse(all["chains/factory-info"])),
    elapsed: heard<"elapsed">(4423),
  };
}
