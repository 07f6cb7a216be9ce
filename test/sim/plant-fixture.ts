// The nominal unit of a machine, warm and ready, for tests of the physics.

import { celsius, epochMs, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { type BoardTruth, Plant, type PlantOptions, type PlantSpec } from "./plant.ts";

export const minutes = (count: number) => epochMs(count * 60_000);

export function nominal(spec: PlantSpec, more: Partial<PlantOptions> = {}): Plant {
  return new Plant(spec, { seed: 1, now: epochMs(0), spread: false, ...more });
}

export function board(plant: Plant, index = 0): BoardTruth {
  const found = plant.truth.boards[index];
  if (found === undefined) throw new Error(`no board ${index}`);
  return found;
}

/** Lowest chip voltage, in V, at which 98 % is delivered. */
export function neededVolts(spec: PlantSpec, frequency: number, temperature: number): number {
  const plant = nominal(spec, { chipTemperature: celsius(temperature) });
  plant.setFrequency(megahertz(frequency));
  let low = 0.5;
  let high = 2;
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    plant.setVoltage(millivolts(middle * 1000 * spec.domains));
    if (board(plant).hashRatio < 0.98) low = middle;
    else high = middle;
  }
  return high;
}
