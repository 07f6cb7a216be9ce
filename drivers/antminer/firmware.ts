// Who answers: Bitmain's own firmware or one of its relatives, and of which generation.

import { toNumber, toText } from "../contract/decoding.ts";
import type { AntminerModel } from "../hardware/antminer.ts";

/**
 * `stock`: Bitmain's. `relative`: keeps stock's replies, but nobody has tried its writes: read only.
 * `other`: has a protocol of its own and a driver of its own.
 */
export interface Firmware {
  readonly kind: "stock" | "relative" | "other";
  /** As in Identity.firmware. */
  readonly name: string;
}

const STOCK: Firmware = { kind: "stock", name: "Antminer stock" };

/** VNish 2 and 3 (S9, S17, L3+) have no web interface of their own: "vnish 3.8.6". */
const OTHERS =
  /luxminer|luxos|luxor|bosminer|boser|braiins|vnish(?!\s+[23]\.)|anthill|marafw|kaonsu|powerplay/i;

const RELATIVES: readonly (readonly [RegExp, string])[] = [
  [/hiveon/i, "Hiveon"],
  [/vnish\s+[23]\./i, "VNish"],
  // Type "S19-88 v.2.6.0.39 ".
  [/^s\d\S*\s+v\.\d/i, "MSKMiner"],
  [/hashmaster/i, "HashMaster"],
  [/pitbit/i, "PitBit"],
  [/sdminer/i, "SDMiner"],
  [/asicseer/i, "asicseer"],
  [/asicdip/i, "asicdip"],
  [/chipless/i, "chipless"],
  [/blissz/i, "blissz"],
  // The program of Hiveon and MSKMiner: "4.11.1 rwglr".
  [/rwglr/i, "rwglr"],
];

/** A page or reply in which a firmware with a driver of its own names itself. */
export const namesAnother = (text: string): boolean => OTHERS.test(text);

/**
 * From everything that a machine says about its program: Type, program version, Description. Stock is
 * what calls itself an Antminer and none of the others; undefined when nothing says Antminer.
 */
export function firmwareOf(texts: readonly unknown[]): Firmware | undefined {
  const said = texts.map(toText).filter((text) => text !== undefined);
  if (said.some((text) => OTHERS.test(text))) return { kind: "other", name: "unknown" };
  for (const [pattern, name] of RELATIVES) {
    if (said.some((text) => pattern.test(text))) return { kind: "relative", name };
  }
  return said.some((text) => /^antminer\b/i.test(text)) ? STOCK : undefined;
}

/**
 * `form`: S9 to S17, L3+, D3, Z15 and their time; settings go as a form, frequency can be set. `json`:
 * S19 and later; settings go as JSON, modes and fans only.
 */
export type Generation = "form" | "json";

const FORM = /^(?:[ST](?:9|15|17)|L3|[DEB]3|Z9|Z11|Z15(?! ?Pro))/i;

export const generationOf = (model: string): Generation =>
  FORM.test(bareModel(model)) ? "form" : "json";

export const bareModel = (text: string): string => text.replace(/^\s*antminer\s+/i, "").trim();

/** S17 and T17 sleep in mode 254, and 1 is one of their working modes. */
export const sleepMode = (model: string): 1 | 254 => (/^[ST]17/i.test(bareModel(model)) ? 254 : 1);

/** Voltage goes with the form on these. */
export const formHasVoltage = (model: string): boolean =>
  /^(?:[ST]17|Z15[ej])/i.test(bareModel(model));

/** The name to report: the release where the build has one, else when it was compiled. */
export function firmwareVersion(fileSystem: unknown, compiled: unknown): string | undefined {
  const release = toText(fileSystem);
  if (release !== undefined && /^F[RF]-/.test(release)) return release;
  return toText(compiled) ?? release;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** yyyymm from `FR-1.12(251009-S21)` or `Fri Nov 17 17:37:21 CST 2023`; undefined for the rest. */
export function buildMonth(version: string | undefined): string | undefined {
  const release = /^F[RF]-[\d.]+\((\d{2})(\d{2})\d{2}-/.exec(version ?? "");
  if (release !== null) return `20${release[1]}${release[2]}`;
  const date = /\b([a-z]{3})\s+\d{1,2}\s.*\b(20\d{2})\b/i.exec(version ?? "");
  const month = MONTHS.indexOf((date?.[1] ?? "").toLowerCase());
  if (date === null || month < 0) return undefined;
  return `${date[2]}${String(month + 1).padStart(2, "0")}`;
}

/** The work modes that the CGI of this build takes; it drops others without a word. */
export function workModes(model: AntminerModel, build: string | undefined): readonly number[] {
  const { laterModes, modes = [] } = model;
  const later = laterModes !== undefined && build !== undefined && build >= laterModes.since;
  return later ? laterModes.modes : modes;
}

/** UI words. Low power is 3 in every script seen, although some tools send 2 for it. */
const MODE_NAMES: readonly (readonly [mode: number, name: string])[] = [
  [3, "low"],
  [0, "normal"],
  [2, "high"],
];

/** Names of the working modes among `modes`, in the order of rising power. */
export const modeNames = (modes: readonly number[]): string[] =>
  MODE_NAMES.filter(([mode]) => modes.includes(mode)).map(([, name]) => name);
export const modeName = (mode: number): string | undefined =>
  MODE_NAMES.find(([number]) => number === mode)?.[1];
export const modeNumber = (name: string): number | undefined =>
  MODE_NAMES.find(([, text]) => text === name)?.[0];

/** The work mode of a configuration, whichever of the two names it has. */
export const workModeOf = (conf: {
  readonly "bitmain-work-mode"?: unknown;
  readonly "miner-mode"?: unknown;
}): number | undefined => toNumber(conf["miner-mode"]) ?? toNumber(conf["bitmain-work-mode"]);
