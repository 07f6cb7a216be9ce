// What the machine reports as wrong. Its own bit fields are published for the supply alone.

import type { MachineFault } from "../contract/telemetry.ts";
import { figureOf, figuresOf } from "./module-text.ts";
import { type Module, PS } from "./wire.ts";

/** Bits of PS[0], from the manual of A10. */
const SUPPLY_BITS: readonly (readonly [number, string])[] = [
  [1, "input voltage too low"],
  [2, "over-temperature 1"],
  [4, "over-temperature 2"],
  [8, "over-temperature 3"],
  [16, "primary over-current"],
  [32, "output voltage too low"],
  [64, "output over-current"],
  [128, "current share"],
  [256, "over-current of rail A"],
  [512, "over-current of rail B"],
  [1024, "over-current of rail C"],
  [2048, "fan"],
];

/** Bits are the maker's secret. 16 and 512 stand on healthy 7xx and 10xx boards. */
const BOARD_CODES: Readonly<Record<number, string | undefined>> = {
  0: undefined,
  16: undefined,
  512: undefined,
  128: "over-temperature",
  513: "abnormal",
};

export function decodeFaults(modules: readonly Module[]): MachineFault[] {
  return modules.flatMap((module, index) => {
    const faults = [...supplyFaults(module), ...boardFaults(module), ...controllerFaults(module)];
    if (modules.length === 1) return faults;
    return faults.map((fault) => ({ ...fault, text: `module ${index + 1}: ${fault.text}` }));
  });
}

function supplyFaults(module: Module): MachineFault[] {
  const bits = figuresOf(module.PS)[PS.errors] ?? 0;
  const faults = SUPPLY_BITS.filter(([bit]) => (bits & bit) !== 0).map(([bit, text]) =>
    faultOf("supply", `PS ${bit}`, text),
  );
  const state = figureOf(module.POWS) ?? 0;
  if (state !== 0) faults.push(faultOf("supply", `POWS ${state}`, "supply reports a fault"));
  const link = figureOf(module.PCOMM_E) ?? 0;
  if (link !== 0) faults.push(faultOf("supply", `PCOMM_E ${link}`, "no communication with it"));
  if (module.POW_I2C !== undefined && module.POW_I2C !== "OK" && module.POW_I2C !== "") {
    faults.push(faultOf("supply", `POW_I2C ${module.POW_I2C}`, "no communication with it"));
  }
  return faults;
}

function boardFaults(module: Module): MachineFault[] {
  const faults: MachineFault[] = [];
  for (const [board, code] of figuresOf(module.ECHU).entries()) {
    if (code === undefined) continue;
    const text = code in BOARD_CODES ? BOARD_CODES[code] : "code not published";
    if (text !== undefined) faults.push(faultOf(`board ${board}`, `ECHU ${code}`, text));
  }
  for (const [board, code] of figuresOf(module.HASHS).entries()) {
    if (code) faults.push(faultOf(`board ${board}`, `HASHS ${code}`, "board reports a fault"));
  }
  return faults;
}

function controllerFaults(module: Module): MachineFault[] {
  const faults: MachineFault[] = [];
  const controller = figureOf(module.ECMM) ?? 0;
  if (controller !== 0) faults.push(faultOf("controller", `ECMM ${controller}`, "exception"));
  const fans = figureOf(module.FanErr) ?? 0;
  if (fans !== 0) faults.push(faultOf("fans", `FanErr ${fans}`, "a fan reports a fault"));
  if (/in fault/i.test(module.SYSTEMSTATU ?? "")) {
    faults.push(
      faultOf("controller", "In Fault", "the firmware stopped hashing because of a fault"),
    );
  }
  return faults;
}

const faultOf = (component: string, code: string, what: string): MachineFault => ({
  code,
  text: `${component}: ${what}`,
  component,
});
