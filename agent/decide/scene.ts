// One machine at one turn, as the model-led tuner sees it.

import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../drivers/contract/units.ts";
import type { Point } from "../state/action.ts";
import type { DeviceState } from "../state/device-state.ts";
import { MAX_SAMPLES } from "../state/sample-series.ts";
import { believable, measure } from "../state/samples.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import type { Asked } from "./asked.ts";
import { jitterOf } from "./evidence.ts";
import { learn } from "./learn.ts";
import type { Forecast, Model } from "./model/forecast.ts";
import { warmerThan } from "./model/reading.ts";
import type { Policies } from "./policies.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/**
 * Relative deviation of a window's hashrate: more of it would move a machine to and fro for nothing.
 * 120 TH/s at difficulty 256 reach it within 5 min, 2 TH/s after 2 h.
 */
const PRECISION = 0.015;
const LONGEST_WINDOW = 3 * HOUR;
export interface Scene {
  readonly state: DeviceState;
  readonly telemetry: Telemetry;
  readonly policies: Policies;
  readonly now: EpochMs;
  readonly here: Point;
}

/** What is believed here and now. */
export interface View {
  readonly model: Model;
  readonly warmer: number;
  readonly present: Forecast;
  readonly asked: Asked;
}

export function viewOf(
  { telemetry, policies, here }: Scene,
  learnt: TuningState,
  asked: Asked,
  measured: Measured | undefined,
): View | undefined {
  const model = learn(telemetry, policies, learnt);
  const warmer = warmth(learnt, telemetry, measured);
  const present = model?.forecast(here, warmer);
  return model && present && { model, warmer, present, asked: onTheMeter(asked, model, learnt) };
}

/** A cap is on what is told: where the machine draws more than is believed of it, there is less room. */
function onTheMeter(asked: Asked, model: Model, { evidence = [] }: TuningState): Asked {
  const { powerCap } = asked.caps;
  if (powerCap === undefined) return asked;
  const [reference] = evidence;
  const seen = evidence.filter((each) => each.crashed !== true);
  const newest = seen.toSorted((a, b) => a.to - b.to).at(-1);
  if (reference === undefined || newest === undefined) return asked;
  const believed = model.forecast(newest.point, warmerThan(reference, newest))?.power.mean;
  if (believed === undefined) return asked;
  const bias = Math.max(1, newest.power / reference.power / believed);
  return { ...asked, caps: { ...asked.caps, powerCap: powerCap / bias } };
}

/** K above the reference, as measured or, between measurements, as the machine is now. */
function warmth(
  { evidence }: TuningState,
  telemetry: Telemetry,
  measured: Measured | undefined,
): number {
  const reference = evidence?.[0];
  if (reference === undefined) return 0;
  return measured === undefined ? warmerNow(reference, telemetry) : warmerThan(reference, measured);
}

/** K above the reference; 0 where no chip temperature is to be believed. */
export function warmerNow(reference: Measured, { temperature }: Telemetry): number {
  const chip = believable(temperature?.chip);
  return chip === undefined ? 0 : warmerThan(reference, { ...reference, chipTemperature: chip });
}

/** A chip temperature is told, and is not to be believed. */
export const isBlind = ({ temperature }: Telemetry): boolean =>
  temperature?.chip !== undefined && believable(temperature.chip) === undefined;

/** A measurement, and whether it is as sharp as it need be. */
export interface Look {
  readonly measured: Measured;
  readonly sharp: boolean;
}

/** From when on readings are settled and not in the evidence yet. */
export function windowStart(
  { steadySince }: DeviceState,
  { windowFrom = epochMs(0) }: TuningState,
  { tuning }: Policies,
): EpochMs {
  return epochMs(Math.max(steadySince + tuning.settleMinutes * MINUTE, windowFrom));
}

/** The measurement since the last one, once it is long enough; until it is sharp, now and then. */
export function windowOf(scene: Scene): Look | undefined {
  const { state, telemetry, policies, now, here } = scene;
  // Without its warmth it would be taken for one at the temperature of the first.
  if (isBlind(telemetry)) return undefined;
  const { measureMinutes } = policies.tuning;
  const from = windowStart(state, state.tuning, policies);
  if (now - from < measureMinutes * MINUTE) return undefined;
  const measured = measure(state, from, here);
  if (measured === undefined || measured.samples < 3) return undefined;
  const known = state.tuning.evidence ?? [];
  const deviation = jitterOf([...known, measured]) / Math.sqrt(measured.samples);
  // The oldest reading gives way to the newest: a longer window would not hold more.
  const full = state.samples.length >= MAX_SAMPLES;
  const patient = now - from >= LONGEST_WINDOW || full;
  const sharp = deviation <= PRECISION || patient;
  return sharp || isDue(scene, from) ? { measured, sharp } : undefined;
}

/** Looks within one measurement: each costs the making of a model. */
const LOOKS = 2;

function isDue({ state, policies, now }: Scene, from: EpochMs): boolean {
  const period = (policies.tuning.measureMinutes * MINUTE) / LOOKS;
  const before = state.samples.at(-2)?.at ?? from;
  return Math.floor((now - from) / period) > Math.floor((before - from) / period);
}
