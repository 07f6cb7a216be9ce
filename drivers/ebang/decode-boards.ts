// Temperatures come in pairs, one pair a board; frequency is one number for all of them.

import { hottest, present, reader, toNumber, toText } from "../contract/decoding.ts";
import type { Board, Reading } from "../contract/telemetry.ts";
import { type Celsius, celsius, megahertz } from "../contract/units.ts";
import type { Held } from "../transport/answer.ts";
import type { AlarmLoop, SystemStatus } from "./wire.ts";

type System = Held<SystemStatus> | undefined;
type Alarms = Held<AlarmLoop> | undefined;

const HOTTEST_SILICON = 150;

export function decodeBoards(system: System, alarms: Alarms): readonly Board[] {
  if (system === undefined) return [];
  const { device1temp, device2temp } = system.value;
  const pairs = [device1temp, device2temp].flatMap((raw) => toText(raw)?.split("|") ?? []);
  const clock = toNumber(alarms?.value.pllValue) ?? 0;
  const frequency =
    clock > 0 && alarms !== undefined
      ? reader("GetAlarmLoop", alarms.at)(megahertz, clock)
      : undefined;
  return pairs.map((pair, index) =>
    present({
      index,
      boardTemperature: hottest(
        pair.split(",").map((text) => temperature(text, "getsystemstatus", system)),
      ),
      frequency,
    }),
  );
}

/** Of the whole machine. */
export function decodeHottest(
  system: System,
  alarms: Alarms,
): readonly (Reading<Celsius> | undefined)[] {
  return [
    system && temperature(system.value.device3temp, "getsystemstatus", system),
    system && temperature(system.value.device4temp, "getsystemstatus", system),
    alarms && temperature(alarms.value.tmpValue, "GetAlarmLoop", alarms),
  ];
}

/** 0 is a place without a sensor. */
function temperature(
  raw: unknown,
  source: string,
  { at }: Held<unknown>,
): Reading<Celsius> | undefined {
  const value = toNumber(raw);
  if (value === undefined || value === 0) return undefined;
  return reader(source, at)(celsius, value, value > HOTTEST_SILICON ? "implausible" : "ok");
}
