// Ebang's Ebit machines by the product name of `getsystemstatus`. Rates and watts come from sales lists and
// are weak; where lists differ by more than a sales margin nothing is given.

import type { Algorithm } from "../contract/algorithm.ts";
import { type HashesPerSecond, hashesPerSecond, type Watts, watts } from "../contract/units.ts";

export interface EbangModel {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly nameplate?: HashesPerSecond;
  readonly power?: Watts;
}

const TERA = 1e12;
const ebit = (name: string, rate?: number, power?: number): EbangModel => ({
  name,
  algorithm: "sha256",
  ...(rate === undefined ? {} : { nameplate: hashesPerSecond(rate * TERA) }),
  ...(power === undefined ? {} : { power: watts(power) }),
});

/** Part of the product name, lower case; a longer one before the one that it contains. */
const MODELS: readonly (readonly [word: string, model: EbangModel])[] = [
  ["e9+", ebit("Ebit E9+")],
  ["e9.2", ebit("Ebit E9.2")],
  ["e9.3", ebit("Ebit E9.3")],
  ["e9i", ebit("Ebit E9i")],
  ["e10", ebit("Ebit E10")],
  ["e11++", ebit("Ebit E11++", 44, 1980)],
  ["e11+", ebit("Ebit E11+")],
  ["e11", ebit("Ebit E11")],
  ["e12+", ebit("Ebit E12+")],
  ["e12", ebit("Ebit E12", 44, 2500)],
  // What the control board of the captured E9-class machine calls itself (12.5 TH/s at 785 MHz).
  ["dwm_btc1000", ebit("Ebit (DWM_BTC1000)")],
];

/** Undefined for a product that is not in the table. */
export function findEbang(product: string): EbangModel | undefined {
  const text = product.toLowerCase();
  return MODELS.find(([word]) => text.includes(word))?.[1];
}
