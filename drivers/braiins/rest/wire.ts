// What Braiins OS says on its REST API (/api/v1, releases 25.07 and later; API 1.x). Shapes follow a
// capture of an S19 XP on 25.07; target-profiles and constraints follow the vendor's API description.
// Every quantity is wrapped in its unit; enumerations are integers.

import * as z from "zod";
import { figure, flag, list, part, text } from "../shapes.ts";

const watt = part({ watt: figure });
const gigahash = part({ gigahash_per_second: figure });
const terahash = part({ terahash_per_second: figure });
const hertz = part({ hertz: figure });
const volt = part({ volt: figure });
const degree = part({ degree_c: figure });
/** Seconds since 1970 by the machine's clock. */
const timestamp = part({ seconds: figure });

/** 1 not started, 2 normal, 3 paused, 4 suspended, 5 restricted. */
export const STATUS = { notStarted: 1, normal: 2, paused: 3, suspended: 4, restricted: 5 } as const;
/** 1 disabled, 2 stable, 3 tuning, 4 error, 5 continuous, 6 preheat. */
export const TUNER = {
  disabled: 1,
  stable: 2,
  tuning: 3,
  error: 4,
  continuous: 5,
  preheat: 6,
} as const;
export const TUNER_MODE = { power: 1, hashrate: 2 } as const;
/** Of a temperature sensor. */
export const LOCATION = { chip: 1, board: 2 } as const;

export const Version = z.looseObject({ major: figure, minor: figure, patch: figure });

export const Details = z.looseObject({
  bos_version: part({ bos_plus: flag, current: text, major: text }),
  bosminer_uptime_s: figure,
  control_board_soc_family: figure,
  hostname: text,
  mac_address: text,
  miner_identity: part({ brand: figure, miner_model: text, name: text }),
  psu_info: part({ max_voltage: volt, min_voltage: volt, model_name: text, serial_number: text }),
  serial_number: text,
  status: figure,
  sticker_hashrate: gigahash,
  system_uptime_s: figure,
});

const realHashrate = part({
  last_5s: gigahash,
  last_15s: gigahash,
  last_30s: gigahash,
  last_1m: gigahash,
  last_5m: gigahash,
  last_15m: gigahash,
  last_30m: gigahash,
  last_1h: gigahash,
  /** Meaningless after a restart. */
  last_24h: gigahash,
  since_restart: gigahash,
});

const solverStats = part({
  error_hashrate: part({ megahash_per_second: figure }),
  nominal_hashrate: gigahash,
  real_hashrate: realHashrate,
});

const poolStats = part({
  accepted_shares: figure,
  last_difficulty: figure,
  last_share_time: timestamp,
  rejected_shares: figure,
  stale_shares: figure,
});

export const Stats = z.looseObject({
  miner_stats: solverStats,
  pool_stats: poolStats,
  power_stats: part({ approximated_consumption: watt }),
});

const Hashboard = z.looseObject({
  board_name: text,
  board_temp: degree,
  chip_type: text,
  chips_count: figure,
  current_frequency: hertz,
  current_voltage: volt,
  enabled: flag,
  highest_chip_temp: part({ location: figure, temperature: degree }),
  highest_outlet_temp: degree,
  highest_water_outlet_temp: degree,
  id: figure,
  lowest_inlet_temp: degree,
  lowest_water_inlet_temp: degree,
  serial_number: text,
  stats: solverStats,
});
export type Hashboard = z.output<typeof Hashboard>;
export const Hashboards = z.looseObject({ hashboards: list(Hashboard) });

/** `target_speed_ratio` is 0 to 1. */
const Fan = z.looseObject({ position: figure, rpm: figure, target_speed_ratio: figure });
export const Cooling = z.looseObject({
  fans: list(Fan),
  highest_temperature: part({ location: figure, temperature: degree }),
});

const profile = <Target extends z.ZodType>(target: Target) =>
  z.looseObject({
    created: timestamp,
    estimated_power_consumption: watt,
    measured_hashrate: gigahash,
    target,
  });
/** `current_target` is what Dynamic Performance Scaling left of the configured one. */
export const TunerState = z.looseObject({
  mode_state: part({
    powertargetmodestate: part({
      current_target: watt,
      profile: profile(watt).optional().catch(undefined),
    }),
    hashratetargetmodestate: part({
      current_target: terahash,
      profile: profile(terahash).optional().catch(undefined),
    }),
  }),
  overall_tuner_state: figure,
});

