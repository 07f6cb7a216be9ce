// The machines of the standard bench. Figures and their sources stand in test/sim/plants.ts; what is
// assumed here says so.

import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { PLANTS, type PlantSpec } from "../sim/plant.ts";
import { FACTORY_SPREAD } from "../sim/plant-unit.ts";
import type { MachineClass, Preset } from "./class.ts";

/** Four BM1370: 59 points of power within 0.5 %; the slope and steepness of its cliff are those of the GT. */
const NERDQAXE: PlantSpec = {
  ...PLANTS.bitaxeGt,
  name: "NerdQAxe++",
  chipsPerBoard: 4,
  stock: {
    frequency: megahertz(600),
    voltage: millivolts(1150),
    chipTemperature: celsius(58),
    fanDuty: 60,
  },
  power: {
    chip: {
      switching: 0.01833,
      leakage: 2.84,
      perKelvin: 0.046,
      perVolt: 0,
      temperature: 50,
      voltage: 1.2,
    },
    controller: 5,
    standing: 0,
  },
  cliff: {
    ...PLANTS.bitaxeGt.cliff,
    voltage: 1.146,
    frequency: 620,
    slope: 0.00041,
    steepness: 5.7,
  },
  // Assumed: 58 Celsius at stock with the fan at 60 %.
  thermal: { ...PLANTS.bitaxeGt.thermal, resistance: 0.28, target: celsius(58) },
  psu: { rated: 150, peak: 0.93, best: 0.55, curvature: 0.03, standing: 0.004 },
};

/** Keeps the factory's margin at every point: labels follow the slope that chips need. */
function ladder(spec: PlantSpec, step: number, count: number): Preset[] {
  const slope = spec.cliff.slope * 1000 * spec.domains;
  return Array.from({ length: count }, (_, index) => {
    const below = (count - 1 - index) * step;
    const frequency = spec.stock.frequency - below;
    const voltage = Math.round((spec.stock.voltage - slope * below) / 10) * 10;
    return { name: `${frequency} MHz`, frequency, voltage, tuned: index % 2 === 0 };
  });
}

const COMMON = {
  spread: FACTORY_SPREAD,
  powerNoise: 0.004,
  powerBias: 0.015,
  untunedDeadTime: 600,
};

export const CLASSES: readonly MachineClass[] = [
  {
    ...COMMON,
    id: "A",
    title: "Bitaxe GT: frequency and voltage, 2 chips",
    family: "BM1370",
    spec: PLANTS.bitaxeGt,
    interface: { kind: "manual", voltageStep: 5, frequencyStep: 6.25 },
    basis: "board",
    deadTime: 0,
  },
  {
    ...COMMON,
    id: "B",
    title: "NerdQAxe++: frequency and voltage, 4 chips",
    family: "BM1370",
    spec: NERDQAXE,
    interface: { kind: "manual", voltageStep: 5, frequencyStep: 6.25 },
    basis: "board",
    deadTime: 0,
  },
  {
    ...COMMON,
    id: "C",
    title: "air 3 kW: frequency and voltage, 231 chips",
    family: "BM1366",
    spec: PLANTS.s19kPro,
    interface: { kind: "manual", voltageStep: 20, frequencyStep: 5 },
    basis: "psu",
    deadTime: 0,
    // A cold start of a stock S19 Pro: 102 s until it mines.
    wakeTime: 120,
  },
  {
    ...COMMON,
    id: "D",
    title: "air 3 kW: 13 presets, half of them tuned",
    family: "BM1398",
    spec: PLANTS.s19,
    interface: {
      kind: "presets",
      presets: ladder(PLANTS.s19, 25, 13),
      stock: `${PLANTS.s19.stock.frequency} MHz`,
    },
    basis: "psu",
    // Soft restart of VNish: 15 to 20 s.
    deadTime: 20,
    // Assumed: its start brings the voltage up in steps.
    wakeTime: 180,
  },
  {
    ...COMMON,
    id: "E",
    title: "Whatsminer: power limit",
    family: "Whatsminer",
    spec: PLANTS.m50s,
    interface: {
      kind: "power-limit",
      slope: PLANTS.m50s.cliff.slope * 1000 * PLANTS.m50s.domains,
      step: 1,
    },
    basis: "psu",
    // A new limit makes btminer tune up again: 6 to 10 min to full rate.
    deadTime: 420,
    // Assumed: power on and the check of the boards come before the tuning up.
    wakeTime: 120,
  },
  {
    ...COMMON,
    id: "F",
    title: "air 3 kW: frequency and voltage, 3 boards, each of 231 chips apart",
    family: "BM1366",
    spec: PLANTS.s19kPro,
    // LuxOS and ePIC set chips live and tell what each delivers; the step is assumed.
    interface: {
      kind: "per-chip",
      voltageStep: 20,
      frequencyStep: 5,
      offsetStep: 2.5,
      offsetMax: 75,
    },
    basis: "psu",
    deadTime: 0,
  },
];
