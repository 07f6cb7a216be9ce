// What a machine with API 3.x says each knob is set to.

import { present, reader, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { celsius, percent, watts } from "../contract/units.ts";
import type { Known } from "./answers.ts";
import { litBy } from "./decode-setpoint.ts";
import { decodePoolsV3 } from "./decode-v3-boards.ts";
import type { DeviceInfo, FanSetting, MinerSetting, Status } from "./wire-v3.ts";

interface Sources {
  readonly info: Known<DeviceInfo>;
  readonly status?: Known<Status> | undefined;
  readonly setting?: Known<MinerSetting> | undefined;
  readonly fan?: Known<FanSetting> | undefined;
}

/** Each is absent when this firmware does not tell it. */
export function decodeSetpointV3({ info, status, setting, fan }: Sources): Setpoint {
  const fromSetting = setting && reader(setting.source, setting.at);
  const summary = status?.value.summary;
  const working = toBoolean(info.value.miner?.working);
  return present({
    powerLimit:
      fromSetting?.(watts, setting?.value["power-limit"]) ??
      (status && reader(status.source, status.at)(watts, summary?.["power-limit"])),
    mode: modeOf(setting, info),
    powerPercent: fromSetting?.(percent, overrideOf(setting?.value["power-percent"])),
    frequencyOffset: fromSetting?.(percent, offsetOf(setting?.value["target-freq"])),
    temperatureOffset: fan && reader(fan.source, fan.at)(celsius, fan.value["fan-temp-offset"]),
    sleep: readingOf(working === undefined ? undefined : !working, info.source, info.at),
    locate: readingOf(litBy(info.value.system?.ledstatus), info.source, info.at),
    // Passwords are never told.
    pools:
      status?.value.pools &&
      readingOf(
        decodePoolsV3(status.value.pools).map(({ url, user }) => ({ url, user, password: "" })),
        status.source,
        status.at,
      ),
  });
}

const MODES = ["low", "normal", "high"] as const;

function modeOf(setting: Known<MinerSetting> | undefined, info: Known<DeviceInfo>) {
  const word = toText(setting?.value["power-mode"])?.toLowerCase();
  if (setting !== undefined && word !== undefined) {
    return readingOf<string>(word, setting.source, setting.at);
  }
  const number = toNumber(info.value.power?.mode);
  return readingOf<string>(MODES[number ?? -1], info.source, info.at);
}

/** 0 stands for "no override". */
function overrideOf(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value === 0 ? 100 : value;
}

/** The vendor's document has percent here, 0 for untouched; a number beyond 100 is a frequency. */
function offsetOf(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && Math.abs(value) <= 100 ? value : undefined;
}
