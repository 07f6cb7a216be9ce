// From wishes to the requests that LUXminer understands, in the order in which they are safe.

import type { Setting } from "../contract/controls.ts";
import type { Millivolts } from "../contract/units.ts";
import { clockSteps } from "./encode-clocks.ts";
import { command, notOffered, type Present, type Step } from "./step.ts";

/** The governor goes off first and comes back last; a machine wakes before and sleeps after the rest. */
export function encode(settings: readonly Setting[], now: Present): Step[] {
  const rising = isRising(settings, now);
  return [...settings]
    .sort((a, b) => rank(a, rising) - rank(b, rising))
    .flatMap((setting) => steps(setting, settings, now));
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
    case "boardOffsets":
    case "chipOffsets":
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

function steps(setting: Setting, all: readonly Setting[], now: Present): Step[] {
  switch (setting.knob) {
    case "frequency":
    case "boardOffsets":
    case "chipOffsets":
      return clockSteps(setting, all, now);
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
    case "powerPercent":
    case "frequencyOffset":
    case "mode":
    case "temperatureOffset":
      return notOffered(setting);
  }
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