/** What the firmware has tuned to the end: the machine's own efficiency profile. */
export const TargetProfiles = z.looseObject({
  hashrate_target_profiles: list(profile(terahash)),
  power_target_profiles: list(profile(watt)),
});

const cooling = { dangerous_temperature: degree, hot_temperature: degree };
const coolingModes = {
  auto: part(cooling),
  hydro: part(cooling),
  immersion: part(cooling),
  manual: part(cooling),
};
export const Configuration = z.looseObject({
  hashboard_config: part({
    global_frequency: hertz,
    global_voltage: volt,
    hashboards: list(z.looseObject({ enabled: flag, frequency: hertz, id: figure, voltage: volt })),
  }),
  temperature: part({ ...coolingModes, mode: part(coolingModes) }),
  tuner: part({
    enabled: flag,
    hashrate_target: terahash,
    power_target: watt,
    tuner_mode: figure,
  }),
});

const range = <Quantity extends z.ZodType>(quantity: Quantity) =>
  part({ default: quantity, max: quantity, min: quantity });
export const Constraints = z.looseObject({
  hashboards_constraints: part({ frequency: range(hertz), voltage: range(volt) }),
  tuner_constraints: part({ hashrate_target: range(terahash), power_target: range(watt) }),
});

const Pool = z.looseObject({
  active: flag,
  alive: flag,
  enabled: flag,
  stats: poolStats,
  uid: text,
  url: text,
  user: text,
});
export const PoolGroup = z.looseObject({
  /** Newer builds call it so, 25.07 `strategy`. */
  load_balance_strategy: z.unknown().optional(),
  name: text,
  pools: list(Pool),
  strategy: z.unknown().optional(),
  uid: text,
});
export type PoolGroup = z.output<typeof PoolGroup>;
export const Pools = z.array(PoolGroup);

/** A history, not a state. */
export const Errors = z.looseObject({
  errors: list(
    z.looseObject({
      components: list(z.looseObject({ index: figure, name: text })),
      error_codes: list(z.looseObject({ code: text, hint: text, reason: text })),
      message: text,
      timestamp: text,
    }),
  ),
});

export const Locate = z.boolean();
export const Login = z.looseObject({ timeout_s: figure, token: z.string().min(1) });

/** The GET questions, by name. Some routers want the slash at the end, some do not. */
export const QUESTIONS = {
  version: { paths: ["version/", "version"], shape: Version },
  details: { paths: ["miner/details"], shape: Details },
  stats: { paths: ["miner/stats"], shape: Stats },
  hashboards: { paths: ["miner/hw/hashboards"], shape: Hashboards },
  cooling: { paths: ["cooling/state"], shape: Cooling },
  tunerState: { paths: ["performance/tuner-state"], shape: TunerState },
  targetProfiles: { paths: ["performance/target-profiles"], shape: TargetProfiles },
  configuration: { paths: ["configuration/miner"], shape: Configuration },
  constraints: { paths: ["configuration/constraints"], shape: Constraints },
  pools: { paths: ["pools/", "pools"], shape: Pools },
  errors: { paths: ["miner/errors"], shape: Errors },
  locate: { paths: ["actions/locate"], shape: Locate },
} as const;
export type QuestionName = keyof typeof QUESTIONS;
export type Answer<Name extends QuestionName> = z.output<(typeof QUESTIONS)[Name]["shape"]>;
/** `miner/stats` for `stats`: the source of a reading. */
export const sourceOf = (name: QuestionName): string => QUESTIONS[name].paths[0].replace(/\/$/, "");

/** Bodies of the writes. */
export interface PerformanceMode {
  readonly manualmode?: {
    readonly global_frequency: { readonly hertz: number };
    readonly global_voltage: { readonly volt: number };
    readonly hashboards: readonly {
      readonly id: string;
      readonly frequency: { readonly hertz: number };
      readonly voltage: { readonly volt: number };
    }[];
  };
  readonly tunermode?: {
    readonly target:
      | { readonly powertarget: { readonly power_target: { readonly watt: number } } }
      | {
          readonly hashratetarget: {
            readonly hashrate_target: { readonly terahash_per_second: number };
          };
        };
  };
}
export interface PoolGroupBody {
  readonly name: string;
  readonly load_balance_strategy: unknown;
  readonly pools: readonly {
    readonly enabled: boolean;
    readonly url: string;
    readonly user: string;
    readonly password: string;
  }[];
}
