// Who the machine is, gathered from several answers because no firmware tells it all in one.

import { present, toMac, toText } from "../contract/decoding.ts";
import type { Identity } from "../contract/telemetry.ts";
import { findWhatsminer, type WhatsminerModel } from "../hardware/whatsminer.ts";
import type { DeviceDetails, MinerInfo, Psu, Status, Summary, Version } from "./wire.ts";

export const FIRMWARE = "btminer";

export interface IdentitySources {
  readonly summary?: Summary | undefined;
  readonly version?: Version | undefined;
  readonly details?: readonly DeviceDetails[] | undefined;
  readonly psu?: Psu | undefined;
  readonly info?: MinerInfo | undefined;
  readonly status?: Status | undefined;
}

export function decodeIdentity(sources: IdentitySources): Identity {
  const { summary, version, info, psu, status } = sources;
  const board = [version?.platform, summary?.["CB Platform"], summary?.["CB Version"]];
  return {
    vendor: "MicroBT",
    firmware: FIRMWARE,
    modelKnown: modelOf(sources) !== undefined,
    ...present({
      // The running program first: `status` told another version than all else (20210322.22.REL).
      firmwareVersion:
        unquoted(version?.fw_ver) ??
        unquoted(summary?.["Firmware Version"]) ??
        unquoted(status?.["Firmware Version"]),
      apiVersion: apiVersionOf(version),
      model: modelNameOf(sources),
      serial: toText(info?.minersn),
      mac: toMac(info?.mac) ?? toMac(summary?.MAC),
      hostname: toText(info?.hostname),
      controlBoard: toText(board.map(toText).filter(Boolean).join(" ")),
      psu: toText(psu?.model) ?? toText(psu?.name),
    }),
  };
}

/** Undefined for a machine that does not name itself, or not one of the table. */
export function modelOf(sources: IdentitySources): WhatsminerModel | undefined {
  const name = modelNameOf(sources);
  return name === undefined ? undefined : findWhatsminer(name);
}

function modelNameOf({ version, details }: IdentitySources): string | undefined {
  return toText(version?.miner_type) ?? details?.map(({ Model }) => toText(Model)).find(Boolean);
}

/** `whatsminer v1.4.0` and `2.0.5` are both digits with dots. */
export function apiVersionOf(version: Version | undefined): string | undefined {
  return /\d+(?:\.\d+)+/.exec(toText(version?.api_ver) ?? "")?.[0];
}

/** Some firmware quotes its version inside the value, and escapes the quotes: `\'20210109.22.REL\'`. */
export function unquoted(raw: unknown): string | undefined {
  return toText(toText(raw)?.replaceAll(/['"\\]/g, ""));
}
