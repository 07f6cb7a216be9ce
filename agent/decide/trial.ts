// Is the tried point better than the best one? Decided on averages, noise and the floors.

import { ALGORITHMS } from "../../drivers/contract/algorithm.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import type { Point } from "../state/action.ts";
import type { DeviceState } from "../state/device-state.ts";
import { gainPercent, measure } from "../state/samples.ts";
import type { Measured, Trial } from "../state/tuning.ts";
import type { Policies } from "./policies.ts";

const MINUTE = 60_000;

export type TrialRuling =
  | { readonly is: "early"; readonly reason: string }
  | { readonly is: "better"; readonly measured: Measured; readonly reason: string }
  | { readonly is: "worse"; readonly reason: string };

/** Rules on a trial whose settings have been seen to act. */
export function ruleOnTrial(
  state: DeviceState,
  trial: Trial,
  point: Point,
  policies: Policies,
): TrialRuling {
  const { tuning, safety } = policies;
  const best = state.tuning.best;
  const baseline = state.tuning.baseline;
  const now = state.telemetry?.at;
  if (best === undefined || baseline === undefined || now === undefined) {
    return { is: "early", reason: "no baseline yet" };
  }
  const manual = trial.lever === "voltage" || trial.lever === "frequency";
  const cliff = manual ? overTheCliff(state, point, safety.hashRatioRevert) : undefined;
  if (cliff !== undefined) return { is: "worse", reason: cliff.reason };
  const from = (state.steadySince + tuning.settleMinutes * MINUTE) as typeof now;
  const measured = measure(state, from, point);
  const span = measured === undefined ? 0 : measured.to - measured.from;
  if (measured === undefined || span < tuning.measureMinutes * MINUTE) {
    return { is: "early", reason: "measuring" };
  }
  // Where the firmware picks frequency and voltage, what it expects is not what it runs at.
  if (
    manual &&
    measured.ratio !== undefined &&
    measured.ratio + 2 * measured.uncertainty < safety.hashRatioFloor
  ) {
    return {
      is: "worse",
      reason: `delivers ${share(measured.ratio)} of the expected hashrate, floor ${share(safety.hashRatioFloor)}: the edge is near`,
    };
  }
  const kept = measured.rate / baseline.rate;
  if (kept + measured.uncertainty < tuning.hashrateFloor) {
    return {
      is: "worse",
      reason: `${share(kept)} of the first hashrate, floor ${share(tuning.hashrateFloor)}`,
    };
  }
  return weigh(state, trial, measured, best, baseline, policies);
}

/** Two minutes far below expectation are enough to leave, however noisy they are. */
export function overTheCliff(
  state: DeviceState,
  point: Point,
  floor: number,
): { readonly reason: string; readonly measured: Measured } | undefined {
  const now = state.telemetry?.at ?? state.steadySince;
  if (now - state.steadySince < 4 * MINUTE) return undefined;
  const recent = measure(state, (now - 2 * MINUTE) as typeof now, point);
  if (recent?.ratio === undefined || recent.samples < 4) return undefined;
  if (recent.ratio + 2 * recent.uncertainty >= floor) return undefined;
  const reason = `delivers only ${share(recent.ratio)} of the expected hashrate within minutes`;
  return { reason, measured: recent };
}

function weigh(
  state: DeviceState,
  trial: Trial,
  measured: Measured,
  best: Measured,
  baseline: Measured,
  policies: Policies,
): TrialRuling {
  const gain = 1 - measured.efficiency / best.efficiency;
  const noise = 2 * Math.hypot(measured.uncertainty, best.uncertainty);
  const needed = Math.max(policies.tuning.minGain, noise);
  const words = describeMeasured(measured, baseline, state.telemetry);
  if (measured.basis === "formula" && trial.lever === "voltage") {
    // These watts are computed from the frequency: they cannot show what the voltage saves.
    return {
      is: "better",
      measured,
      reason: `${words}; the firmware's watts are a formula and cannot show the saving of less voltage`,
    };
  }
  if (gain > needed)
    return { is: "better", measured, reason: `${words}, ${share(gain)} better than before` };
  const longest = 3 * policies.tuning.measureMinutes * MINUTE;
  if (
    gain > -noise &&
    measured.to - measured.from < longest &&
    gain + noise > policies.tuning.minGain
  ) {
    return {
      is: "early",
      reason: `measuring longer: ${share(gain)} is within the noise of ${share(noise)}`,
    };
  }
  return {
    is: "worse",
    reason: `${words}: ${share(gain)} is less than the ${share(needed)} needed`,
  };
}

/** `2310 W, 110.90 TH/s, 20.83 J/TH (-6.5 % at 99.8 % of the first hashrate, psu watts)`. */
export function describeMeasured(
  measured: Measured,
  baseline: Measured,
  telemetry: Telemetry | undefined,
): string {
  const facts = ALGORITHMS[telemetry?.algorithm ?? "sha256"];
  const change = gainPercent(measured.efficiency, baseline.efficiency);
  return (
    `${measured.power.toFixed(0)} W, ${(measured.rate / facts.scale).toFixed(2)} ${facts.rateUnit}, ` +
    `${(measured.efficiency * facts.scale).toFixed(2)} ${facts.efficiencyUnit} ` +
    `(${change >= 0 ? "+" : ""}${change.toFixed(1)} % at ${share(measured.rate / baseline.rate)} ` +
    `of the first hashrate, ${measured.basis} watts)`
  );
}

const share = (fraction: number): string => `${(fraction * 100).toFixed(1)} %`;
