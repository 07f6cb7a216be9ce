// An Avalon Q as physics sees it, with the three points that its work modes run at.

import {
  type Celsius,
  celsius,
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
} from "../../drivers/contract/units.ts";
import type { PlantSpec } from "./plant.ts";

export interface WorkMode {
  readonly frequency: Megahertz;
  /** Of the hash rail, which is the board's. */
  readonly voltage: Millivolts;
  /** Chip temperature that the fans aim at. */
  readonly target: Celsius;
  /** What the firmware says that the mode draws. */
  readonly power: number;
}

/**
 * Eco is read off a capture: 258 to 318 MHz, 22.45 V, 55.0 TH/s, MPO 800. Of the others only advertised
 * figures are public (80 TH/s 1300 W, 90 TH/s 1674 W); their clock and voltage are what these imply.
 */
export const Q_MODES: readonly WorkMode[] = [
  { frequency: megahertz(283), voltage: millivolts(22_450), target: celsius(65), power: 800 },
  { frequency: megahertz(411), voltage: millivolts(24_200), target: celsius(80), power: 1300 },
  { frequency: megahertz(463), voltage: millivolts(25_000), target: celsius(85), power: 1674 },
];

const STANDARD: WorkMode = Q_MODES[1] ?? {
  frequency: megahertz(411),
  voltage: millivolts(24_200),
  target: celsius(80),
  power: 1300,
};

/** 303 mV a chip on an A1246 and 281 mV at eco give 80 steps of two chips. */
const DOMAINS = 80;
const CHIPS = 160;
const CHIP_VOLTS = STANDARD.voltage / 1000 / DOMAINS;
/** 91 % was read on the supply of an A1246; a share of the rest as in the generic board. */
const OUTPUT = STANDARD.power * 0.91;
const CONTROLLER = 8;
const STANDING = 0.04 * OUTPUT - CONTROLLER;
const FAN_DUTY = 45;
const FANS = { count: 4, maxRpm: 4200, maxWatts: 7, minDuty: 20, idleDuty: 0 };
const FAN_WATTS = FANS.count * FANS.maxWatts * (FAN_DUTY / 100) ** 3;
const CHIP_POWER = OUTPUT - CONTROLLER - STANDING - FAN_WATTS;
const LEAKAGE = 0.12 * OUTPUT;
/** The hottest chip, which the fans follow, lies a few K above the mean. */
const CHIP_MEAN = celsius(STANDARD.target - 3);

export const AVALON_Q: PlantSpec = {
  name: "Avalon Q",
  algorithm: "sha256",
  boards: 1,
  chipsPerBoard: CHIPS,
  // 55.03 TH/s at a mean of 282.86 MHz.
  hashesPerMhzChip: 1.216e9,
  stock: {
    frequency: STANDARD.frequency,
    voltage: STANDARD.voltage,
    chipTemperature: CHIP_MEAN,
    fanDuty: FAN_DUTY,
  },
  domains: DOMAINS,
  power: {
    chip: {
      switching: (CHIP_POWER - LEAKAGE) / (CHIPS * CHIP_VOLTS * CHIP_VOLTS * STANDARD.frequency),
      leakage: LEAKAGE / (CHIPS * CHIP_VOLTS),
      perKelvin: 0.058,
      perVolt: 1.5,
      temperature: CHIP_MEAN,
      voltage: CHIP_VOLTS,
    },
    controller: CONTROLLER,
    standing: STANDING,
  },
  cliff: {
    voltage: CHIP_VOLTS - 0.0275,
    frequency: STANDARD.frequency,
    temperature: CHIP_MEAN,
    // Half of the generic slope: with it the firmware's own three points all lie above the edge.
    slope: 0.00021,
    inversion: 0.0005,
    steepness: 5.7,
    width: 0.002,
  },
  marginSpread: 0.003,
  thermal: {
    resistance: ((CHIP_MEAN - 25) * (FAN_DUTY / 100) ** 0.8) / (OUTPUT - FAN_WATTS),
    sinkShare: 0.6,
    chipTime: 50,
    sinkTime: 150,
    target: CHIP_MEAN,
    airflow: 0.1,
  },
  fans: FANS,
  psu: { rated: 1800, peak: 0.945, best: 0.55, curvature: 0.03, standing: 0.004 },
  difficulty: 256,
};
