// IceRiver's machines: KS for Kaspa, AL for Alephium. Source: the model table of a public fleet library.
// AE (Aleo) is left out: nobody tells the unit of its rate.

import type { Algorithm } from "../contract/algorithm.ts";

export interface IceriverModel {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly boards: number;
  /** Absent where the table gives none. */
  readonly chipsPerBoard?: number;
  readonly fans: number;
}

const KASPA = { algorithm: "kheavyhash", boards: 3, fans: 4 } as const;

const MODELS: readonly IceriverModel[] = [
  { ...KASPA, name: "KS0", fans: 0 },
  { ...KASPA, name: "KS1" },
  { ...KASPA, name: "KS2", chipsPerBoard: 18 },
  { ...KASPA, name: "KS3" },
  { ...KASPA, name: "KS3L" },
  { ...KASPA, name: "KS3M", chipsPerBoard: 18 },
  { ...KASPA, name: "KS5", chipsPerBoard: 92 },
  { ...KASPA, name: "KS5L", chipsPerBoard: 18 },
  { ...KASPA, name: "KS5M", chipsPerBoard: 18 },
  // The table gives 156 chips a board, a public capture counts 18.
  { name: "AL3", algorithm: "blake3", boards: 3, fans: 4 },
];

/** Numbers in versions without a name, from the same library: `ICM168_04_02_1810_10306_miner`. */
const CODES: Readonly<Record<string, string>> = { "10306": "AL3" };

/** The name is a word of the text: `KS5L`, `IceRiver KS3M`. */
export function findIceriver(text: string): IceriverModel | undefined {
  const words = text
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .map((word) => CODES[word] ?? word);
  return MODELS.find((model) => words.includes(model.name));
}
