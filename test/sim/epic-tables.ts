// What the captured S19 XP says of itself.

import type { Capabilities } from "../../drivers/epic/wire.ts";
import { ESTIMATOR, SUPPLY } from "./epic-miner.ts";

const PRESETS = [
  [272, 12_300, 80, 1700],
  [337, 12_500, 100, 2200],
  [407, 12_600, 120, 2700],
  [482, 12_900, 142, 3350],
  [525, 13_100, 154, 3850],
  [575, 13_500, 169, 4400],
] as const;

const ALGORITHMS = ["VoltageOptimizer", "ChipTune", "BoardTune"] as const;

export interface Abilities {
  /** Later builds hold a power, and tell whether the supply measures it. */
  readonly powerTune: boolean;
}

export function capabilities({ powerTune }: Abilities): Capabilities {
  const tuners = ALGORITHMS.map((algorithm) => ({ algorithm, min: 60, max: 300 }));
  const power = powerTune ? [{ algorithm: "Power", min: 1500, max: 4400 }] : [];
  return {
    Model: "AntMiner S19 XP",
    "Model Subtype": "BHB56801",
    "Chip Type": "BM1366",
    "Chips Per Bank": 10,
    "Max HBs": 3,
    "Board Serial Numbers": ["SIMEPIC0000000001", "SIMEPIC0000000002", "SIMEPIC0000000003"],
    Coins: ["BTC"],
    "Control Board Version": {
      cpuHardware: "STM32 (Device Tree Support)",
      cpuSerial: "002000000000000000000002",
    },
    "Default Clock": 485,
    "Default Voltage": 12_900,
    "Default Hashrate": 143,
    Display: ["ClksAndVoltage", "ShutdownTemp", "PerpetualTune"],
    "Performance Estimator": { "Chip Count": 110, "Hashes Per Second Per Chip": 894 },
    PerpetualTune: [...tuners, ...power],
    "Psu Info": {
      "Min Vout": SUPPLY.min,
      "Max Vout": SUPPLY.max,
      "PSU Type": 118,
      FW: 25,
      ...(powerTune ? { "True Power": true } : {}),
    },
    "Temp Sensor Info": { Count: 2, Type: "Board" },
    "Tune Presets": PRESETS.map(([clk, voltage, hashrate, power_]) => ({
      clk,
      voltage,
      hashrate,
      power: power_,
    })),
    "Voltage Estimator": { Slope: ESTIMATOR.slope, "Y Intercept": ESTIMATOR.intercept },
  };
}
