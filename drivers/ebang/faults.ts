// Alarms of the control page: 0 is quiet, anything else is not.

import { toNumber } from "../contract/decoding.ts";
import type { MachineFault } from "../contract/telemetry.ts";
import type { AlarmLoop } from "./wire.ts";

const TEXTS = {
  calAlarm: "the hashrate is too low",
  poolAlarm: "no pool is reachable",
  tempAlarm: "the temperature is too high",
  eth1Alarm: "the network link is at fault",
} as const;
type Alarm = keyof typeof TEXTS;
const ALARMS: readonly Alarm[] = ["calAlarm", "poolAlarm", "tempAlarm", "eth1Alarm"];

export function decodeFaults(loop: AlarmLoop | undefined): readonly MachineFault[] {
  return ALARMS.flatMap((code) => {
    const value = toNumber(loop?.[code]);
    return value === undefined || value === 0 ? [] : [{ code, text: TEXTS[code] }];
  });
}
