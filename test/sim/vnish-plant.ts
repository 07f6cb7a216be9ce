// An Antminer S21 Pro as a plant: its nameplate and stock point on a generic 5 nm board.

import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { type PlantSpec, supplyEfficiency } from "./physics.ts";

/** APW17; the shape is that of the generic supply. */
const SUPPLY = { rated: 3600, peak: 0.945, best: 0.55, curvature: 0.03, standing: 0.004 };
/** 234 TH/s at 3480 W as sold. */
const WALL = 3480;
const CHIPS = 3 * 65;
/** Captured defaults of VNish 1.2.7: 595 MHz, 13.80 V. */
const FREQUENCY = 595;
const BOARD_VOLTS = 13.8;
/** Assumed: brings board volts to the scale of the generic chip. */
const DOMAINS = 11;
const CHIP_VOLTS = BOARD_VOLTS / DOMAINS;
/** Assumed; the capture of a throttled machine shows 65 for its hottest chip. */
const TEMPERATURE = 65;
const FAN_DUTY = 70;
/** Fastest speed from the capture; watts assumed to be those of its forerunners' fans. */
const FANS = { count: 4, maxRpm: 6500, maxWatts: 19.8, minDuty: 30, idleDuty: 15 };
const CONTROLLER = 15;

function output(): number {
  let watts = WALL;
  for (let round = 0; round < 20; round += 1) watts = WALL * supplyEfficiency(SUPPLY, watts);
  return watts;
}

const OUTPUT = output();
const FAN_WATTS = FANS.count * FANS.maxWatts * (FAN_DUTY / 100) ** 3;

export const S21_PRO: PlantSpec = {
  name: "Antminer S21 Pro",
  algorithm: "sha256",
  boards: 3,
  chipsPerBoard: 65,
  // 65 505.727 GH/s for a board of 65 chips at 495 MHz (capture).
  hashesPerMhzChip: 65_505.727e9 / (65 * 495),
  stock: {
    frequency: megahertz(FREQUENCY),
    voltage: millivolts(BOARD_VOLTS * 1000),
    chipTemperature: celsius(TEMPERATURE),
    fanDuty: FAN_DUTY,
  },
  domains: DOMAINS,
  power: {
    chip: {
      switching: (0.84 * OUTPUT) / (CHIPS * CHIP_VOLTS ** 2 * FREQUENCY),
      leakage: (0.12 * OUTPUT) / (CHIPS * CHIP_VOLTS),
      perKelvin: 0.058,
      perVolt: 1.5,
      temperature: TEMPERATURE,
      voltage: CHIP_VOLTS,
    },
    controller: CONTROLLER,
    standing: 0.04 * OUTPUT - CONTROLLER - FAN_WATTS,
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
    resistance: ((TEMPERATURE - 25) * (FAN_DUTY / 100) ** 0.8) / (OUTPUT - FAN_WATTS),
    sinkShare: 0.6,
    chipTime: 50,
    sinkTime: 150,
    target: celsius(TEMPERATURE),
    airflow: 0.175,
  },
  fans: FANS,
  psu: SUPPLY,
  difficulty: 256,
};
