// What a machine computes, and how its users write that rate.

import type { HashesPerSecond, JoulesPerHash } from "./units.ts";

interface AlgorithmFacts {
  readonly name: string;
  /** What is counted: hashes, or Equihash solutions. */
  readonly work: "H" | "Sol";
  /** Base units in one display unit. */
  readonly scale: number;
  /** The display unit of the field, as vendors print it. */
  readonly rateUnit: string;
  /** Energy per display unit of work. */
  readonly efficiencyUnit: string;
}

/** Display units follow the vendors' own sheets; every rate is stored in base units per second. */
export const ALGORITHMS = {
  sha256: { name: "SHA-256", work: "H", scale: 1e12, rateUnit: "TH/s", efficiencyUnit: "J/TH" },
  scrypt: { name: "Scrypt", work: "H", scale: 1e9, rateUnit: "GH/s", efficiencyUnit: "J/GH" },
  x11: { name: "X11", work: "H", scale: 1e9, rateUnit: "GH/s", efficiencyUnit: "J/GH" },
  equihash: {
    name: "Equihash",
    work: "Sol",
    scale: 1e3,
    rateUnit: "kSol/s",
    efficiencyUnit: "J/kSol",
  },
  ethash: { name: "Ethash", work: "H", scale: 1e6, rateUnit: "MH/s", efficiencyUnit: "J/MH" },
  kheavyhash: {
    name: "kHeavyHash",
    work: "H",
    scale: 1e12,
    rateUnit: "TH/s",
    efficiencyUnit: "J/TH",
  },
  blake2s: { name: "Blake2s", work: "H", scale: 1e12, rateUnit: "TH/s", efficiencyUnit: "J/TH" },
  blake3: { name: "Blake3", work: "H", scale: 1e12, rateUnit: "TH/s", efficiencyUnit: "J/TH" },
  eaglesong: {
    name: "Eaglesong",
    work: "H",
    scale: 1e12,
    rateUnit: "TH/s",
    efficiencyUnit: "J/TH",
  },
  handshake: {
    name: "Handshake",
    work: "H",
    scale: 1e12,
    rateUnit: "TH/s",
    efficiencyUnit: "J/TH",
  },
} as const satisfies Record<string, AlgorithmFacts>;

export type Algorithm = keyof typeof ALGORITHMS;

/** A rate in the field's unit, for people: `120.4 TH/s`. */
export function formatRate(rate: HashesPerSecond, algorithm: Algorithm): string {
  const facts = ALGORITHMS[algorithm];
  return `${(rate / facts.scale).toFixed(2)} ${facts.rateUnit}`;
}

/** An efficiency in the field's unit, for people: `21.50 J/TH`. */
export function formatEfficiency(value: JoulesPerHash, algorithm: Algorithm): string {
  const facts = ALGORITHMS[algorithm];
  return `${(value * facts.scale).toFixed(2)} ${facts.efficiencyUnit}`;
}
