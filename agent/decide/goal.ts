// Where to go: the point of a model that serves the objective best within its risk.

import type { Point } from "../state/action.ts";
import type { Forecast, Model } from "./model/forecast.ts";

export interface Aim {
  /** Least share of the reference hashrate. */
  readonly hashrateFloor: number;
  /** Highest probability of being over the edge. */
  readonly risk: number;
}

export interface Goal {
  readonly point: Point;
  readonly forecast: Forecast;
  /** Energy per hash relative to the reference. */
  readonly efficiency: number;
}

/** Energy per hash, relative; infinite where nothing is delivered. */
export const efficiencyOf = ({ power, rate }: Forecast): number =>
  rate.mean > 0.01 ? power.mean / rate.mean : Number.POSITIVE_INFINITY;

/** The best admissible candidate; where none is, the one nearest to being admissible. */
export function bestGoal(model: Model, from: Point, warmer: number, aim: Aim): Goal | undefined {
  let best: Goal | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  const weigh = (point: Point | undefined): void => {
    const forecast = point && model.forecast(point, warmer);
    if (point === undefined || forecast === undefined) return;
    const efficiency = efficiencyOf(forecast);
    const score =
      efficiency * (1 + DOUBT * forecast.power.deviation) + 10 * shortfall(forecast, aim);
    if (score >= bestScore) return;
    bestScore = score;
    best = { point, forecast, efficiency };
  };
  for (const row of model.candidates(from, aim.hashrateFloor)) {
    const last = lastAllowed(model, row, warmer, aim);
    for (let back = 0; back < LOOK_BACK; back += 1) weigh(row[last - back]);
  }
  return best;
}

/** What is far from all that was measured must promise more: this share of the deviation of its power. */
const DOUBT = 0.5;
/** Close to the edge less voltage loses more hashrate than it saves power: the best is a little above. */
const LOOK_BACK = 4;

/** Index of the last allowed point of a row; 0 where none is. */
function lastAllowed(model: Model, row: readonly Point[], warmer: number, aim: Aim): number {
  let low = 0;
  let high = row.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const point = row[middle];
    const forecast = point && model.forecast(point, warmer);
    if (forecast !== undefined && shortfall(forecast, aim) === 0) low = middle;
    else high = middle;
  }
  return low;
}

/** How far a point is from being allowed; 0 when it is. */
export function shortfall({ rate, below }: Forecast, aim: Aim): number {
  const missing = Math.max(0, aim.hashrateFloor - (rate.mean - rate.deviation));
  const risky = Math.max(0, below - aim.risk);
  return missing + risky;
}
