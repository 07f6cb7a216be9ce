// What VNish says under /api/v1 (1.2.6 to 1.3.4): shapes follow captures of an S21 Pro on 1.2.7 and an L9
// on 1.2.6, and the firmware's own OpenAPI. A field that is missing or odd is undefined and costs nothing
// else; null is the firmware's own word for "not set".

import * as z from "zod";

/** Beyond any quantity of this world: it would overflow on its way to base units. */
const LARGEST = 1e30;
const figure = z
  .union([z.number(), z.string()])
  .refine((value) => !(Math.abs(Number(value)) > LARGEST))
  .optional()
  .catch(undefined);
const text = z.string().optional().catch(undefined);
const flag = z.union([z.boolean(), z.string(), z.number()]).optional().catch(undefined);
const list = <Item extends z.ZodType>(item: Item) => z.array(item).optional().catch(undefined);
const part = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.looseObject(shape).optional().catch(undefined);

/** GET info: who this is. Told to everybody. */
export const Info = z.looseObject({
  miner: text,
  model: text,
  fw_name: text,
  fw_version: text,
  /** `aml`, `bb`, `cv`, `stm` or `xil`. */
  platform: text,
  algorithm: text,
  /** The unit of every rate: `GH/s` or `MH/s`. */
  hr_measure: text,
  serial: text,
  system: part({ network_status: part({ mac: text, hostname: text }) }),
});
export type Info = z.output<typeof Info>;

const minerStatus = {
  /** mining, initializing, starting, auto-tuning, restarting, shutting-down, stopped or failure. */
  miner_state: text,
  /** Seconds. */
  miner_state_time: figure,
  failure_code: figure,
  description: text,
  /** Percent of full power, 20 to 100; since 1.3. */
  throttled: figure,
};

/** GET status: told to everybody. */
export const Status = z.looseObject({
  ...minerStatus,
  restart_required: flag,
  reboot_required: flag,
  find_miner: flag,
  unlocked: flag,
});
export type Status = z.output<typeof Status>;

const range = part({ min: figure, max: figure });

/** Rates in `Info.hr_measure`, power in W, temperatures in Celsius. */
const Chain = z.looseObject({
  /** From 1. */
  id: figure,
  /** MHz. */
  frequency: figure,
  /** mV. */
  voltage: figure,
  power_consumption: figure,
  hashrate_ideal: figure,
  hashrate_rt: figure,
  hw_errors: figure,
  pcb_temp: range,
  chip_temp: range,
  chip_statuses: part({ red: figure, orange: figure, grey: figure }),
  status: part({ state: text, description: text }),
  inlet_water_temp: figure,
  outlet_water_temp: figure,
});
export type Chain = z.output<typeof Chain>;

const PoolStats = z.looseObject({
  id: figure,
  /** Without a scheme: `stratum.example:3333`. */
  url: text,
  /** UserPool, DevFee or Refund. */
  pool_type: text,
  user: text,
  /** offline, working, disabled, active, rejecting or unknown. */
  status: text,
  accepted: figure,
  rejected: figure,
  stale: figure,
  /** Of the last share; 0 before the first. */
  ls_diff: figure,
  /** Since the last share: `0:00:04`; `0` before the first. */
  ls_time: text,
  /** Difficulty of all accepted shares. */
  diffa: figure,
});
export type PoolStats = z.output<typeof PoolStats>;

const Fan = z.looseObject({ id: figure, rpm: figure, status: text, max_rpm: figure });

/** GET summary: the main answer; `miner` is null while there is no miner program. */
export const Summary = z.looseObject({
  miner: part({
    miner_status: part(minerStatus),
    miner_type: text,
    hr_stock: figure,
    hr_realtime: figure,
    hr_nominal: figure,
    hr_average: figure,
    power_consumption: figure,
    pcb_temp: range,
    chip_temp: range,
    hw_errors: figure,
    pools: list(PoolStats),
    cooling: part({
      fan_num: figure,
      fans: list(Fan),
      fan_duty: figure,
      settings: part({ mode: part({ name: text }) }),
    }),
    chains: list(Chain),
    psu: part({
      psu_power_metering: flag,
      temps: part({ pfc_temp: figure, llc1_temp: figure, llc2_temp: figure }),
    }),
  }),
});
export type Summary = z.output<typeof Summary>;

