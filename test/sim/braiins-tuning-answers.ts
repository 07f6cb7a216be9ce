// What the simulated tuner tells of itself.

import type { Answer } from "../../drivers/braiins/rest/wire.ts";
import { ALLOWED, type Bos, gigahash, timestamp } from "./braiins-bos.ts";
import { nominal, type TunedPoint } from "./braiins-miner.ts";
import { estimate } from "./braiins-plant.ts";

function figures({ created, points }: TunedPoint) {
  return {
    created: timestamp(created),
    estimated_power_consumption: { watt: Math.round(estimate(points)) },
    measured_hashrate: gigahash(nominal(points)),
  };
}

export function tunerState({ miner }: Bos): Answer<"tunerState"> {
  const { target, profile } = miner;
  const found = profile === undefined ? undefined : figures(profile);
  const state = <Value>(value: Value) => ({
    current_target: value,
    ...(found === undefined ? {} : { profile: { ...found, target: value } }),
  });
  if (miner.hand !== undefined) return { overall_tuner_state: miner.tunerState };
  return {
    mode_state:
      target.kind === "power"
        ? { powertargetmodestate: state({ watt: target.watt }) }
        : { hashratetargetmodestate: state({ terahash_per_second: target.terahash }) },
    overall_tuner_state: miner.tunerState,
  };
}

export function targetProfiles({ miner }: Bos): Answer<"targetProfiles"> {
  return {
    power_target_profiles: miner.tuned.flatMap((each) =>
      each.target.kind === "power"
        ? [{ ...figures(each), target: { watt: each.target.watt } }]
        : [],
    ),
    hashrate_target_profiles: miner.tuned.flatMap((each) =>
      each.target.kind === "hashrate"
        ? [{ ...figures(each), target: { terahash_per_second: each.target.terahash } }]
        : [],
    ),
  };
}

export function configuration({ miner }: Bos): Answer<"configuration"> {
  const { target, hand } = miner;
  const first = hand?.[0];
  return {
    hashboard_config: {
      ...(first === undefined
        ? {}
        : {
            global_frequency: { hertz: first.frequency * 1e6 },
            global_voltage: { volt: first.volts },
          }),
      hashboards: miner.plant.truth.boards.map((_, index) => ({
        enabled: true,
        id: String(index + 1),
        ...(hand?.[index] === undefined
          ? {}
          : {
              frequency: { hertz: hand[index].frequency * 1e6 },
              voltage: { volt: hand[index].volts },
            }),
      })),
    },
    pool_groups: [],
    temperature: {
      auto: {
        dangerous_temperature: { degree_c: 100 },
        hot_temperature: { degree_c: 90 },
        target_temperature: { degree_c: 70 },
      },
    },
    tuner: {
      enabled: hand === undefined,
      ...(target.kind === "power"
        ? { power_target: { watt: target.watt } }
        : { hashrate_target: { terahash_per_second: target.terahash } }),
      tuner_mode: target.kind === "power" ? 1 : 2,
    },
  };
}

export function constraints(): Answer<"constraints"> {
  const range = <Value>(
    limits: { default: number; max: number; min: number },
    wrap: (value: number) => Value,
  ) => ({
    default: wrap(limits.default),
    max: wrap(limits.max),
    min: wrap(limits.min),
  });
  return {
    hashboards_constraints: {
      frequency: range(ALLOWED.frequency, (value) => ({ hertz: value * 1e6 })),
      voltage: range(ALLOWED.voltage, (volt) => ({ volt })),
    },
    tuner_constraints: {
      hashrate_target: range(ALLOWED.hashrate, (value) => ({ terahash_per_second: value })),
      power_target: range(ALLOWED.power, (watt) => ({ watt })),
    },
  };
}
