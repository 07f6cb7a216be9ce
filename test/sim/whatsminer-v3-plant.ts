// The physics of an M60S VK40: the M50S's board, scaled to what an M60S_VK40 told of itself: 171.26 TH/s at
// 620 MHz, 225 chips a board, 12.09 V and 3156 W under a limit of 3600 W. The rest is assumed.

import { megahertz, millivolts } from "../../drivers/contract/units.ts";
import type { PlantSpec } from "./physics.ts";
import { PLANTS } from "./plant.ts";

const CHIPS_PER_BOARD = 225;
const MHZ = 620;
const BOARD_MILLIVOLTS = 12_090;
const HASHRATE = 171.26e12;
const WATTS = 3156;
const BASE = PLANTS.m50s;
const BASE_WATTS = 3276;

export const M60S: PlantSpec = scale();

function scale(): PlantSpec {
  const { stock, boards, chipsPerBoard, domains, power, cliff } = BASE;
  const chips = chipsPerBoard / CHIPS_PER_BOARD;
  const volts = stock.voltage / BOARD_MILLIVOLTS;
  const watts = WATTS / BASE_WATTS;
  if (!("switching" in power.chip)) throw new Error("the M50S has another power model");
  return {
    ...BASE,
    name: "Whatsminer M60S VK40",
    chipsPerBoard: CHIPS_PER_BOARD,
    hashesPerMhzChip: HASHRATE / (MHZ * boards * CHIPS_PER_BOARD),
    stock: { ...stock, frequency: megahertz(MHZ), voltage: millivolts(BOARD_MILLIVOLTS) },
    power: {
      ...power,
      chip: {
        ...power.chip,
        switching: power.chip.switching * watts * chips * volts ** 2 * (stock.frequency / MHZ),
        leakage: power.chip.leakage * watts * chips * volts,
        voltage: BOARD_MILLIVOLTS / 1000 / domains,
      },
    },
    cliff: {
      ...cliff,
      voltage: cliff.voltage + (BOARD_MILLIVOLTS - stock.voltage) / 1000 / domains,
      frequency: MHZ,
    },
  };
}
