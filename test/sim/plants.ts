// The machines of the simulation. Bitaxe parameters are fits to published measurements; those of kW
// machines put a nameplate on a generic 5 nm board, because public tables of them are labels.

import type { Celsius, Megahertz, Millivolts } from "../../drivers/contract/units.ts";
import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import type { PlantSpec } from "./physics.ts";
import { supplyEfficiency } from "./physics.ts";

/** The inlet at which nameplates and stock fan duties hold, Celsius. */
const NOMINAL_INLET = 25;

/** APW12: 3600 W, at most 95 %, 91.0 % seen on an A1246 supply of the same class. */
const SUPPLY_3600 = { rated: 3600, peak: 0.945, best: 0.55, curvature: 0.03, standing: 0.004 };

/** A good 5 V brick: 17 W on the screen of a Bitaxe are 20 W at the plug. */
const BRICK_60 = { rated: 60, peak: 0.86, best: 0.55, curvature: 0.03, standing: 0.004 };

const CHIP_TIME = 50;
const SINK_TIME = 150;

interface Nameplate {
  readonly name: string;
  /** Watts at the wall at stock. */
  readonly wall: number;
  readonly boards: number;
  readonly chipsPerBoard: number;
  readonly hashesPerMhzChip: number;
  readonly stock: PlantSpec["stock"];
  readonly domains: number;
  readonly fans: PlantSpec["fans"];
  /** m3/s at full speed. */
  readonly airflow: number;
}

/** Shares of the output power at stock: fixed 4 %, leakage 12 %, the rest switches. */
const FIXED_SHARE = 0.04;
const LEAKAGE_SHARE = 0.12;
const CONTROLLER_WATTS = 15;
/** Chip volts above Vc that the factory leaves, with half its range: 20 to 35 mV. */
const STOCK_MARGIN = 0.0275;
const MARGIN_SPREAD = 0.0075;

function genericBoard(plate: Nameplate): PlantSpec {
  const { stock, domains } = plate;
  const chips = plate.boards * plate.chipsPerBoard;
  const volts = stock.voltage / 1000 / domains;
  const output = outputFor(plate.wall);
  const flow = stock.fanDuty / 100;
  const fans = plate.fans.count * plate.fans.maxWatts * flow ** 3;
  const leakage = LEAKAGE_SHARE * output;
  const switching = (1 - FIXED_SHARE - LEAKAGE_SHARE) * output;
  const temperature = stock.chipTemperature;
  return {
    ...plate,
    algorithm: "sha256",
    power: {
      chip: {
        switching: switching / (chips * volts * volts * stock.frequency),
        leakage: leakage / (chips * volts),
        perKelvin: 0.058,
        perVolt: 1.5,
        temperature,
        voltage: volts,
      },
      controller: CONTROLLER_WATTS,
      standing: FIXED_SHARE * output - CONTROLLER_WATTS - fans,
    },
    // s, c and k as drawn or fitted on chips of this generation; no such fit of a kW machine is public.
    cliff: {
      voltage: volts - STOCK_MARGIN,
      frequency: stock.frequency,
      temperature,
      slope: 0.00042,
      inversion: 0.00111,
      steepness: 5.7,
      width: 0.002,
    },
    marginSpread: MARGIN_SPREAD,
    thermal: {
      resistance: ((temperature - NOMINAL_INLET) * flow ** 0.8) / (output - fans),
      sinkShare: 0.4,
      chipTime: CHIP_TIME,
      sinkTime: SINK_TIME,
      target: stock.chipTemperature,
      airflow: plate.airflow,
    },
    psu: SUPPLY_3600,
    difficulty: 256,
  };
}

/** Inverts the supply's efficiency; it contracts fast because eta is nearly flat. */
function outputFor(wall: number): number {
  let output = wall;
  for (let round = 0; round < 20; round += 1) output = wall * supplyEfficiency(SUPPLY_3600, output);
  return output;
}

function stockPoint(
  frequency: number,
  voltage: number,
  chipTemperature: number,
  fanDuty: number,
): { frequency: Megahertz; voltage: Millivolts; chipTemperature: Celsius; fanDuty: number } {
  return {
    frequency: megahertz(frequency),
    voltage: millivolts(voltage),
    chipTemperature: celsius(chipTemperature),
    fanDuty,
  };
}

/**
 * 12 V 1.65 A, 6150 rpm, 197 cfm each; 370 cfm measured through the machine; 600 to 1560 rpm seen asleep.
 * That the automatic control stays above 30 % is assumed: it cools a throttled machine, as its labels say.
 */
