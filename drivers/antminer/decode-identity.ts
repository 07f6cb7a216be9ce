// What the machine is: texts from up to five answers, of which the more trusted comes first.

import type * as z from "zod";
import { present, toMac, toText } from "../contract/decoding.ts";
import type { Identity } from "../contract/telemetry.ts";
import { type AntminerModel, findAntminer } from "../hardware/antminer.ts";
import { bareModel, type Firmware, firmwareOf, firmwareVersion } from "./firmware.ts";
import type { ChainStatsReply, MinerType, StatsRow, SystemInfo, VersionReply } from "./wire.ts";

export interface IdentityAnswers {
  readonly version?: z.output<typeof VersionReply> | undefined;
  readonly stats?: StatsRow | undefined;
  readonly info?: ChainStatsReply["INFO"];
  readonly system?: SystemInfo | undefined;
  readonly type?: MinerType | undefined;
}

export interface Recognised {
  readonly identity: Identity;
  readonly firmware: Firmware | undefined;
  /** Only where the machine is known by name, whoever's firmware it runs. */
  readonly model: AntminerModel | undefined;
  /** The machine's own words, e.g. "Antminer S19". */
  readonly modelText: string | undefined;
}

export function recognise(answers: IdentityAnswers): Recognised {
  const { version, stats, info, system, type } = answers;
  const told = version?.VERSION[0];
  const status = version?.STATUS;
  const description = (Array.isArray(status) ? status[0] : status)?.Description;
  // In the order of trust: KS5 Pro says "KS5" in its stats.
  const names = [type?.miner_type, system?.minertype, told?.Type, stats?.Type, info?.type]
    .map(toText)
    .filter((text) => text !== undefined);
  // Chipless names itself in the date of its build alone.
  const program = [told?.BMMiner, told?.CGMiner, told?.Miner, told?.CompileTime, description];
  const firmware = firmwareOf([...names, ...program]);
  const model = names.map(findAntminer).find((found) => found !== undefined);
  const modelText = names[0];
  const writable = firmware?.kind === "stock" && model !== undefined;
  const identity = present({
    vendor: "Bitmain",
    firmware: firmware?.name ?? "unknown",
    firmwareVersion: firmwareVersion(
      system?.system_filesystem_version,
      told?.CompileTime ?? info?.CompileTime ?? stats?.CompileTime,
    ),
    apiVersion: toText(told?.API),
    model: model === undefined ? modelText : `Antminer ${model.name}`,
    modelKnown: writable,
    serial: toText(system?.serinum) ?? toText(system?.serial_no),
    mac: toMac(system?.macaddr),
    hostname: toText(system?.hostname),
    controlBoard: toText(type?.subtype),
  });
  return { identity, firmware, model, modelText };
}

/** `S19` of "Antminer S19 Pro": what the rules by series look at; "" for a nameless machine. */
export const seriesOf = (recognised: Recognised): string =>
  recognised.model?.name ?? bareModel(recognised.modelText ?? "");