/** Frequency in MHz; voltage in 10 mV in the settings, in mV in the results of tuning. */
const globals = part({ freq: figure, volt: figure });

const presetItem = {
  name: text,
  /** `2800 watt ~ 188 TH`. */
  pretty: text,
  /** `tuned` or `untuned`. */
  status: text,
  modded_psu_required: flag,
};

const switcher = part({
  enabled: flag,
  top_preset: text,
  min_preset: text,
  decrease_temp: figure,
  rise_temp: figure,
  check_time: figure,
});

/** GET perf-summary: what is at work, which differs from the stored choice while the switcher is on. */
export const PerfSummary = z.looseObject({
  current_preset: part({ ...presetItem, globals }),
  preset_switcher: switcher,
});
export type PerfSummary = z.output<typeof PerfSummary>;

/** GET autotune/presets. */
export const Presets = z.array(z.looseObject({ ...presetItem, tune_settings: globals }));
export type Presets = z.output<typeof Presets>;

const ChainSetting = z.looseObject({
  /** MHz; 0 takes that of the globals. */
  freq: figure,
  /** MHz by chip; 0 takes that of the board. */
  chips: list(figure),
  disabled: flag,
});

const PoolSetting = z.looseObject({ url: text, user: text, pass: text });

const minerSettings = part({
  cooling: part({
    /** `auto` with a target in Celsius, `manual` with percent, or `immers`. */
    mode: part({ name: text, param: figure }),
    fan_min_duty: figure,
    fan_max_duty: figure,
  }),
  /** `restart_temp` in Celsius. */
  misc: part({ restart_temp: figure }),
  overclock: part({
    modded_psu: flag,
    /** Name of a preset, or `disabled`: then the globals are at work. */
    preset: text,
    globals,
    chains: list(ChainSetting),
    preset_switcher: switcher,
  }),
  pools: list(PoolSetting),
});

/** GET settings. Voltages in 10 mV. */
export const Settings = z.looseObject({
  miner: minerSettings,
  ui: part({
    consts: part({
      cooling: part({ min_fan_pwm: figure, min_target_temp: figure, max_target_temp: figure }),
      overclock: part({
        min_freq: figure,
        max_freq: figure,
        default_freq: figure,
        /** Above it the page warns. */
        warn_freq: figure,
        min_voltage: figure,
        max_voltage: figure,
        max_voltage_stock_psu: figure,
      }),
    }),
  }),
});
export type Settings = z.output<typeof Settings>;

/** POST settings: what is sent is merged into what is stored. */
export const SettingsPatch = z.looseObject({ miner: minerSettings });
export type SettingsPatch = z.output<typeof SettingsPatch>;
export type MinerPatch = NonNullable<SettingsPatch["miner"]>;

/** Answer to POST settings and mining/throttle; it comes whether or not the change was taken. */
export const Saved = z.looseObject({ restart_required: flag, reboot_required: flag });
export type Saved = z.output<typeof Saved>;

/** GET chains/factory-info: what the EEPROMs of boards and supply say. Told to everybody. */
export const FactoryInfo = z.looseObject({
  psu_model: text,
  psu_serial: text,
  chains: list(z.looseObject({ id: figure, serial: text, board_model: text })),
});
export type FactoryInfo = z.output<typeof FactoryInfo>;

/** POST unlock: `{"pw":"..."}`. The token must fit into a header. */
export const Unlocked = z.looseObject({ token: z.string().regex(/^[!-~]+$/) });
export const UnlockRequest = z.looseObject({ pw: z.string() });
/** What a refusal to unlock carries: seconds until the next attempt is looked at. */
export const Locked = z.looseObject({ unlock_timeout: figure });

/** Every 4xx and 5xx. */
export const Refusal = z.looseObject({ err: text });

/** `summary` on TCP 4028: the only place that tells how long the miner program has been running. */
export const ApiSummary = z.looseObject({
  SUMMARY: list(z.looseObject({ Elapsed: figure })),
});

/** `stats` on TCP 4028 and the refusal of `version`, for identification. */
export const ApiStats = z.looseObject({
  STATUS: list(z.looseObject({ STATUS: text, Code: figure })),
  STATS: list(z.looseObject({ Type: text })),
});
