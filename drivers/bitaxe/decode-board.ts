// The one board of such a machine, and its fans.

import { present, reader, toNumber } from "../contract/decoding.ts";
import type { Board, Fan, Reading, Telemetry } from "../contract/telemetry.ts";
import { type Celsius, megahertz, millivolts, percent, rpm } from "../contract/units.ts";
import type { BitaxeModel } from "../hardware/bitaxe.ts";
import { chipCount, positive } from "./firmware.ts";
import type { Heard } from "./heard.ts";
import { type Info, PATHS } from "./wire.ts";

interface Machine {
  readonly hashrate: Telemetry["hashrate"];
  readonly chip: Reading<Celsius> | undefined;
}

export function decodeBoard(heard: Heard, model: BitaxeModel | undefined, machine: Machine): Board {
  const { info, at } = heard;
  const read = reader(PATHS.info, at);
  return present({
    index: 0,
    hashrate: machine.hashrate?.now,
    ideal: machine.hashrate?.ideal,
    chips: decodeChips(heard),
    chipsExpected: model?.chips,
    chipTemperature: machine.chip,
    frequency: read(megahertz, positive(info.actualFrequency) ?? info.frequency),
    voltage: read(millivolts, positive(info.coreVoltageActual)),
    hardwareErrors: read((value) => value, errorsOf(info)),
  });
}

/** Those that hash where each is counted; else those that the firmware was built for. */
function decodeChips({ info, at, asic }: Heard): Reading<number> | undefined {
  const counted = (info.hashrateMonitor?.asics ?? []).map((chip) => toNumber(chip.total));
  const hashing = counted.filter((total) => total !== undefined && total > 0).length;
  if (hashing > 0) return { value: hashing, at, source: PATHS.info, quality: "ok" };
  const value = chipCount(info, asic);
  const source = positive(info.asicCount) === undefined ? PATHS.asic : PATHS.info;
  return value === undefined ? undefined : { value, at, source, quality: "ok" };
}

/** Undefined when a chip's counter is missing: a part of the sum is no sum. */
function errorsOf(info: Info): number | undefined {
  const counts = info.hashrateMonitor?.asics?.map((chip) => toNumber(chip.errorCount));
  if (counts === undefined || counts.length === 0) return undefined;
  return counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

/** 0 rpm of the first fan is a fan that stands; of the second one mostly a fan that is not there. */
export function decodeFans(info: Info, at: Heard["at"], model: BitaxeModel | undefined): Fan[] {
  const read = reader(PATHS.info, at);
  const speed = (raw: unknown) => ((toNumber(raw) ?? -1) < 0 ? undefined : read(rpm, raw));
  const duty = (raw: unknown) => ((toNumber(raw) ?? -1) < 0 ? undefined : read(percent, raw));
  const first = present({ index: 0, speed: speed(info.fanrpm), duty: duty(info.fanspeed) });
  const fans: Fan[] = first.speed === undefined && first.duty === undefined ? [] : [first];
  const second = info.fan2rpm ?? info.fanrpm2;
  const expected = toNumber(info.fanCount) ?? model?.fans ?? 1;
  const fitted = (toNumber(second) ?? 0) > 0 || (expected > 1 && second !== undefined);
  if (!fitted) return fans;
  // One setting drives both fans of a Bitaxe; a NerdAxe has one for each.
  const secondDuty = info.fanspeed2 ?? (info.fan2rpm === undefined ? undefined : info.fanspeed);
  return [...fans, present({ index: 1, speed: speed(second), duty: duty(secondDuty) })];
}
