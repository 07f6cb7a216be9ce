// From wishes to the requests that LUXminer understands, in the order in which they are safe.

import type { PoolConfig, Setting } from "../contract/controls.ts";
import { DeviceError } from "../contract/errors.ts";
import type { Megahertz, Millivolts } from "../contract/units.ts";

export interface CommandStep {
  readonly kind: "command";
  readonly command: string;
  /** Without the session id, which the sender puts in front. */
  readonly fields: readonly string[];
  /** Not before the ramp of frequencies is over. */
  readonly afterRamp?: true;
  /** A build without this command has nothing to switch. */
  readonly mayBeMissing?: true;
  /** The miner program ends with it, and the session too. */
  readonly ends?: true;
}

export interface PoolsStep {
  readonly kind: "pools";
  readonly pools: readonly PoolConfig[];
}

export type Step = CommandStep | PoolsStep;

/** What an order of requests depends on. */
export interface Present {
  /** Boards that hash, from 0. */
  readonly boards: readonly number[];
  /** One supply voltage feeds them all. */
  readonly singleVoltage: boolean;
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
  /** MHz of each of the boards from the frequency that they have in common. */
  readonly offsets?: readonly Megahertz[];
}

/** The governor goes off first and comes back last; a machine wakes before and sleeps after the rest. */
export function encode(settings: readonly Setting[], now: Present): Step[] {
  const rising = isRising(settings, now);
  return [...settings]
    .sort((a, b) => rank(a, rising) - rank(b, rising))
    .flatMap((setting) => steps(setting, after(settings, now)));
}

/** What is wished of the common frequency and of the boards holds for both. */
function after(settings: readonly Setting[], now: Present): Present {
  const common = settings.find((setting) => setting.knob === "frequency");
  const apart = settings.find((setting) => setting.knob === "boardOffsets");
  return {
    ...now,
    ...(common?.knob === "frequency" ? { frequency: common.value } : {}),
    ...(apart?.knob === "boardOffsets" ? { offsets: apart.value } : {}),
  };
}

/** More frequency needs the voltage before it; less voltage needs the frequency before it. */
function isRising(settings: readonly Setting[], now: Present): boolean {
  const wish = settings.find((setting) => setting.knob === "frequency");
  return wish?.knob === "frequency" && now.frequency !== undefined && wish.value > now.frequency;
}

function rank(setting: Setting, rising: boolean): number {
  switch (setting.knob) {
    case "autotune":
      return setting.value ? 8 : 0;
    case "sleep":
      return setting.value ? 9 : 1;
    case "voltage":
      return rising ? 3 : 5;
    case "frequency":
      return 4;
    case "restart":
    case "reboot":
      return 10;
    case "fan":
    case "locate":
    case "pools":
      return 6;
    default:
      return 2;
  }
}

function steps(setting: Setting, now: Present): Step[] {
  switch (setting.knob) {
    case "frequency":
      return frequencySteps(setting.value, now.offsets, now);
    case "boardOffsets":
      return now.frequency === undefined
        ? unknown(setting)
        : frequencySteps(now.frequency, setting.value, now);
    case "voltage":
      return voltageSteps(setting.value, now);
    case "powerLimit":
      return [command("powertargetset", [`power=${Math.round(setting.value)}`])];
    case "profile":
      return [command("profileset", [setting.value])];
    case "autotune":
      return [
        command("atmset", [`enabled=${setting.value}`]),
        { ...command("autotunerset", [`enabled=${setting.value}`]), mayBeMissing: true },
      ];
    case "fan":
      return [command("fanset", [`speed=${setting.value === "auto" ? -1 : setting.value}`])];
    case "sleep":
      return [command("curtail", [setting.value ? "sleep" : "wakeup"])];
    case "locate":
      return [command("ledset", ["red", setting.value ? "blink" : "auto"])];
    case "pools":
      return [{ kind: "pools", pools: setting.value }];
    case "restart":
      return [{ ...command("resetminer", []), ends: true }];
    case "reboot":
      return [{ ...command("rebootdevice", []), ends: true }];
    case "chipOffsets":
    case "powerPercent":
    case "frequencyOffset":
    case "mode":
    case "temperatureOffset":
      return unknown(setting);
  }
}

function unknown({ knob }: Setting): never {
  throw new DeviceError("INVALID_SETTING", `${knob}: not offered by this machine`);
}

/** Boards that are apart stay apart. */
function frequencySteps(
  common: number,
  offsets: readonly Megahertz[] | undefined,
  { boards }: Present,
): Step[] {
  return boards.map((board, place) => {
    const value = Math.round((common + (offsets?.[place] ?? 0)) * 100) / 100;
    return command("frequencyset", [String(board), String(value)]);
  });
}

function voltageSteps(value: Millivolts, now: Present): Step[] {
  const boards = now.singleVoltage ? now.boards.slice(0, 1) : now.boards;
  const lower = now.voltage === undefined || value < now.voltage;
  // 3 digits: the machine counts in volts.
  const volts = String(Math.round(value) / 1000);
  return boards.map((board) => ({
    ...command("voltageset", [String(board), volts]),
    ...(lower ? { afterRamp: true as const } : {}),
  }));
}

const command = (name: string, fields: readonly string[]): CommandStep => ({
  kind: "command",
  command: name,
  fields,
});
