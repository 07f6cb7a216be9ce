// Machines of small makers as plants: a nameplate on the S19k Pro's board, because nobody has published
// measurements of them. Frequency, volts, heat paths and the cliff are therefore assumed.

import type { Algorithm } from "../../drivers/contract/algorithm.ts";
import type { PlantSpec } from "./physics.ts";
import { PLANTS } from "./plants.ts";

export interface Nameplate {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly boards: number;
  readonly chipsPerBoard: number;
  /** Watts at the wall. */
  readonly wall: number;
  /** Base units per second. */
  readonly rate: number;
  readonly fans: number;
}

const BASE = PLANTS.s19kPro;
const BASE_WALL = 2794;

export function fromNameplate(plate: Nameplate): PlantSpec {
  const { name, algorithm, boards, chipsPerBoard } = plate;
  const chips = boards * chipsPerBoard;
  const power = plate.wall / BASE_WALL;
  const perChip = (power * BASE.boards * BASE.chipsPerBoard) / chips;
  const { chip } = BASE.power;
  const fans = Math.max(1, plate.fans);
  return {
    ...BASE,
    name,
    algorithm,
    boards,
    chipsPerBoard,
    hashesPerMhzChip: plate.rate / (chips * BASE.stock.frequency),
    power: {
      chip: {
        ...chip,
        switching: chip.switching * perChip,
        leakage: chip.leakage * perChip,
      },
      controller: BASE.power.controller * power,
      standing: BASE.power.standing * power,
    },
    thermal: { ...BASE.thermal, resistance: BASE.thermal.resistance / power },
    psu: { ...BASE.psu, rated: BASE.psu.rated * power },
    fans: {
      ...BASE.fans,
      count: fans,
      maxWatts: (BASE.fans.maxWatts * BASE.fans.count * power) / fans,
    },
  };
}
