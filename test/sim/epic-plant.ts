// An S19 XP: ePIC's preset of 482 MHz and 12.9 V promises 142 TH/s for 3350 W. That is put on the generic
// board of the S19k Pro, which has the same chip; how its volts spread over 11 banks of 10 is assumed.

import { celsius, megahertz, millivolts } from "../../drivers/contract/units.ts";
import { type PlantSpec, supplyEfficiency } from "./physics.ts";
import { PLANTS } from "./plants.ts";

const WALL = 3350;
const STOCK = { frequency: megahertz(485), voltage: millivolts(12_900) };
const BANKS = 11;
const CHIPS = 330;
const CHIP_TEMPERATURE = celsius(68);
/** Percent that holds it at 25 Celsius inlet. */
const FAN_DUTY = 70;
const NOMINAL_INLET = 25;

function s19Xp(): PlantSpec {
  const template: PlantSpec = PLANTS.s19kPro;
  const chipVolts = STOCK.voltage / 1000 / BANKS;
  const before = template.stock.voltage / 1000 / template.domains;
  const { psu, power } = template;
  let output = WALL;
  for (let round = 0; round < 20; round += 1) output = WALL * supplyEfficiency(psu, output);
  const scale = scaleOf(template, output, chipVolts);
  const rise = CHIP_TEMPERATURE - NOMINAL_INLET;
  const flow = FAN_DUTY / 100;
  return {
    ...template,
    name: "Antminer S19 XP",
    boards: 3,
    chipsPerBoard: CHIPS / 3,
    stock: { ...STOCK, chipTemperature: CHIP_TEMPERATURE, fanDuty: FAN_DUTY },
    domains: BANKS,
    power: {
      ...power,
      chip: {
        ...power.chip,
        switching: power.chip.switching * scale,
        leakage: power.chip.leakage * scale,
        voltage: chipVolts,
      },
    },
    cliff: {
      ...template.cliff,
      voltage: template.cliff.voltage - before + chipVolts,
      frequency: STOCK.frequency,
    },
    thermal: {
      ...template.thermal,
      resistance: (rise * flow ** 0.8) / (output - turning(template)),
    },
  };
}

/** Watts of the fans at stock. */
const turning = ({ fans }: PlantSpec): number => fans.count * fans.maxWatts * (FAN_DUTY / 100) ** 3;

/** So that all chips together draw what is left of the supply's output at stock. */
function scaleOf(template: PlantSpec, output: number, volts: number): number {
  const { controller, standing, chip } = template.power;
  const left = output - controller - standing - turning(template);
  const switching = chip.switching * volts * volts * STOCK.frequency;
  const leakage = chip.leakage * volts;
  return left / (CHIPS * (switching + leakage));
}

export const S19_XP: PlantSpec = s19Xp();
