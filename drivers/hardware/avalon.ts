// Canaan machines, one line a model. Boards, chips and fans follow the model tables of asic-rs and pyasic;
// 1047 and 1346 follow their own telemetry (TA[240] with two boards; EEPROM[120 120 120], Fan1 and Fan2).

import type { Algorithm } from "../contract/algorithm.ts";
import {
  type Celsius,
  celsius,
  type HashesPerSecond,
  hashesPerSecond,
  type Watts,
  watts,
} from "../contract/units.ts";

/**
 * Whose firmware it is. 1: cgminer on a Raspberry Pi with several modules; 2: MM3/MM4 board (K210);
 * 3: K230 Linux.
 */
export type AvalonGeneration = 1 | 2 | 3;

export interface AvalonModel {
  /** Without the maker's name: `A1246`, `Nano 3S`. */
  readonly name: string;
  readonly generation: AvalonGeneration;
  readonly algorithm: Algorithm;
  /** Of one module. */
  readonly boards: number;
  readonly chipsPerBoard: number;
  /** 0 on water-cooled and immersed machines; absent where no source counts them. */
  readonly fans?: number;
  /** As sold; the largest grade where there are several. */
  readonly nameplate?: HashesPerSecond;
  readonly power?: Watts;
  /** What the firmware calls its work modes 0, 1, 2; absent where it does not name them. */
  readonly modes?: readonly string[];
  /** Chip temperature that the fans aim at in each of these modes. */
  readonly targets?: readonly Celsius[];
}

interface Row {
  readonly name: string;
  readonly size: readonly [boards: number, chips: number, fans?: number];
  /** TH/s and watts at the wall. */
  readonly sold?: readonly [rate: number, power: number];
  readonly modes?: readonly string[];
  readonly targets?: readonly number[];
}

const ONE: readonly Row[] = [
  { name: "721", size: [4, 18, 1] },
  { name: "741", size: [4, 22, 1] },
  { name: "761", size: [4, 18, 1] },
  { name: "821", size: [4, 26, 1] },
  { name: "841", size: [4, 26, 1] },
  { name: "851", size: [4, 26, 1] },
  { name: "921", size: [4, 26, 1] },
];

const TWO: readonly Row[] = [
  { name: "1026", size: [3, 80, 2] },
  { name: "1047", size: [2, 120, 2] },
  { name: "1066", size: [3, 114, 4] },
  { name: "1126", size: [3, 120, 4] },
  { name: "1166", size: [3, 120, 4], sold: [81, 3400] },
  { name: "1246", size: [3, 120, 4], sold: [90, 3420] },
  // Counted in a public capture.
  { name: "1326", size: [3, 114] },
  { name: "1346", size: [3, 120, 2] },
  { name: "1466", size: [3, 176, 2], sold: [150, 3230] },
  { name: "1566", size: [3, 160, 2], sold: [185, 3681] },
  { name: "1566HA", size: [4, 160, 0] },
  { name: "1566HU", size: [3, 160] },
];

const NAMES = ["eco", "standard", "super"];

const THREE: readonly Row[] = [
  { name: "Nano 3", size: [1, 10, 1] },
  { name: "Nano 3S", size: [1, 12, 1], modes: NAMES, targets: [80, 85, 90] },
  // Sold as a heater: which of its modes is which is told differently by different sources.
  { name: "Mini 3", size: [1, 66, 1] },
  { name: "Q", size: [1, 160, 4], modes: NAMES, targets: [65, 80, 85] },
];

function modelOf(row: Row, generation: AvalonGeneration): AvalonModel {
  const [boards, chipsPerBoard, fans] = row.size;
  return {
    name: generation === 3 ? row.name : `A${row.name}`,
    generation,
    algorithm: "sha256",
    boards,
    chipsPerBoard,
    ...(fans === undefined ? {} : { fans }),
    ...(row.sold === undefined
      ? {}
      : { nameplate: hashesPerSecond(row.sold[0] * 1e12), power: watts(row.sold[1]) }),
    ...(row.modes === undefined ? {} : { modes: row.modes }),
    ...(row.targets === undefined ? {} : { targets: row.targets.map(celsius) }),
  };
}

export const AVALONS: readonly AvalonModel[] = [
  ...ONE.map((row) => modelOf(row, 1)),
  ...TWO.map((row) => modelOf(row, 2)),
  ...THREE.map((row) => modelOf(row, 3)),
];

const keyOf = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");

const byKey = new Map(AVALONS.map((model) => [keyOf(model.name), model]));

/**
 * The model behind MODEL or PROD of `version`, or Ver of the statistics: `1246-83`, `AvalonMiner 1346-116`,
 * `1166Pro-81`, `15-194`, `Nano3s`, `Avalon Q`, `9211809-b4b3d00`. Undefined for everything that is not
 * exactly one of the table.
 */
export function findAvalon(modelText: string): AvalonModel | undefined {
  const bare = modelText.replace(/^\s*(?:canaan\s+)?(?:avalon\s?miner|avalon)\b/i, "").trim();
  // Gen 1 puts year and month of the build after the model without a mark.
  const first = /^(\d{3})\d{4}-[0-9a-f]{7}/i.exec(bare)?.[1];
  if (first !== undefined) return byKey.get(`A${first}`);
  const key = keyOf(bare.split("-")[0] ?? "");
  // MM4v2 boards give the generation only; 194 TH/s were read on an A1566.
  if (key === "15") return byKey.get("A1566");
  return byKey.get(key) ?? byKey.get(`A${key.replace(/^A/, "").replace(/PRO$/, "")}`);
}

/** TH/s after the model number: `1346-116` is sold as 116 TH/s. */
export function nameplateOf(modelText: string): HashesPerSecond | undefined {
  const grade = /^(?:[^-]*\s)?A?\d{2,4}[A-Za-z]*-(\d{2,3})\b/.exec(modelText.trim())?.[1];
  return grade === undefined ? undefined : hashesPerSecond(Number(grade) * 1e12);
}
