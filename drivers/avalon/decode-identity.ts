// Who the machine is, from `version` and from the statistics of its first module.

import { present, toMac, toText } from "../contract/decoding.ts";
import type { Identity } from "../contract/telemetry.ts";
import type { HashesPerSecond } from "../contract/units.ts";
import {
  type AvalonGeneration,
  type AvalonModel,
  findAvalon,
  nameplateOf,
} from "../hardware/avalon.ts";
import type { Module, Version } from "./wire.ts";

export interface Who {
  readonly identity: Identity;
  readonly model?: AvalonModel;
  readonly generation?: AvalonGeneration;
  /** Digits of the model number: 12 of A1246, 10 of A1047; absent on gen 3. */
  readonly series?: number;
  readonly nameplate?: HashesPerSecond;
}

/** Longer than any name or build; what is longer is no name. */
const LONGEST_NAME = 80;

export function decodeWho(version: Version | undefined, module: Module | undefined): Who {
  const names = [version?.MODEL, version?.PROD, module?.Ver].map((name) =>
    toText(typeof name === "number" ? String(name) : name?.slice(0, LONGEST_NAME)),
  );
  const model = first(names, findAvalon);
  const generation = model?.generation ?? generationOf(version);
  const build = buildOf(module?.Ver);
  const name = model?.name ?? names.find((candidate) => candidate !== undefined);
  const identity: Identity = present({
    vendor: "Canaan",
    firmware: "Avalon stock",
    firmwareVersion: toText(version?.VERSION) ?? toText(version?.LVERSION) ?? build,
    apiVersion: version?.API === undefined ? undefined : String(version.API),
    model: name === undefined ? undefined : `Avalon ${bare(name)}`,
    modelKnown: model !== undefined,
    serial: toText(version?.DNA) ?? toText(module?.DNA),
    mac: toMac(version?.MAC),
    controlBoard: toText(version?.HWTYPE),
  });
  return present({
    identity,
    model,
    generation,
    series: generation === 2 ? seriesOf(names) : undefined,
    nameplate: first(names, nameplateOf) ?? model?.nameplate,
  });
}

const bare = (name: string): string =>
  name.replace(/^\s*(?:canaan\s+)?(?:avalon\s?miner|avalon)\b\s*/i, "");

function first<Value>(
  names: readonly (string | undefined)[],
  find: (name: string) => Value | undefined,
): Value | undefined {
  for (const name of names) {
    const found = name === undefined ? undefined : find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** MM3v2, MM4v1_X3: K210 boards; N_MM1v1_X1, Q_MM1v1_X1: K230 boards. */
function generationOf(version: Version | undefined): AvalonGeneration | undefined {
  const board = toText(version?.HWTYPE) ?? "";
  if (/^MM\d/i.test(board)) return 2;
  return /^[A-Z]\w*_MM\d/i.test(board) ? 3 : undefined;
}

/** `1246-83` 12, `AvalonMiner 1047` 10, `15-194` 15. */
function seriesOf(names: readonly (string | undefined)[]): number | undefined {
  return first(names, (name) => {
    const digits = /(?:^|[^\d])(1\d)(?:\d{2})?(?:\D|$)/.exec(name)?.[1];
    return digits === undefined ? undefined : Number(digits);
  });
}

/** `1246-83-21072802_4ec6bb0_211fc46`, `9211809-b4b3d00`. */
function buildOf(ver: string | undefined): string | undefined {
  const text = toText(ver?.slice(0, LONGEST_NAME)) ?? "";
  return /(\d{8}_[\w]+)$/.exec(text)?.[1] ?? /^\d{3}(\d{4}-[0-9a-f]{7})/i.exec(text)?.[1];
}
