// Averages over readings at one unchanged operating point.

import type { RateReading, Telemetry } from "../../drivers/contract/telemetry.ts";
import {
  type EpochMs,
  efficiency,
  epochMs,
  hashesPerSecond,
  type JoulesPerHash,
  watts,
} from "../../drivers/contract/units.ts";
import type { Point } from "./action.ts";
import type { DeviceState } from "./device-state.ts";
import type { Sample, SampleSeries } from "./sample-series.ts";
import type { Measured } from "./tuning.ts";

const MINUTE = 60_000;

export function sampleOf(telemetry: Telemetry): Sample {
  const rate = steadiestShort(telemetry)?.value;
  const ideal = believable(telemetry.hashrate?.ideal);
  const power = believable(telemetry.power);
  // The board stands in for chips that are never told, not for a sensor that fails: they differ by 20 K.
  const { chip: hottest, board } = telemetry.temperature ?? {};
  const chip = believable(hottest ?? board);
  return {
    at: telemetry.at,
    ...(power === undefined ? {} : { power }),
    ...(rate === undefined ? {} : { rate }),
    ...(ideal === undefined ? {} : { ideal }),
    ...(chip === undefined ? {} : { chip }),
  };
}

/** The value, unless it is stale or implausible: then it decides nothing. */
export function believable<Value>(
  reading: { readonly value: Value; readonly quality: string } | undefined,
): Value | undefined {
  return reading?.quality === "ok" ? reading.value : undefined;
}

/**
 * The longest average of at most a minute: firmware averages decay exponentially, so that after the
 * settling time of five minutes a one-minute average has forgotten the last point and a
 * five-minute one has not.
 */
function steadiestShort(telemetry: Telemetry): RateReading | undefined {
  const { now, recent, average } = telemetry.hashrate ?? {};
  const usable = [now, recent, average].filter(
    (reading): reading is RateReading => reading?.quality === "ok",
  );
  const short = usable.filter((reading) => reading.window <= MINUTE);
  return (
    short.sort((a, b) => b.window - a.window)[0] ?? usable.sort((a, b) => a.window - b.window)[0]
  );
}

/** Temperature drift in kelvin a minute: second half against first half of the last five minutes. */
export function drift(samples: SampleSeries, now: EpochMs): number | undefined {
  const recent = [...samples.since(epochMs(now - 5 * MINUTE))].filter(
    (sample) => sample.chip !== undefined,
  );
  const first = recent[0];
  if (first === undefined || recent.length < 4) return undefined;
  const middle = (first.at + now) / 2;
  const early = mean(recent.filter((sample) => sample.at <= middle).map((sample) => sample.chip));
  const late = mean(recent.filter((sample) => sample.at > middle).map((sample) => sample.chip));
  if (early === undefined || late === undefined) return undefined;
  return ((late - early) / ((now - first.at) / 2)) * MINUTE;
}

/**
 * Averages of the samples since `from`. Undefined while power or rate is missing, because an
 * efficiency without its watts is a guess.
 */
export function measure(state: DeviceState, from: EpochMs, point: Point): Measured | undefined {
  const telemetry = state.telemetry;
  const used = state.samples.since(from);
  const first = used.at(0);
  const last = used.at(-1);
  const power = mean(used.values("power"));
  const rate = mean(used.values("rate"));
  if (!telemetry?.power || !first || !last || power === undefined || !rate) return undefined;
  const joules = efficiency(watts(power), hashesPerSecond(rate));
  if (joules === undefined) return undefined;
  const ideal = mean(used.values("ideal"));
  const chip = mean(used.values("chip"));
  const passes = state.tuning.equaliser?.passes;
  const fan = dutyOf(telemetry);
  const preset = presetOf(telemetry, point);
  return {
    ...(passes ? { passes } : {}),
    point,
    from: first.at,
    to: last.at,
    samples: used.length,
    power: watts(power),
    basis: telemetry.power.basis,
    rate: hashesPerSecond(rate),
    efficiency: joules,
    uncertainty: standardError(used, telemetry),
    ...(ideal === undefined || ideal <= 0 ? {} : { ratio: rate / ideal }),
    ...(chip === undefined ? {} : { chipTemperature: chip }),
    ...(fan === undefined ? {} : { fan }),
    ...(preset === undefined ? {} : { preset }),
  };
}

function presetOf({ controls }: Telemetry, { profile }: Point): Measured["preset"] {
  const choice = controls.profile?.choices.find((each) => each.name === profile);
  if (choice?.frequency === undefined || choice.voltage === undefined) return undefined;
  return { frequency: choice.frequency, voltage: choice.voltage };
}

/** Of the fastest fan, 0 to 1; undefined where none is told or all stand still. */
export function dutyOf({ fans }: Telemetry): number | undefined {
  const duties = fans.flatMap((each) => believable(each.duty) ?? []);
  const most = Math.max(0, ...duties);
  return most > 0 ? most / 100 : undefined;
}

/** Of the mean rate, as a fraction: averages overlap, so only span / window of them are independent. */
function standardError(used: SampleSeries, telemetry: Telemetry): number {
  const rates = used.values("rate");
  const centre = mean(rates);
  if (centre === undefined || rates.length < 3) return 1;
  const variance = rates.reduce((sum, rate) => sum + (rate - centre) ** 2, 0) / (rates.length - 1);
  const window = steadiestShort(telemetry)?.window ?? MINUTE;
  const span = (used.at(-1)?.at ?? 0) - (used.at(0)?.at ?? 0);
  const independent = Math.max(2, Math.min(rates.length, span / Math.max(1, window)));
  return Math.sqrt(variance / independent) / centre;
}

export function mean(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    count += 1;
  }
  return count === 0 ? undefined : sum / count;
}

/** `-7.4` for a saving of 7.4 %: change of energy per hash against a baseline. */
export function gainPercent(now: JoulesPerHash, start: JoulesPerHash): number {
  return (now / start - 1) * 100;
}