const ANTMINER_FANS = { count: 4, maxRpm: 6150, maxWatts: 19.8, minDuty: 30, idleDuty: 15 };
const ANTMINER_AIRFLOW = 0.175;

export const PLANTS = {
  /** LuxOS default profile: 590 MHz, 13.50 V, 121.8 TH/s, 2794 W. */
  s19kPro: genericBoard({
    name: "Antminer S19k Pro",
    wall: 2794,
    boards: 3,
    chipsPerBoard: 77,
    hashesPerMhzChip: 0.894e9,
    stock: stockPoint(590, 13_500, 68, 70),
    domains: 11,
    fans: ANTMINER_FANS,
    airflow: ANTMINER_AIRFLOW,
  }),
  /** 95 TH/s, 3250 W. BM1398 has 38 domains; 12 brings its volts to the scale of the generic board. */
  s19: genericBoard({
    name: "Antminer S19",
    wall: 3250,
    boards: 3,
    chipsPerBoard: 76,
    hashesPerMhzChip: 0.613e9,
    stock: stockPoint(680, 14_000, 70, 75),
    domains: 12,
    fans: ANTMINER_FANS,
    airflow: ANTMINER_AIRFLOW,
  }),
  /** M50S VJ30: 126 TH/s, 3276 W; frequency and voltage are assumed from machines of its class. */
  m50s: genericBoard({
    name: "Whatsminer M50S VJ30",
    wall: 3276,
    boards: 3,
    chipsPerBoard: 123,
    hashesPerMhzChip: 0.683e9,
    stock: stockPoint(500, 12_200, 75, 70),
    domains: 10,
    fans: { count: 2, maxRpm: 7200, maxWatts: 40, minDuty: 30, idleDuty: 20 },
    airflow: 0.16,
  }),
  /** Two BM1370: 117 points of power within 0.65 %, 140 of hash ratio within 0.026. */
  bitaxeGt: {
    name: "Bitaxe GT",
    algorithm: "sha256",
    boards: 1,
    chipsPerBoard: 2,
    hashesPerMhzChip: 2.04e9,
    stock: stockPoint(525, 1150, 60, 60),
    domains: 1,
    power: {
      chip: {
        switching: 0.0153797,
        leakage: 1.71922,
        perKelvin: 0.057955,
        perVolt: 1.49061,
        temperature: 50,
        voltage: 1.2,
      },
      controller: 10,
      standing: 0,
    },
    cliff: {
      voltage: 1.23776,
      frequency: 800,
      temperature: 50,
      slope: 0.000408351,
      inversion: 0.00111166,
      steepness: 5.62884,
      width: 0.002,
    },
    marginSpread: 0,
    // Resistance assumed: 60 Celsius at stock with the fan at 60 %.
    thermal: {
      resistance: 0.61,
      sinkShare: 0.4,
      chipTime: CHIP_TIME,
      sinkTime: SINK_TIME,
      target: celsius(60),
      airflow: 0.012,
    },
    fans: { count: 1, maxRpm: 5000, maxWatts: 0, minDuty: 25, idleDuty: 25 },
    psu: BRICK_60,
    difficulty: 256,
  },
  /** One BM1368: 47 points of power within 0.28 %; no temperature in the fit of its cliff. */
  bitaxeSupra: {
    name: "Bitaxe Supra",
    algorithm: "sha256",
    boards: 1,
    chipsPerBoard: 1,
    hashesPerMhzChip: 1.276e9,
    stock: stockPoint(490, 1166, 47, 100),
    domains: 1,
    power: {
      chip: {
        switching: 0.0146668,
        leakage: 0.97651,
        perKelvin: 0.0665343,
        perVolt: 1.31938,
        temperature: 50,
        voltage: 1.2,
      },
      controller: 1.70115,
      standing: 0,
    },
    cliff: {
      voltage: 1.17207,
      frequency: 500,
      temperature: 50,
      slope: 0.00045672,
      inversion: 0,
      steepness: 5.892,
      width: 0.002,
    },
    marginSpread: 0,
    // T = 24.9 + 1.76 P, measured with the fan as it came: taken as full speed.
    thermal: {
      resistance: 1.76497,
      sinkShare: 0.4,
      chipTime: CHIP_TIME,
      sinkTime: SINK_TIME,
      target: celsius(60),
      airflow: 0.006,
    },
    fans: { count: 1, maxRpm: 5000, maxWatts: 0, minDuty: 25, idleDuty: 25 },
    psu: { ...BRICK_60, rated: 30 },
    difficulty: 256,
  },
} as const satisfies Record<string, PlantSpec>;
