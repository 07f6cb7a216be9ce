// Who answers: firmware, model, boards' own labels.

import { present, toMac, toText } from "../contract/decoding.ts";
import type { Identity } from "../contract/telemetry.ts";
import { type AntminerModel, findAntminer } from "../hardware/antminer.ts";
import { type Known, minerOf } from "./known.ts";
import type { Info } from "./wire.ts";

const CONTROL_BOARDS: ReadonlyMap<string, string> = new Map([
  ["aml", "Amlogic"],
  ["bb", "BeagleBone"],
  ["cv", "CVITek"],
  ["stm", "STM"],
  ["xil", "Xilinx"],
]);

/** info calls it `Antminer S21 Pro`, summary adds the firmware: `Antminer S21 Pro (Vnish 1.2.7)`. */
function modelText(known: Known): string | undefined {
  return toText(known.info?.answer.miner) ?? toText(minerOf(known)?.miner_type);
}

/** AnthillOS is its later name. */
export const isVnish = (info: Info): boolean =>
  /^(?:vnish|anthill ?os)$/i.test(info.fw_name?.trim() ?? "");

export function modelOf(known: Known): AntminerModel | undefined {
  const text = modelText(known);
  return text === undefined ? undefined : findAntminer(text);
}

export function decodeIdentity(known: Known): Identity {
  const info = known.info?.answer;
  const model = modelOf(known);
  const platform = toText(info?.platform);
  return present({
    vendor: "Bitmain",
    firmware: "VNish",
    firmwareVersion: toText(info?.fw_version) ?? versionInType(known),
    model: model?.name ?? modelText(known),
    modelKnown: model !== undefined,
    serial: serialOf(info?.serial),
    mac: toMac(info?.system?.network_status?.mac),
    hostname: toText(info?.system?.network_status?.hostname),
    controlBoard: platform && (CONTROL_BOARDS.get(platform.toLowerCase()) ?? platform),
    psu: toText(known.factory?.answer.psu_model),
  });
}

function versionInType(known: Known): string | undefined {
  return /\(Vnish ([^)]+)\)/i.exec(minerOf(known)?.miner_type ?? "")?.[1];
}

/** "N/A" on an S21 Pro with 1.2.7. */
function serialOf(raw: unknown): string | undefined {
  const text = toText(raw);
  return text === undefined || /^n\/?a$/i.test(text) ? undefined : text;
}
