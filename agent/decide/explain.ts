// What a model-led decision was made of, for the technician who asks why.

import type { Signals } from "../../config/signals.ts";
import type { Point } from "../state/action.ts";
import type { Expected, Explanation, Option, Seen } from "../state/explanation.ts";
import { describeSetting, samePoint, settingsBetween } from "../state/point.ts";
import type { Measured, TuningState } from "../state/tuning.ts";
import { alternatives } from "./alternatives.ts";
import type { Forecast } from "./model/forecast.ts";
import { pauseOf } from "./next-step.ts";
import type { Objective } from "./objective.ts";
import type { Outcome } from "./outcome.ts";
import type { Scene, View } from "./scene.ts";

/** A change is always told; what is suggested or held only where it was not told yet. */
function isNews({ state }: Scene, { is, point }: Outcome): boolean {
  if (is === "change") return true;
  const newest = state.explained?.[0];
  if (newest?.chosen === undefined || newest.outcome !== is) return true;
  return !samePoint(newest.chosen.point, point);
}

/** Undefined where it was told already. */
export function explain(
  scene: Scene,
  view: View,
  learnt: TuningState,
  measured: Measured | undefined,
  outcome: Outcome,
): Explanation | undefined {
  if (!isNews(scene, outcome)) return undefined;
  const reference = learnt.evidence?.[0];
  const chosen = view.model.forecast(outcome.point, view.warmer);
  if (reference === undefined || chosen === undefined) return undefined;
  const { objective, words } = view.asked;
  const signals = scene.policies.signals?.(scene.now);
  const option = (point: Point, forecast: Forecast, why?: string, gain?: number): Option => ({
    point,
    gain: rounded(gain ?? objective.gain(view.present, forecast)),
    over: rounded(forecast.below),
    power: rounded(forecast.power.mean * reference.power),
    rate: rounded(forecast.rate.mean * reference.rate),
    ...(why === undefined ? {} : { why }),
  });
  const settings = settingsBetween(scene.here, outcome.point, scene.telemetry.controls);
  const others = alternatives(scene, view, learnt, outcome);
  return {
    at: scene.now,
    policy: "tuner",
    outcome: outcome.is,
    reason: outcome.reason,
    settings: settings.map(describeSetting),
    seen: seenOf(measured, scene),
    asked: {
      words,
      floor: objective.floor,
      ...(signals === undefined ? {} : { signals: { ...signals } }),
    },
    chosen: option(outcome.point, chosen),
    rejected: others.map(({ point, forecast, why, gain }) => option(point, forecast, why, gain)),
    expected: expectedOf(scene, view, reference, signals, outcome, chosen),
    model: view.model.describe(),
  };
}

function seenOf(measured: Measured | undefined, { telemetry }: Scene): Seen {
  const { algorithm } = telemetry;
  const told = algorithm === undefined ? {} : { algorithm };
  if (measured === undefined) return told;
  const { power, basis, rate, ratio, chipTemperature, from, to } = measured;
  return {
    ...told,
    power: rounded(power),
    basis,
    rate: rounded(rate),
    over: to - from,
    ...(ratio === undefined ? {} : { ratio: rounded(ratio) }),
    ...(chipTemperature === undefined ? {} : { chipTemperature: rounded(chipTemperature) }),
  };
}

const OF: { readonly [Name in Objective["name"]]: string } = {
  efficiency: "less energy per hash",
  profit: "more of the first revenue",
  hashrate: "more hashrate",
};

/** A held machine is compared with itself as it was found, a step with where it starts. */
function expectedOf(
  scene: Scene,
  view: View,
  reference: Measured,
  signals: Signals | undefined,
  { is }: Outcome,
  chosen: Forecast,
): Expected {
  const { objective } = view.asked;
  const found = view.model.forecast(reference.point, 0);
  const from = is === "hold" && found !== undefined ? found : view.present;
  const { gain, low, high } = intervalOf(objective, from, chosen);
  const missesFloor = Math.min(from.rate.mean, chosen.rate.mean) < objective.floor - SLACK;
  const dead = is === "hold" ? 0 : pauseOf(scene);
  const rate = view.present.rate.mean * reference.rate;
  const price = signals?.hashpricePerThDay;
  return {
    gain: rounded(gain),
    low: rounded(low),
    high: rounded(high),
    of: missesFloor ? `${OF[objective.name]} and missing to the floor` : OF[objective.name],
    against: is === "hold" ? "found" : "here",
    dead,
    hashes: rounded((rate * dead) / 1000),
    ...(price === undefined ? {} : { currency: rounded(((price * rate) / 1e12) * (dead / DAY)) }),
  };
}

/** Share of the hashrate; as near to the floor as this is on it. */
const SLACK = 0.005;
const DAY = 24 * 60 * 60_000;
/** Deviations to both sides that hold 95 % of a bell. */
const MOST = 1.96;

/** Power and hashrate of the point are each as uncertain as the model says, independently. */
export function intervalOf(
  objective: Objective,
  from: Forecast,
  to: Forecast,
): { readonly gain: number; readonly low: number; readonly high: number } {
  const gain = objective.gain(from, to);
  const moved = (name: "power" | "rate"): number => {
    const { mean, deviation } = to[name];
    const worse = { ...to, [name]: { mean: mean + deviation * SIGN[name], deviation } };
    return gain - objective.gain(from, worse);
  };
  const deviation = Math.hypot(moved("power"), moved("rate"));
  return { gain, low: gain - MOST * deviation, high: gain + MOST * deviation };
}

const SIGN = { power: 1, rate: -1 } as const;

const rounded = (value: number): number => Number(value.toPrecision(4));
