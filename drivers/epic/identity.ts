// Who this is: PowerPlay names the maker's model, so Bitmain's table tells what the machine can bear.

import { present, toMac, toNumber, toText } from "../contract/decoding.ts";
import type { Identity } from "../contract/telemetry.ts";
import { type AntminerModel, findAntminer } from "../hardware/antminer.ts";
import type { Known } from "./known.ts";
import type { Capabilities } from "./wire.ts";

/** `AntMiner S19 XP`. ePIC's own machines (BlockMiner) are in no table yet. */
export function modelOf(known: Known): AntminerModel | undefined {
  const text = toText(known.capabilities?.answer.Model);
  return text === undefined ? undefined : findAntminer(text);
}

/** Every summary names the program that gave it: a machine may have been flashed meanwhile. */
export function isPowerPlay(known: Known): boolean {
  return /powerplay/i.test(known.summary?.answer.Software ?? "");
}

export function decodeIdentity(known: Known): Identity {
  const capabilities = known.capabilities?.answer;
  const model = modelOf(known);
  const text = toText(capabilities?.Model);
  const network = known.network?.answer;
  const psu = toNumber(capabilities?.["Psu Info"]?.["PSU Type"]);
  return present({
    vendor: model !== undefined || /antminer/i.test(text ?? "") ? "Bitmain" : "ePIC",
    firmware: "ePIC PowerPlay",
    firmwareVersion: versionOf(known.summary?.answer.Software),
    model: model?.name ?? text,
    modelKnown: model !== undefined,
    serial: serialOf(capabilities),
    mac: toMac(network?.dhcp?.mac_address) ?? toMac(network?.static?.mac_address),
    hostname: toText(known.summary?.answer.Hostname),
    controlBoard: controlBoardOf(capabilities),
    psu: psu === undefined ? undefined : `type ${psu}`,
  });
}

/** `PowerPlay-BMS v1.5.13`. */
function versionOf(software: string | undefined): string | undefined {
  return /\bv?(\d+(?:\.\d+)+\S*)/.exec(software ?? "")?.[1] ?? toText(software);
}

/** Builds before 1.30 tell no serial of the machine; that of the control board's processor stands in. */
function serialOf(capabilities: Capabilities | undefined): string | undefined {
  return (
    toText(capabilities?.["Miner Serial Number"]) ??
    toText(capabilities?.["Control Board Version"]?.cpuSerial)
  );
}

const CONTROL_BOARDS: readonly (readonly [RegExp, string])[] = [
  [/amlogic/i, "Amlogic"],
  [/am33xx|beaglebone/i, "BeagleBone"],
  [/xilinx|zynq/i, "Xilinx"],
  [/cvitek|cv18/i, "CVITek"],
  // ePIC's universal control board.
  [/stm32|epic|umc/i, "ePIC UMC"],
];

function controlBoardOf(capabilities: Capabilities | undefined): string | undefined {
  const board = capabilities?.["Control Board Version"];
  const text = toText(board?.platform) ?? toText(board?.cpuHardware);
  if (text === undefined) return undefined;
  return CONTROL_BOARDS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}
