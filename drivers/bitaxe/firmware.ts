// What a build of ESP-Miner or of its fork can do, from what it says about itself.

import { toBoolean, toNumber, toText } from "../contract/decoding.ts";
import { type BitaxeModel, findBitaxe } from "../hardware/bitaxe.ts";
import type { AsicFacts, Info } from "./wire.ts";

export interface Firmware {
  readonly fork: "ESP-Miner" | "ESP-Miner-NerdQAxePlus";
  /** A new frequency or voltage acts at once; before v2.2.0 it waits for the next start. */
  readonly live: boolean;
  /** Fractions of a MHz are kept. Others cut them off; NerdAxe ignores the whole value. */
  readonly fractions: boolean;
  /** The name of the manual fan speed: a build ignores the other one without a word. */
  readonly fanSetting: "manualFanSpeed" | "fanspeed";
  /** What `autofanspeed` says when the firmware controls the fan. */
  readonly automaticFan: 1 | 2;
  readonly sleep?: "pause" | "shutdown";
  /** Settings are refused without a one-time password. */
  readonly locked: boolean;
}

export function firmwareOf(info: Info): Firmware {
  const version = versionOf(info.version);
  // Only the fork tells the model in this answer; ESP-Miner tells the version of the board.
  const nerd = toText(info.deviceModel) !== undefined && toText(info.boardVersion) === undefined;
  const since = (major: number, minor: number) => !nerd && isSince(version, major, minor);
  const sleep = sleepOf(info);
  return {
    fork: nerd ? "ESP-Miner-NerdQAxePlus" : "ESP-Miner",
    live: nerd || since(2, 2),
    fractions: since(2, 10),
    fanSetting: info.manualFanSpeed === undefined ? "fanspeed" : "manualFanSpeed",
    automaticFan: nerd && (toNumber(info.pidTargetTemp) ?? -1) >= 0 ? 2 : 1,
    ...(sleep === undefined ? {} : { sleep }),
    locked: toBoolean(info.otp) === true,
  };
}

function sleepOf(info: Info): Firmware["sleep"] {
  if (toBoolean(info.miningPaused) !== undefined) return "pause";
  return toBoolean(info.shutdown) === undefined ? undefined : "shutdown";
}

type Version = readonly [major: number, minor: number];

/** `v2.4.5-3-gb5d1e36-dirty`. A version that cannot be read counts as the oldest. */
function versionOf(raw: string | undefined): Version | undefined {
  const found = /^v?(\d+)\.(\d+)/.exec(toText(raw) ?? "");
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}

function isSince(version: Version | undefined, major: number, minor: number): boolean {
  if (version === undefined) return false;
  return version[0] > major || (version[0] === major && version[1] >= minor);
}

/** The chip count, wherever this build tells it. */
export function chipCount(info: Info, asic: AsicFacts | undefined): number | undefined {
  return positive(info.asicCount) ?? positive(asic?.asicCount);
}

export function modelOf(info: Info, asic: AsicFacts | undefined): BitaxeModel | undefined {
  return findBitaxe({
    board: toText(info.boardVersion),
    name: toText(info.deviceModel),
    chip: toText(info.ASICModel),
    chips: chipCount(info, asic),
  });
}

export function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}
