// From wishes to requests, in the order in which they are safe.

import type { Controls, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import type { Megahertz, Millivolts } from "../contract/units.ts";
import type { Firmware } from "./firmware.ts";
import { PATHS, type SettingsPatch } from "./wire.ts";

export interface PatchStep {
  readonly kind: "patch";
  readonly body: SettingsPatch;
  /** Milliseconds until the chips run at what was set, when the next step needs that. */
  readonly wait?: number;
}

export interface PostStep {
  readonly kind: "post";
  readonly path: string;
}

export type Step = PatchStep | PostStep;

/** Throws INVALID_SETTING, naming the knob, the value and what was expected. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  for (const setting of settings) {
    const wrong = objection(setting, controls);
    if (wrong !== undefined) throw new DeviceError("INVALID_SETTING", wrong);
  }
  const { sleep, restart } = wishesOf(settings);
  if (sleep === true && restart) {
    throw new DeviceError("INVALID_SETTING", "sleep: true does not outlast the restart beside it");
  }
}

function objection(setting: Setting, controls: Controls): string | undefined {
  const knob = controls[setting.knob];
  if (knob === undefined) return `${setting.knob}: not offered by this machine`;
  const { value } = setting;
  if (!("min" in knob)) {
    const fits = typeof value === "boolean";
    return fits ? undefined : `${setting.knob}: ${JSON.stringify(value)} is not true or false`;
  }
  if (value === "auto" && "auto" in knob && knob.auto) return undefined;
  const inside =
    typeof value === "number" && Number.isFinite(value) && value >= knob.min && value <= knob.max;
  return inside ? undefined : `${setting.knob}: ${value} is not within ${knob.min} to ${knob.max}`;
}

interface Wishes {
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
  readonly fan?: number | "auto";
  readonly sleep?: boolean;
  readonly restart: boolean;
}

/** Wakes before and sleeps after the rest; a restart comes last. The last wish for a knob counts. */
export function encode(settings: readonly Setting[], firmware: Firmware, now: Setpoint): Step[] {
  const wishes = wishesOf(settings);
  const patches = settingSteps(wishes, firmware, now);
  const needsRestart =
    !firmware.live && (wishes.frequency !== undefined || wishes.voltage !== undefined);
  const restart = wishes.restart || needsRestart || wakesByRestart(wishes, firmware);
  return [
    ...(wishes.sleep === false && firmware.sleep === "pause" ? [post(PATHS.resume)] : []),
    ...patches,
    ...(restart ? [post(PATHS.restart)] : []),
    ...(wishes.sleep === true && !restart ? [post(sleepPath(firmware))] : []),
  ];
}

function wishesOf(settings: readonly Setting[]): Wishes {
  const wishes: Record<string, unknown> = {};
  for (const setting of settings) wishes[setting.knob] = setting.value;
  // Each key has the type that its knob has in Setting, which the loop cannot tell.
  const { frequency, voltage, fan, sleep, restart } = wishes as Partial<Wishes>;
  return {
    restart: restart === true,
    ...(frequency === undefined ? {} : { frequency }),
    ...(voltage === undefined ? {} : { voltage }),
    ...(fan === undefined ? {} : { fan }),
    ...(sleep === undefined ? {} : { sleep }),
  };
}

const wakesByRestart = (wishes: Wishes, firmware: Firmware): boolean =>
  wishes.sleep === false && firmware.sleep === "shutdown";

const sleepPath = ({ sleep }: Firmware): string =>
  sleep === "shutdown" ? PATHS.shutdown : PATHS.pause;

/**
 * Upwards the voltage goes first, and needs no wait: the firmware takes it before it ramps. Downwards it
 * follows when the ramp is over. One request for both would leave the order to the firmware's storage.
 */
function settingSteps(wishes: Wishes, firmware: Firmware, now: Setpoint): PatchStep[] {
  const fan = fanFields(wishes.fan, firmware);
  const frequency = frequencyFields(wishes.frequency, firmware);
  const voltage = wishes.voltage === undefined ? {} : { coreVoltage: Math.round(wishes.voltage) };
  const both = wishes.voltage !== undefined && wishes.frequency !== undefined;
  if (!both || !firmware.live) return patch({ ...fan, ...frequency, ...voltage });
  const raises = now.voltage !== undefined && wishes.voltage >= now.voltage.value;
  if (raises) return [...patch({ ...fan, ...voltage }), ...patch(frequency)];
  const wait = rampTime(wishes.frequency, now.frequency?.value);
  return [...patch({ ...fan, ...frequency }, wait), ...patch(voltage)];
}

const MHZ_PER_MS = 6.25 / 100;
/** The slowest firmware looks at its settings every 2 s. */
const LOOK = 2_500;
/** The widest envelope, for a board whose present frequency is not known. */
const WIDEST = 650;

function rampTime(to: Megahertz, from: Megahertz | undefined): number {
  const distance = from === undefined ? WIDEST : Math.abs(to - from);
  return LOOK + Math.ceil(distance / MHZ_PER_MS);
}

function frequencyFields(value: Megahertz | undefined, firmware: Firmware): SettingsPatch {
  if (value === undefined) return {};
  return { frequency: firmware.fractions ? value : Math.round(value) };
}

function fanFields(value: Wishes["fan"], firmware: Firmware): SettingsPatch {
  if (value === undefined) return {};
  if (value === "auto") return { autofanspeed: firmware.automaticFan };
  return { autofanspeed: 0, [firmware.fanSetting]: Math.round(value) };
}

function patch(body: SettingsPatch, wait?: number): PatchStep[] {
  if (Object.keys(body).length === 0) return [];
  return [{ kind: "patch", body, ...(wait === undefined ? {} : { wait }) }];
}

const post = (path: string): PostStep => ({ kind: "post", path });
