// Innosilicon's machines by the word that `/api/type` gives. Words and rates: the list of types of a public
// fleet client, where the type names its rate; sizes: a public library. What neither gives is absent.

import { ALGORITHMS, type Algorithm } from "../contract/algorithm.ts";
import { type HashesPerSecond, hashesPerSecond, type Watts, watts } from "../contract/units.ts";

export interface InnosiliconModel {
  /** As sold: `T3H+`, `A10 Pro 5G`. */
  readonly name: string;
  /** Absent where the work has no place among the algorithms of the agent: CryptoNight, Blake2b, ... */
  readonly algorithm?: Algorithm;
  readonly boards?: number;
  readonly chipsPerBoard?: number;
  readonly fans?: number;
  readonly nameplate?: HashesPerSecond;
  readonly power?: Watts;
}

interface Row {
  /** Words of `/api/type`, lower case. */
  readonly types: string;
  readonly name: string;
  readonly of?: Algorithm;
  /** In the display unit of the algorithm. */
  readonly rate?: number;
  readonly power?: number;
  readonly size?: readonly [boards: number, chips: number, fans: number];
}

// A8 calls itself T4 and A9 calls itself B29+, which says nothing about either.
const ROWS: readonly Row[] = [
  { types: "t1", name: "T1", of: "sha256" },
  { types: "t2", name: "T2", of: "sha256" },
  { types: "t2t", name: "T2T", of: "sha256", rate: 24 },
  { types: "t2ti", name: "T2Ti", of: "sha256", rate: 25 },
  { types: "t2ts", name: "T2Ts", of: "sha256", rate: 26 },
  { types: "t2tz", name: "T2Tz", of: "sha256", rate: 30 },
  { types: "t2t+", name: "T2T+", of: "sha256", rate: 32 },
  { types: "t2th", name: "T2Th", of: "sha256" },
  { types: "t2thm", name: "T2Thm", of: "sha256" },
  { types: "t2thf", name: "T2Thf", of: "sha256" },
  { types: "t2thl+", name: "T2Thl+", of: "sha256" },
  { types: "t2thf+", name: "T2Thf+", of: "sha256" },
  { types: "t2th+", name: "T2Th+", of: "sha256" },
  { types: "t3", name: "T3", of: "sha256", rate: 43 },
  { types: "t3s", name: "T3s", of: "sha256" },
  { types: "t3a", name: "T3a", of: "sha256" },
  { types: "t3+", name: "T3+", of: "sha256" },
  { types: "t3+b", name: "T3+ Pro", of: "sha256", rate: 67 },
  { types: "t3h", name: "T3H", of: "sha256" },
  { types: "t3h+", name: "T3H+", of: "sha256", size: [3, 114, 4] },
  { types: "a4", name: "A4", of: "scrypt" },
  { types: "a4+", name: "A4+", of: "scrypt" },
  { types: "a5", name: "A5", of: "x11" },
  { types: "a5+", name: "A5+", of: "x11" },
  { types: "a6", name: "A6", of: "scrypt" },
  { types: "a6+", name: "A6+", of: "scrypt" },
  { types: "t4 a8", name: "A8" },
  { types: "a8+", name: "A8+" },
  { types: "b29+ a9", name: "A9", of: "equihash" },
  { types: "a9+", name: "A9+", of: "equihash" },
  { types: "a9++", name: "A9++", of: "equihash" },
  { types: "a10", name: "A10", of: "ethash" },
  { types: "a10l", name: "A10 Pro 5G", of: "ethash" },
  { types: "a10u", name: "A10 Pro 6G", of: "ethash" },
  { types: "a10s", name: "A10 Pro 720M 6G", of: "ethash", rate: 720 },
  { types: "a10x", name: "A10 Pro 720M 7G", of: "ethash", rate: 720 },
  // 1.57 J/MH on a sales page.
  { types: "a11", name: "A11", of: "ethash", rate: 1500, power: 2355, size: [4, 8, 2] },
  { types: "a11mx", name: "A11MX", of: "ethash", size: [4, 8, 2] },
  { types: "d9", name: "D9" },
  { types: "d9+", name: "D9+" },
  { types: "s11", name: "S11" },
];

let table: ReadonlyMap<string, InnosiliconModel> | undefined;

/** By the word of `/api/type`, in any case; undefined for a word that is not in the table. */
export function findInnosilicon(type: string): InnosiliconModel | undefined {
  return models().get(type.trim().toLowerCase());
}

/** For the table of models in the documentation. */
export function innosiliconModels(): readonly InnosiliconModel[] {
  return [...new Set(models().values())];
}

function models(): ReadonlyMap<string, InnosiliconModel> {
  table ??= new Map(
    ROWS.flatMap((row) => {
      const model = unpack(row);
      return row.types.split(" ").map((type) => [type, model] as const);
    }),
  );
  return table;
}

function unpack({ name, of, rate, power, size }: Row): InnosiliconModel {
  const [boards, chipsPerBoard, fans] = size ?? [];
  return {
    name,
    ...(of === undefined ? {} : { algorithm: of }),
    ...(boards === undefined ? {} : { boards }),
    ...(chipsPerBoard === undefined ? {} : { chipsPerBoard }),
    ...(fans === undefined ? {} : { fans }),
    ...(rate === undefined || of === undefined
      ? {}
      : { nameplate: hashesPerSecond(rate * ALGORITHMS[of].scale) }),
    ...(power === undefined ? {} : { power: watts(power) }),
  };
}
