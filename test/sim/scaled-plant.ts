// A machine for which only its nameplate is known: the S19 of the plants at that power, rate and size.

import { PLANTS, type PlantSpec } from "./plant.ts";

interface Plate {
  readonly name: string;
  /** Watts at the wall at stock. */
  readonly wall: number;
  /** Hashes per second at stock. */
  readonly rate: number;
  readonly boards: number;
  readonly chipsPerBoard: number;
  readonly fans: number;
}

/** Of the S19 in the plants. */
const BASE_WALL = 3250;

export function scaledPlant(plate: Plate): PlantSpec {
  const base = PLANTS.s19;
  const size = plate.wall / BASE_WALL;
  const chips = plate.boards * plate.chipsPerBoard;
  const perChip = (size * base.boards * base.chipsPerBoard) / chips;
  const { chip } = base.power;
  return {
    ...base,
    name: plate.name,
    boards: plate.boards,
    chipsPerBoard: plate.chipsPerBoard,
    hashesPerMhzChip: plate.rate / (chips * base.stock.frequency),
    power: {
      chip: { ...chip, switching: chip.switching * perChip, leakage: chip.leakage * perChip },
      controller: base.power.controller * size,
      standing: base.power.standing * size,
    },
    thermal: {
      ...base.thermal,
      resistance: base.thermal.resistance / size,
      airflow: base.thermal.airflow * size,
    },
    fans: {
      ...base.fans,
      count: plate.fans,
      maxWatts: (base.fans.maxWatts * base.fans.count * size) / plate.fans,
    },
    psu: { ...base.psu, rated: base.psu.rated * size },
  };
}
