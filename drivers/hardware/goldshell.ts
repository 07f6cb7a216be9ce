// Goldshell's machines. Source: the model table of a public fleet library; only models whose work is known.

import type { Algorithm } from "../contract/algorithm.ts";

export interface GoldshellModel {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly boards: number;
  /** Absent where the table gives none. */
  readonly chipsPerBoard?: number;
  readonly fans: number;
}

const MODELS: readonly GoldshellModel[] = [
  { name: "CK5", algorithm: "eaglesong", boards: 4, chipsPerBoard: 46, fans: 4 },
  { name: "HS5", algorithm: "handshake", boards: 4, chipsPerBoard: 46, fans: 4 },
  { name: "KD5", algorithm: "blake2s", boards: 4, chipsPerBoard: 46, fans: 4 },
  { name: "KDMax", algorithm: "blake2s", boards: 3, chipsPerBoard: 84, fans: 4 },
  { name: "KDBoxII", algorithm: "blake2s", boards: 1, chipsPerBoard: 36, fans: 2 },
  { name: "KDBoxPro", algorithm: "blake2s", boards: 1, chipsPerBoard: 16, fans: 2 },
  // Counted in a public capture.
  { name: "LT5", algorithm: "scrypt", boards: 4, fans: 2 },
  { name: "MiniDoge", algorithm: "scrypt", boards: 1, chipsPerBoard: 40, fans: 2 },
];

/** Names come with and without the maker, with spaces or hyphens: `Goldshell-KD5`, `mini doge`. */
export function findGoldshell(text: string): GoldshellModel | undefined {
  const name = text.toUpperCase().replaceAll(/GOLDSHELL|[\s_-]/g, "");
  return MODELS.find((model) => model.name.toUpperCase() === name);
}
