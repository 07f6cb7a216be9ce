// The firmware's presets as choices: their labels, and which of them this machine can bear.

import type { Choice } from "../contract/controls.ts";
import { present, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import {
  type HashesPerSecond,
  hashesPerSecond,
  megahertz,
  millivolts,
  type Watts,
  watts,
} from "../contract/units.ts";
import { rateUnit } from "./decode-boards.ts";
import { type Known, minerOf, overclockOf } from "./known.ts";
import type { Presets } from "./wire.ts";

/** The "preset" that stands for frequency and voltage by hand. */
export const MANUAL = "disabled";

type Preset = Presets[number];

/**
 * In the order of power, without the entry that stands for figures by hand: those are knobs of their own.
 * Labels are proportional ones (15 J/TH throughout on S21 Pro): they
 * rank presets and tell nothing about efficiency. Left out are presets for another supply, and untuned ones
 * whose label asks for more hashrate than the frequency gives above which the firmware itself warns.
 */
export function decodeChoices(known: Known): Choice[] {
  const current = currentPreset(known);
  const most = mostHashrate(known);
  const modded = toBoolean(overclockOf(known.settings?.answer)?.modded_psu) === true;
  return (known.presets?.answer ?? [])
    .filter((preset) => modded || toBoolean(preset.modded_psu_required) !== true)
    .flatMap((preset) => decodeChoice(preset) ?? [])
    .filter(
      (choice) =>
        choice.tuned === true ||
        choice.name === current ||
        most === undefined ||
        (choice.hashrate ?? 0) <= most,
    )
    .sort((a, b) => (a.power ?? 0) - (b.power ?? 0));
}

function decodeChoice(preset: Preset): Choice | undefined {
  const name = toText(preset.name);
  if (name === undefined || name === MANUAL) return undefined;
  const tuned = preset.status === undefined ? undefined : preset.status === "tuned";
  const settings = tuned === true ? preset.tune_settings : undefined;
  const frequency = positive(settings?.freq);
  const voltage = positive(settings?.volt);
  return present({
    name,
    frequency: frequency === undefined ? undefined : megahertz(frequency),
    voltage: voltage === undefined ? undefined : millivolts(voltage),
    power: labelledPower(preset),
    hashrate: labelledRate(preset),
    tuned,
  });
}

function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value === undefined || value <= 0 ? undefined : value;
}

/** `2800 watt ~ 188 TH`; the name repeats the watts. */
function labelledPower(preset: Preset): Watts | undefined {
  const value = positive(/^\s*([\d.]+)\s*watt/i.exec(preset.pretty ?? "")?.[1] ?? preset.name);
  return value === undefined ? undefined : watts(value);
}

const SCALES: Readonly<Record<string, number>> = { M: 1e6, G: 1e9, T: 1e12, P: 1e15 };

function labelledRate(preset: Preset): HashesPerSecond | undefined {
  const [, digits, letter = ""] = /~\s*([\d.]+)\s*([MGTP])H/i.exec(preset.pretty ?? "") ?? [];
  const value = positive(digits);
  const scale = SCALES[letter.toUpperCase()];
  return value === undefined || scale === undefined ? undefined : hashesPerSecond(value * scale);
}

/** What is at work; the stored choice where the firmware does not tell. */
export function currentPreset(known: Known): string | undefined {
  return (
    toText(known.perf?.answer.current_preset?.name) ??
    toText(overclockOf(known.settings?.answer)?.preset)
  );
}

/** By hand: at work and stored. A preset at work makes the stored figures mere memories. */
export function isManual(known: Known): boolean {
  return currentPreset(known) === MANUAL;
}

/** Stock hashrate, scaled to the frequency at which the firmware's page begins to warn. */
function mostHashrate(known: Known): number | undefined {
  const limits = known.settings?.answer.ui?.consts?.overclock;
  const stock = positive(minerOf(known)?.hr_stock);
  const unit = rateUnit(known.info?.answer);
  const usual = positive(limits?.default_freq);
  const warn = positive(limits?.warn_freq);
  if (stock === undefined || unit === undefined || usual === undefined || warn === undefined) {
    return undefined;
  }
  return stock * unit * (warn / usual);
}
