// What a number in a field called GHS is. The vendor's unit field decides; without it the sheet of
// machines does, because Bitmain puts MH/s, kSol/s and Sol/s into fields of that name.

import type { Algorithm } from "../contract/algorithm.ts";
import { lookUp, toNumber, toText } from "../contract/decoding.ts";
import type { Quality } from "../contract/telemetry.ts";
import type { AntminerModel } from "../hardware/antminer.ts";

/** Hashes (or solutions) per second in one unit of the machine's totals and of its boards. */
export interface RateScale {
  readonly total: number;
  readonly chain: number;
}

const PREFIX: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  p: 1e15,
};

/** `GH`, `MH/s`, `H/s`, `kSol/s`; undefined for anything else. */
export function parseUnit(raw: unknown): number | undefined {
  const match = /^([kmgtp]?)(?:h|sol)(?:\/s)?$/i.exec(toText(raw) ?? "");
  return match === null ? undefined : PREFIX[(match[1] ?? "").toLowerCase()];
}

export interface RateFacts {
  readonly algorithm: Algorithm;
  readonly model?: string;
  /** `rate_unit` of the reply. */
  readonly unit?: unknown;
  /** The 5 s total and the boards' sum, as written. */
  readonly total?: number | undefined;
  readonly chains?: number | undefined;
}

export function rateScale(facts: RateFacts): RateScale {
  const told = parseUnit(facts.unit);
  if (told !== undefined) return { total: told, chain: told };
  if (facts.algorithm === "equihash") return equihashScale(facts);
  const unit = unitWithoutField(facts.algorithm, facts.model);
  return { total: unit, chain: unit };
}

function unitWithoutField(algorithm: Algorithm, model: string | undefined): number {
  // L3+ 504.56, L7, L9: MH/s. E3, E9: MH/s. D3 16346.64: MH/s, but D7 and D9 1752.34: GH/s.
  if (algorithm === "scrypt" || algorithm === "ethash") return 1e6;
  if (algorithm === "x11" && model === "D3") return 1e6;
  return 1e9;
}

/** Z11 2019-04 counts kSol/s everywhere; Z11 2019-10 and Z15 count totals in Sol/s, boards in kSol/s. */
const SOLUTIONS_ABOVE = 2000;
const RATIO_ABOVE = 30;

function equihashScale(facts: RateFacts): RateScale {
  const { total = 0, chains = 0 } = facts;
  const inSolutions =
    chains > 0 && total > 0 ? total / chains > RATIO_ABOVE : total > SOLUTIONS_ABOVE;
  return { total: inSolutions ? 1 : 1e3, chain: 1e3 };
}

/** Beyond these shares of what the maker sells the model as, the unit or the number is wrong. */
const MOST = 1.6;
const LEAST = 1 / 500;

/** `implausible` when a running machine's rate cannot be this model's. */
export function rateQuality(rate: number, model: AntminerModel | undefined): Quality {
  if (model?.nameplate === undefined || rate <= 0) return "ok";
  const share = rate / model.nameplate;
  return share > MOST || share < LEAST ? "implausible" : "ok";
}

/** The words of `get_system_info.cgi`. SHA-256 machines say nothing. */
const SPOKEN: Readonly<Record<string, Algorithm>> = {
  sha256: "sha256",
  sha256d: "sha256",
  scrypt: "scrypt",
  x11: "x11",
  equihash: "equihash",
  ethash: "ethash",
  etchash: "ethash",
  kheavyhash: "kheavyhash",
  blake2s: "blake2s",
  eaglesong: "eaglesong",
  handshake: "handshake",
};

/** Bitmain's series letters, for a model that the table does not have yet. */
const SERIES: readonly (readonly [RegExp, Algorithm])[] = [
  [/^ks\d/, "kheavyhash"],
  [/^[st]\d/, "sha256"],
  [/^l\d/, "scrypt"],
  [/^d\d/, "x11"],
  [/^z\d/, "equihash"],
  [/^e\d/, "ethash"],
];

/** From the table, else from what the machine says, else from the series; undefined for a stranger. */
export function algorithmOf(
  model: AntminerModel | undefined,
  spoken: unknown,
  name: string | undefined,
): Algorithm | undefined {
  if (model !== undefined) return model.algorithm;
  const word = toText(spoken)
    ?.toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
  if (word !== undefined) return lookUp(SPOKEN, word);
  const text = name?.toLowerCase() ?? "";
  if (!text.startsWith("antminer ")) return undefined;
  return SERIES.find(([pattern]) => pattern.test(text.slice("antminer ".length)))?.[1];
}

/** The sum of what is there; undefined when nothing is. */
export function sum(values: readonly unknown[]): number | undefined {
  const known = values.map(toNumber).filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}
