// An S19 XP as physics sees it: the nameplate of a real one on the generic board of its generation.

import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { type PlantSpec, supplyEfficiency } from "./physics.ts";

/** APW121215: 3600 W, at most 95 %. */
const SUPPLY = { rated: 3600, peak: 0.945, best: 0.55, curvature: 0.03, standing: 0.004 };
const WALL = 3010;
const INLET = 25;
const FREQUENCY = 485;
const BOARD_VOLTS = 12.94;
/** Assumed: brings the chip's volts to the scale of the generic board, as for the S19k Pro. */
const DOMAINS = 11;
const CHIP_VOLTS = BOARD_VOLTS / DOMAINS;
const TEMPERATURE = celsius(70);
const FAN_DUTY = 80;
const FANS = { count: 4, maxRpm: 6150, maxWatts: 19.8, minDuty: 30, idleDuty: 15 };
const CHIPS = 330;
const CONTROLLER = 15;
/** Shares of the output at stock, assumed for all boards of this generation. */
const FIXED_SHARE = 0.04;
const LEAKAGE_SHARE = 0.12;

const output = outputFor(WALL);
const flow = FAN_DUTY / 100;
const fanWatts = FANS.count * FANS.maxWatts * flow ** 3;

/** 330 chips at 482.9 MHz are nominally 142.88 TH/s (capture of a machine on Braiins OS+ 25.07). */
export const S19_XP: PlantSpec = {
  name: "Antminer S19 XP",
  algorithm: "sha256",
  boards: 3,
  chipsPerBoard: 110,
  hashesPerMhzChip: 0.8966e9,
  stock: {
    frequency: megahertz(FREQUENCY),
    voltage: millivolts(BOARD_VOLTS * 1000),
    chipTemperature: TEMPERATURE,
    fanDuty: FAN_DUTY,
  },
  domains: DOMAINS,
  power: {
    chip: {
      switching:
        ((1 - FIXED_SHARE - LEAKAGE_SHARE) * output) / (CHIPS * CHIP_VOLTS ** 2 * FREQUENCY),
      leakage: (LEAKAGE_SHARE * output) / (CHIPS * CHIP_VOLTS),
      perKelvin: 0.058,
      perVolt: 1.5,
      temperature: TEMPERATURE,
      voltage: CHIP_VOLTS,
    },
    controller: CONTROLLER,
    standing: FIXED_SHARE * output - CONTROLLER - fanWatts,
  },
  cliff: {
    voltage: CHIP_VOLTS - 0.0275,
    frequency: FREQUENCY,
    temperature: TEMPERATURE,
    slope: 0.00042,
    inversion: 0.00111,
    steepness: 5.7,
    width: 0.002,
  },
  marginSpread: 0.0075,
  thermal: {
    resistance: ((TEMPERATURE - INLET) * flow ** 0.8) / (output - fanWatts),
    sinkShare: 0.6,
    chipTime: 50,
    sinkTime: 150,
    target: TEMPERATURE,
    airflow: 0.175,
  },
  fans: FANS,
  psu: SUPPLY,
  difficulty: 256,
};

function outputFor(wall: number): number {
  let value = wall;
  for (let round = 0; round < 20; round += 1) value = wall * supplyEfficiency(SUPPLY, value);
  return value;
}

/** What the firmware thinks these boards draw at the wall: a formula over its own settings. */
export function estimate(boards: readonly { frequency: number; volts: number }[]): number {
  const { chip, controller, standing } = S19_XP.power;
  const chips = boards.reduce((sum, { frequency, volts }) => {
    const each = volts / DOMAINS;
    return (
      sum + S19_XP.chipsPerBoard * (chip.switching * each ** 2 * frequency + chip.leakage * each)
    );
  }, 0);
  const total = chips + controller + standing + fanWatts;
  return total / supplyEfficiency(SUPPLY, total);
}
