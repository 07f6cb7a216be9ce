// Figures computed outside of this program from the published fits, never with the plant's own code:
// a change of the physics must fail here.

import { describe, expect, it } from "vitest";
import { celsius, epochMs, megahertz, millivolts, percent } from "../../drivers/contract/units.ts";
import { PLANTS, Plant, type PlantSpec } from "./plant.ts";

/** MHz, mV of the chip, Celsius, watts, delivered over ideal hashrate. */
type Point = readonly [number, number, number, number, number];

/** Two BM1370: 117 measured points of power within 0.65 %, 140 of hash ratio within 0.026. */
const GT_FIT: readonly Point[] = [
  [400, 1050, 45, 25.726, 0.8313],
  [400, 1100, 55, 29.241, 1],
  [485, 1080, 50, 30.506, 0.836],
  [525, 1100, 55, 33.894, 0.888],
  [525, 1115, 60, 36.106, 0.9939],
  [525, 1150, 60, 37.909, 1],
  [525, 1150, 70, 43.054, 1],
  [600, 1140, 50, 37.569, 0.9094],
  [600, 1150, 50, 38.078, 0.9652],
  [600, 1160, 58, 40.808, 1],
  [650, 1170, 40, 39.524, 0.9008],
  [650, 1190, 62, 46.394, 1],
  [700, 1180, 35, 41.632, 0.8109],
  [700, 1200, 55, 46.519, 0.9999],
  [750, 1200, 60, 50.586, 0.9645],
  [750, 1220, 48, 48.186, 0.9934],
  [780, 1100, 44, 41.332, 0.233],
  [780, 1140, 44.5, 43.787, 0.4613],
  [800, 1150, 30, 43.695, 0.3809],
  [800, 1180, 50, 48.202, 0.6749],
  [800, 1240, 50, 52.362, 0.9968],
  [800, 1240, 65, 58.631, 1],
  [850, 1260, 55, 57.839, 0.9997],
  [900, 1280, 52, 60.925, 0.9983],
  [900, 1300, 68, 71.511, 1],
];

/** One BM1368: 47 measured points of power within 0.28 %; hash ratio over the plateau within 0.057. */
const SUPRA_FIT: readonly Point[] = [
  [400, 1100, 44, 9.431, 0.8445],
  [400, 1125, 43, 9.751, 0.987],
  [400, 1150, 43.3, 10.133, 1],
  [425, 1125, 43, 10.215, 0.9245],
  [450, 1120, 44, 10.64, 0.8278],
  [450, 1150, 44.5, 11.159, 0.9939],
  [450, 1250, 48, 13.155, 1],
  [475, 1150, 45.5, 11.694, 0.9372],
  [475, 1175, 46.4, 12.193, 1],
  [490, 1166, 47, 12.364, 0.9866],
  [490, 1200, 55, 13.684, 1],
  [500, 1100, 47, 11.346, 0.5754],
  [500, 1150, 46, 12.205, 0.87],
  [500, 1170, 47, 12.639, 0.9842],
  [500, 1200, 48, 13.287, 1],
  [500, 1250, 60, 15.696, 1],
  [525, 1150, 48, 12.805, 0.8027],
  [525, 1175, 48.4, 13.33, 0.9498],
  [525, 1250, 52, 15.222, 1],
  [550, 1175, 49.5, 13.912, 0.8827],
  [550, 1200, 50.4, 14.521, 0.9991],
  [575, 1200, 52, 15.184, 0.9623],
  [575, 1250, 54.5, 16.637, 1],
  [600, 1175, 50, 14.961, 0.7482],
  [600, 1250, 56, 17.395, 1],
];

/** MHz, board mV, watts: the firmware's own quadratic in frequency, no measurement. */
const LUXOS_LABELS: readonly (readonly [number, number, number])[] = [
  [190, 11880, 784],
  [240, 11880, 978],
  [290, 11880, 1188],
  [315, 11880, 1299],
  [340, 12000, 1414],
  [390, 12300, 1657],
  [440, 12600, 1916],
  [490, 12900, 2192],
  [540, 13200, 2485],
  [565, 13350, 2637],
  [590, 13500, 2794],
  [615, 13650, 2954],
  [640, 13800, 3119],
  [690, 14100, 3461],
  [715, 14250, 3638],
  [740, 14400, 3820],
];

function at(spec: PlantSpec, frequency: number, voltage: number, temperature: number) {
  const plant = new Plant(spec, {
    seed: 1,
    now: epochMs(0),
    spread: false,
    chipTemperature: celsius(temperature),
  });
  plant.setFrequency(megahertz(frequency));
  plant.setVoltage(millivolts(voltage));
  return plant.truth;
}

/** Settled with automatic fans at 25 Celsius. */
function settled(spec: PlantSpec, frequency: number, voltage: number) {
  const plant = new Plant(spec, { seed: 1, now: epochMs(0), spread: false });
  plant.setFrequency(megahertz(frequency));
  plant.setVoltage(millivolts(voltage));
  plant.advance(epochMs(2 * 3600_000));
  return plant.truth;
}

const percentOff = (value: number, expected: number) =>
  (Math.abs(value - expected) / expected) * 100;

