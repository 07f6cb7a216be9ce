// Which knobs this board honours, how far they go, and what each is set to.

import type { Controls, Effect } from "../contract/controls.ts";
import { present, reader, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import {
  type EpochMs,
  megahertz,
  milliseconds,
  millivolts,
  type Percent,
  percent,
} from "../contract/units.ts";
import type { BitaxeModel } from "../hardware/bitaxe.ts";
import type { Firmware } from "./firmware.ts";
import { type Info, PATHS } from "./wire.ts";

const SECOND = 1000;
/** The firmware looks at its settings every 100 ms to 2 s and ramps by 6.25 MHz each 100 ms. */
const LIVE: Effect = { settles: milliseconds(60 * SECOND), restarts: false, persists: true };
/** Boot, WLAN, start of the chips, the first hash counters. */
const AFTER_START: Effect = {
  settles: milliseconds(180 * SECOND),
  restarts: true,
  persists: true,
};
/** A pause lives in memory only: after a start it hashes. */
const PAUSE: Effect = { settles: milliseconds(60 * SECOND), restarts: false, persists: false };
const SHUTDOWN: Effect = { ...AFTER_START, persists: false };

/** The ramp's own grid, all of which the PLL can make (25 MHz x fb / dividers); whole MHz elsewhere. */
const FRACTIONAL_STEP = megahertz(6.25);
const WHOLE_STEP = megahertz(5);
/** What the coarsest regulator in use tells apart (TPS53647; the TPS546 takes 2 mV). */
const VOLTAGE_STEP = millivolts(5);
/** The floor of the automatic control as delivered (`minFanSpeed`); a manual 0 would cook the chip. */
const LEAST_FAN = percent(25);

/** None for a board that is not in the table, because nobody knows what it can bear. */
export function decodeControls(
  info: Info,
  firmware: Firmware,
  model: BitaxeModel | undefined,
): Controls {
  if (model === undefined) return {};
  const settable = !firmware.locked && !isProtecting(info);
  const envelope = settable ? model.envelope : undefined;
  const effect = firmware.live ? LIVE : AFTER_START;
  const step = firmware.fractions ? FRACTIONAL_STEP : WHOLE_STEP;
  const fan = settable && firmware.live && info.autofanspeed !== undefined;
  return present({
    frequency: envelope && { ...envelope.frequency, step, effect },
    voltage: envelope && { ...envelope.voltage, step: VOLTAGE_STEP, effect },
    fan: fan
      ? { min: LEAST_FAN, max: percent(100), step: percent(1), auto: true, effect: LIVE }
      : undefined,
    sleep: sleepKnob(firmware),
    restart: { effect: AFTER_START },
  });
}

function sleepKnob({ sleep }: Firmware) {
  if (sleep === undefined) return undefined;
  return { effect: sleep === "pause" ? PAUSE : SHUTDOWN };
}

/** The firmware has stopped the chips and overwrites its own settings. */
export function isProtecting(info: Info): boolean {
  return toBoolean(info.overheat_mode) === true || toText(info.hardware_fault) !== undefined;
}

export function isAsleep(info: Info): boolean | undefined {
  return toBoolean(info.miningPaused) ?? toBoolean(info.shutdown);
}

export function decodeSetpoint(info: Info, at: EpochMs): Setpoint {
  const read = reader(PATHS.info, at);
  return present({
    frequency: read(megahertz, info.frequency),
    voltage: read(millivolts, info.coreVoltage),
    fan: readingOf(fanSetting(info), PATHS.info, at),
    sleep: readingOf(isAsleep(info), PATHS.info, at),
  });
}

function fanSetting(info: Info): Percent | "auto" | undefined {
  const automatic = toNumber(info.autofanspeed) ?? (toBoolean(info.autofanspeed) ? 1 : undefined);
  if (automatic === undefined) return undefined;
  if (automatic !== 0) return "auto";
  const wanted = toNumber(info.manualFanSpeed) ?? toNumber(info.fanspeed);
  return wanted === undefined ? undefined : percent(wanted);
}
