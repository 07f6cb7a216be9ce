// Bitmain's machines: one line a model. Sources: the model files of public fleet libraries, topol.conf of
// stock images, captures of running machines; what no source gives is absent.

import type { Algorithm } from "../contract/algorithm.ts";

/** How stock firmware of this model is controlled. `hydro` has no fans to set. */
export type StockModes =
  | "sleep"
  | "sleep-low"
  | "sleep-high"
  | "sleep-low-high"
  | "sleep-254"
  | "none";

export interface AntminerModel {
  readonly name: string;
  readonly chips: number;
  readonly boards: number;
  readonly fans: number;
  readonly algorithm: Algorithm;
  /** Chip type. */
  readonly chip?: string;
  /** Work modes that stock firmware takes. */
  readonly modes: StockModes;
  /** Series-connected voltage domains of a board. */
  readonly domains?: number;
  /** What the maker sells it as, in the algorithm's display unit, e.g. TH/s. */
  readonly nameplate?: number;
  /** Highest chip and board temperature that the stock image allows, °C. */
  readonly limits?: { readonly chip: number; readonly board: number };
  /** Boards that the maker calibrates within these: MHz and V (levels.json of stock images). */
  readonly window?: {
    readonly frequency: readonly [number, number];
    readonly voltage: readonly [number, number];
  };
}

type Extra = Omit<
  Partial<AntminerModel>,
  "name" | "chips" | "boards" | "fans" | "algorithm" | "modes"
>;

function model(
  name: string,
  chips: number,
  boards: number,
  fans: number,
  modes: StockModes,
  extra: Extra = {},
  algorithm: Algorithm = "sha256",
): AntminerModel {
  return { name, chips, boards, fans, modes, algorithm, ...extra };
}

const LIMITS_95_80 = { chip: 95, board: 80 };

