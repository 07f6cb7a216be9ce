// Where to go: the point of a model that serves the objective best within its risk and its caps.

import type { Point } from "../state/action.ts";
import type { Forecast, Model, Row } from "./model/forecast.ts";
import type { Objective } from "./objective.ts";

export interface Aim {
  readonly objective: Objective;
  /** Highest probability of being over the edge. */
  readonly risk: number;
  /** Highest power, as a share of the reference's; undefined: none. */
  readonly powerCap?: number;
  /** Highest power limit, W; only where that is the lever. */
  readonly limitMax?: number;
  /** Only points that pass. Along a row of falling voltage, what follows a refused one is refused. */
  readonly only?: (point: Point) => boolean;
  /** The floor is a wish of the objective only. */
  readonly floorless?: boolean;
}

export interface Goal {
  readonly point: Point;
  readonly forecast: Forecast;
  /** Whether risk, floor and caps are kept there: else it is only the nearest to it. */
  readonly admissible: boolean;
}

/** The best admissible candidate; where none is, the one nearest to being admissible. */
export function bestGoal(model: Model, from: Point, warmer: number, aim: Aim): Goal | undefined {
  const strict = refined(model, from, warmer, aim);
  if (aim.powerCap === undefined || strict?.admissible === true) return strict;
  // The cap keeps the floor out of reach: as near to it as the cap and the edge allow.
  return refined(model, from, warmer, { ...aim, floorless: true });
}

function refined(model: Model, from: Point, warmer: number, aim: Aim): Goal | undefined {
  const coarse = searched(model, from, warmer, aim, SPAN);
  // Where caps or prices decide between frequencies, a row between two coarse ones may be the best.
  const smooth = aim.objective.name === "efficiency" && aim.powerCap === undefined;
  if (coarse === undefined || smooth) return coarse;
  const rate = coarse.forecast.rate.mean;
  const near = { least: rate - FINE, most: rate + FINE };
  const fine = searched(model, from, warmer, aim, near);
  return fine !== undefined && scoreOf(fine.forecast, aim) < scoreOf(coarse.forecast, aim)
    ? fine
    : coarse;
}

const SPAN = { least: 0, most: Number.POSITIVE_INFINITY };
/** Share of the hashrate to both sides of the coarse best. */
const FINE = 0.03;

function searched(
  model: Model,
  from: Point,
  warmer: number,
  aim: Aim,
  span: { readonly least: number; readonly most: number },
): Goal | undefined {
  let best: Goal | undefined;
  let bestScore = Number.POSITIVE_INFINITY;
  const weigh = (point: Point | undefined): void => {
    if (point === undefined || !isOffered(point, aim)) return;
    const forecast = model.forecast(point, warmer);
    if (forecast === undefined) return;
    const score = scoreOf(forecast, aim);
    if (score >= bestScore) return;
    bestScore = score;
    best = { point, forecast, admissible: shortfall(forecast, aim) <= 0 };
  };
  const least = Math.max(span.least, floorOf(aim));
  for (const row of model.candidates(from, { ...span, least })) {
    const last = lastBorne(model, row, warmer, aim);
    for (let back = 0; back < Math.min(LOOK_BACK, last + 1); back += 1) weigh(row.at(last - back));
  }
  return best;
}

function scoreOf(forecast: Forecast, aim: Aim): number {
  return aim.objective.cost(forecast, DOUBT) + 10 * shortfall(forecast, aim);
}

function isOffered(point: Point, { only, limitMax }: Aim): boolean {
  if (limitMax !== undefined && (point.powerLimit ?? 0) > limitMax) return false;
  return only === undefined || only(point);
}

/** What is far from all that was measured must promise more: this share of the deviation of its power. */
const DOUBT = 0.5;
/** Close to the edge less voltage loses more hashrate than it saves power: the best is a little above. */
const LOOK_BACK = 4;

/** Index of the last point of a row that the machine bears; 0 where none is. */
function lastBorne(model: Model, row: Row, warmer: number, aim: Aim): number {
  let low = 0;
  let high = row.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isBorne(model, row.at(middle), warmer, aim)) low = middle;
    else high = middle;
  }
  return low;
}

function isBorne(model: Model, point: Point | undefined, warmer: number, aim: Aim): boolean {
  // What is not proven needs no forecast.
  if (point === undefined || aim.only?.(point) === false) return false;
  const forecast = model.forecast(point, warmer);
  return forecast !== undefined && edgeShortfall(forecast, aim) === 0;
}

/** How far a point is from being allowed; 0 when it is. */
export function shortfall(forecast: Forecast, aim: Aim): number {
  const { power } = forecast;
  const over = Math.max(0, power.mean + power.deviation - (aim.powerCap ?? Infinity));
  // The cap comes before the hashrate: what trips a breaker hashes nothing.
  return edgeShortfall(forecast, aim) + CAP_WEIGHT * over;
}

const CAP_WEIGHT = 10;

/** Less voltage brings hashrate and safety down together: along a row of falling voltage it only grows. */
function edgeShortfall({ rate, below }: Forecast, aim: Aim): number {
  const missing = Math.max(0, floorOf(aim) - (rate.mean - rate.deviation));
  const broken = FLOOR_WEIGHT * Math.max(0, missing - FLOOR_GRAIN);
  return missing + broken + Math.max(0, below - aim.risk);
}

/**
 * The hashrate floor is promised. A machine that was found over its edge, and is over it wherever it keeps
 * the floor, stays at the floor: further down it would be safe, and would not do its work.
 */
const FLOOR_WEIGHT = 60;
/** So much of the hashrate is within what windows and weather make of it. */
const FLOOR_GRAIN = 0.015;

const floorOf = ({ objective, floorless }: Aim): number =>
  floorless === true ? 0 : objective.floor;