describe("measured boards", () => {
  it.each(GT_FIT)(
    "Bitaxe GT at %d MHz, %d mV, %d Celsius: %f W within 1 %, hash ratio %f within 0.03",
    (frequency, voltage, temperature, power, ratio) => {
      const truth = at(PLANTS.bitaxeGt, frequency, voltage, temperature);
      expect(percentOff(truth.psuOutput, power)).toBeLessThan(1);
      expect(Math.abs((truth.boards[0]?.hashRatio ?? -1) - ratio)).toBeLessThan(0.03);
    },
  );

  it.each(SUPRA_FIT)(
    "Bitaxe Supra at %d MHz, %d mV, %d Celsius: %f W within 1 %, hash ratio %f within 0.03",
    (frequency, voltage, temperature, power, ratio) => {
      const truth = at(PLANTS.bitaxeSupra, frequency, voltage, temperature);
      expect(percentOff(truth.psuOutput, power)).toBeLessThan(1);
      expect(Math.abs((truth.boards[0]?.hashRatio ?? -1) - ratio)).toBeLessThan(0.03);
    },
  );

  it("Bitaxe Supra warms as T = 24.9 + 1.76 P, within the 1.2 K of the fit", () => {
    for (const [frequency, voltage] of [
      [400, 1150],
      [500, 1200],
      [600, 1275],
    ] as const) {
      const plant = new Plant(PLANTS.bitaxeSupra, { seed: 1, now: epochMs(0), spread: false });
      plant.setFanDuty(percent(100));
      plant.setFrequency(megahertz(frequency));
      plant.setVoltage(millivolts(voltage));
      plant.advance(epochMs(2 * 3600_000));
      const { psuOutput, boards } = plant.truth;
      const temperature = boards[0]?.meanChipTemperature ?? 0;
      expect(Math.abs(temperature - (24.88 + 1.765 * psuOutput))).toBeLessThan(1.2);
    }
  });
});

describe("kW machines", () => {
  it.each(LUXOS_LABELS)(
    "S19k Pro at %d MHz, %d mV: the LuxOS label of %d W (a label, not a measurement) within 5 %",
    (frequency, voltage, label) => {
      // 4.96 % is the worst error of the table's own fit in board volts and frequency.
      const truth = settled(PLANTS.s19kPro, frequency, voltage);
      expect(percentOff(truth.wallPower, label)).toBeLessThan(4.96);
      expect(truth.boards[0]?.ideal).toBeCloseTo(77 * 0.894e9 * frequency, -3);
    },
  );

  it("S19k Pro leaves its LuxOS labels by 2.2 % on average (labels, not measurements)", () => {
    const errors = LUXOS_LABELS.map(([frequency, voltage, label]) =>
      percentOff(settled(PLANTS.s19kPro, frequency, voltage).wallPower, label),
    );
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(2.2);
  });

  it.each([
    ["S19k Pro", PLANTS.s19kPro, 121.8e12, 2794],
    ["S19", PLANTS.s19, 95e12, 3250],
    ["M50S", PLANTS.m50s, 126e12, 3276],
  ] as const)(
    "%s: nameplate at stock, hashrate within 0.5 %, power within 1 %",
    (_, spec, rate, power) => {
      const truth = settled(spec, spec.stock.frequency, spec.stock.voltage);
      expect(percentOff(truth.hashrate, rate)).toBeLessThan(0.5);
      expect(percentOff(truth.wallPower, power)).toBeLessThan(1);
      expect(truth.boards[0]?.meanChipTemperature).toBeCloseTo(spec.stock.chipTemperature, 0);
    },
  );

  // Gains of J/TH in percent that a thermally coupled generic board gives with 14 and 35 mV of margin.
  it.each([
    ["S19k Pro", 1, 3.2, 7.4, PLANTS.s19kPro],
    ["S19k Pro", 0.75, 13.7, 16.9, PLANTS.s19kPro],
    ["S19", 1, 3.2, 7.4, PLANTS.s19],
    ["S19", 0.75, 13.7, 16.9, PLANTS.s19],
  ] as const)(
    "%s: the best J/TH at %f of the hashrate is %f to %f % lower",
    (_, share, low, high, spec) => {
      const best = Math.min(...efficiencies(spec, share));
      const gain = (1 - best / Math.min(...efficiencies(spec, 1, spec.stock.voltage))) * 100;
      expect(gain).toBeGreaterThan(low);
      expect(gain).toBeLessThan(high);
    },
  );
});

/** J/TH of settled points at `share` of the stock hashrate, over voltages from 80 % of stock up. */
function efficiencies(spec: PlantSpec, share: number, from = spec.stock.voltage * 0.8): number[] {
  const found: number[] = [];
  for (let voltage = from; voltage <= spec.stock.voltage; voltage += 40) {
    const plant = new Plant(spec, { seed: 1, now: epochMs(0), spread: false });
    plant.setFanDuty(percent(spec.stock.fanDuty));
    plant.setFrequency(megahertz(spec.stock.frequency * share));
    plant.setVoltage(millivolts(voltage));
    plant.advance(epochMs(3600_000));
    const { wallPower, hashrate, boards } = plant.truth;
    if ((boards[0]?.hashRatio ?? 0) > 0.995) found.push((wallPower / hashrate) * 1e12);
  }
  return found;
}