const MODELS: readonly AntminerModel[] = [
  model("S9", 63, 3, 2, "none", { chip: "BM1387", nameplate: 13.5 }),
  model("S9i", 63, 3, 2, "none", { chip: "BM1387" }),
  model("S9j", 63, 3, 2, "none", { chip: "BM1387" }),
  model("T9", 54, 3, 2, "none"),
  model("S17", 48, 3, 4, "sleep-254"),
  model("S17 Pro", 48, 3, 4, "sleep-254"),
  model("S17+", 65, 3, 4, "sleep-254"),
  model("S17e", 135, 3, 4, "sleep-254"),
  model("T17", 30, 3, 4, "sleep-254"),
  model("T17+", 44, 3, 4, "sleep-254"),
  model("T17e", 78, 3, 4, "sleep-254"),
  model("S19", 76, 3, 4, "sleep", { chip: "BM1398", nameplate: 95, domains: 38 }),
  model("S19L", 76, 3, 4, "sleep"),
  model("S19 Pro", 114, 3, 4, "sleep", { chip: "BM1398", nameplate: 110, domains: 38 }),
  model("S19 Pro A", 114, 3, 4, "sleep"),
  model("S19j", 114, 3, 4, "sleep", { nameplate: 90 }),
  model("S19i", 80, 3, 4, "sleep"),
  model("S19+", 80, 3, 4, "sleep"),
  model("S19 Pro+", 120, 3, 4, "sleep"),
  model("S19j Pro", 126, 3, 4, "sleep", {
    chip: "BM1362",
    window: { frequency: [440, 545], voltage: [13.2, 13.8] },
  }),
  model("S19j+", 108, 3, 4, "sleep"),
  model("S19j Pro+", 120, 3, 4, "sleep", { chip: "BM1362" }),
  model("S19 XP", 110, 3, 4, "sleep", { chip: "BM1366", nameplate: 141 }),
  model("S19 XP+", 108, 3, 4, "sleep"),
  model("S19a", 72, 3, 4, "sleep"),
  model("S19a Pro", 100, 3, 4, "sleep"),
  model("S19k Pro", 77, 3, 4, "sleep", {
    chip: "BM1366",
    domains: 11,
    window: { frequency: [490, 695], voltage: [12.0, 14.5] },
  }),
  model("S19j XP", 110, 3, 4, "sleep"),
  model("T19", 76, 3, 4, "sleep"),
  model("S21", 108, 3, 4, "sleep-low", { chip: "BM1368", nameplate: 200 }),
  model("T21", 108, 3, 4, "sleep-high", { chip: "BM1368" }),
  model("S21+", 55, 3, 4, "sleep-low", { chip: "BM1370" }),
  model("S21 Pro", 65, 3, 4, "sleep", { chip: "BM1370", nameplate: 234 }),
  model("S21 Pro+", 65, 3, 4, "sleep"),
  model("S21 XP", 91, 3, 4, "sleep", { chip: "BM1370" }),
  model("S19 Hyd", 104, 4, 0, "sleep"),
  model("S19 Pro Hyd", 180, 4, 0, "sleep"),
  model("S19 Pro+ Hyd", 180, 4, 0, "sleep"),
  model("S19 XP Hyd", 204, 3, 0, "sleep"),
  model("S21 Hyd", 216, 3, 0, "sleep-high", { chip: "BM1368", domains: 18 }),
  model("S21+ Hyd", 95, 3, 0, "sleep-low-high", { chip: "BM1370", domains: 19 }),
  model("S21 XP Hyd", 160, 3, 0, "sleep-low", { chip: "BM1370", domains: 20 }),
  model("S21e XP Hyd", 160, 3, 0, "sleep", { chip: "BM1370", domains: 20 }),
  model("S21e Hyd", 85, 3, 0, "sleep-low", { chip: "BM1370", domains: 17 }),
  model("L3+", 72, 4, 2, "none", {}, "scrypt"),
  model("L3++", 72, 4, 2, "none", {}, "scrypt"),
  model("L7", 120, 3, 4, "sleep", {}, "scrypt"),
  model("L9", 110, 3, 4, "sleep", { chip: "BM1491", domains: 22, limits: LIMITS_95_80 }, "scrypt"),
  model("L11", 88, 3, 4, "sleep", {}, "scrypt"),
  model("KS3", 92, 3, 2, "sleep", { chip: "BM2380", limits: LIMITS_95_80 }, "kheavyhash"),
  model(
    "KS5",
    92,
    3,
    4,
    "sleep",
    { chip: "BM2382", limits: { chip: 100, board: 85 } },
    "kheavyhash",
  ),
  model(
    "KS5 Pro",
    92,
    3,
    4,
    "sleep",
    { chip: "BM2382", limits: { chip: 100, board: 85 } },
    "kheavyhash",
  ),
  model("K7", 92, 3, 2, "sleep", {}, "eaglesong"),
  model("KA3", 92, 3, 4, "sleep", {}, "blake2s"),
  model("HS3", 92, 3, 4, "sleep", {}, "handshake"),
  model("D3", 60, 3, 2, "none", {}, "x11"),
  model("D7", 70, 3, 4, "sleep", {}, "x11"),
  model("D9", 126, 3, 4, "sleep", { chip: "BM1766", limits: LIMITS_95_80 }, "x11"),
  model("E9", 8, 2, 4, "sleep", { chip: "BM2280", limits: LIMITS_95_80 }, "ethash"),
  model("E9 Pro", 8, 2, 4, "sleep", { chip: "BM2280", limits: LIMITS_95_80 }, "ethash"),
  model("E11", 6, 3, 2, "sleep", { chip: "BM2282", limits: LIMITS_95_80 }, "ethash"),
  model("Z9", 4, 3, 2, "none", {}, "equihash"),
  model("Z11", 3, 3, 2, "none", {}, "equihash"),
  model("Z15", 3, 3, 2, "none", {}, "equihash"),
  model("Z15e", 3, 3, 2, "none", {}, "equihash"),
  model("Z15j", 3, 3, 2, "none", {}, "equihash"),
  model("Z15 Pro", 6, 3, 2, "sleep", { chip: "BM1746", limits: LIMITS_95_80 }, "equihash"),
];

const byName: ReadonlyMap<string, AntminerModel> = new Map(
  MODELS.map((entry) => [normal(entry.name), entry]),
);

/** Board codes that some machines tell instead of a model. */
const BOARD_CODES: readonly (readonly [RegExp, string])[] = [
  [/^bhb42x+$/, "s19jpro"],
  [/^bhb6860[16]$/, "s21"],
  [/^hhb68x+$/, "s21hyd"],
  [/^h6hb70701$/, "s21+hyd"],
];

/**
 * The model behind what a machine calls itself: "Antminer S19 XP Hyd. (Vnish 1.2.6)" is the S19 XP Hyd.
 * Undefined for a model that is not in the table.
 */
export function findAntminer(text: string): AntminerModel | undefined {
  const key = normal(text);
  const code = BOARD_CODES.find(([pattern]) => pattern.test(key));
  return byName.get(code?.[1] ?? key);
}

function normal(text: string): string {
  return text
    .toLowerCase()
    .replace(/\(.*?\)/g, "")
    .replace("antminer", "")
    .replaceAll(/[\s._-]/g, "");
}

/** For the table of models in the documentation. */
export const antminerModels = (): readonly AntminerModel[] => MODELS;
