// What a point is worth: by energy per hash, by money, or by hashes. All figures are relative to the
// machine as it was found, so that one formula serves every size and algorithm.

import type { Signals } from "../../config/signals.ts";
import type { Demand, Measured } from "../state/tuning.ts";
import type { Forecast } from "./model/forecast.ts";
import type { Policies } from "./policies.ts";

export interface Objective {
  readonly name: Policies["tuning"]["objective"];
  /** Least share of the reference hashrate; 0: none. */
  readonly floor: number;
  /** Energy bill over revenue at the reference point; only of the objective profit. */
  readonly energyShare?: number;
  /** Lower is better. `doubt`: deviations of power and rate that count as if they were so. */
  cost(forecast: Forecast, doubt?: number): number;
  /** What `to` is better than `from`: a share of the energy per hash, of the revenue or of the hashrate. */
  gain(from: Forecast, to: Forecast): number;
}

/** Of two points with the same hashrate the one with less power, whatever the objective. */
const THRIFT = 0.01;

export function objectiveOf(
  { tuning }: Policies,
  signals: Signals,
  reference: Measured,
): Objective {
  const { objective, hashrateFloor } = tuning;
  const energyShare = objective === "profit" ? energyShareOf(signals, reference) : undefined;
  if (energyShare !== undefined) {
    return linear("profit", energyShare, { floor: 0, energyShare });
  }
  if (objective === "hashrate") return linear("hashrate", THRIFT, { floor: 0 });
  const cost = (forecast: Forecast, doubt = 0) => efficiencyOf(forecast, hashrateFloor, doubt);
  return {
    name: "efficiency",
    floor: hashrateFloor,
    cost,
    gain: (from, to) => 1 - cost(to) / cost(from),
  };
}

function linear(
  name: Objective["name"],
  perPower: number,
  rest: Pick<Objective, "floor" | "energyShare">,
): Objective {
  const cost = ({ power, rate }: Forecast, doubt = 0): number =>
    perPower * power.mean +
    doubt * (Math.abs(perPower) * power.deviation + rate.deviation) -
    rate.mean;
  return { name, ...rest, cost, gain: (from, to) => cost(from) - cost(to) };
}

/** What is missing below the floor weighs so much more than its energy: as near to it as can be. */
const MISSING = 10;

/** Energy per hash, relative; infinite where nothing is delivered. */
function efficiencyOf({ power, rate }: Forecast, floor: number, doubt: number): number {
  if (rate.mean <= 0.01) return Number.POSITIVE_INFINITY;
  const drawn = power.mean * (1 + doubt * power.deviation);
  return (drawn + MISSING * Math.max(0, floor - rate.mean)) / rate.mean;
}

const KWH_PER_WATT_DAY = 0.024;

/**
 * hashprice H = 0.024 tariff P is break-even: the share of the revenue that the energy costs there.
 * Undefined where a price is missing; infinite where hashes earn nothing and energy costs.
 */
export function energyShareOf(
  { hashpricePerThDay, tariffPerKwh }: Signals,
  { power, rate }: Pick<Measured, "power" | "rate">,
): number | undefined {
  if (hashpricePerThDay === undefined || tariffPerKwh === undefined) return undefined;
  const bill = KWH_PER_WATT_DAY * tariffPerKwh * power;
  const revenue = (hashpricePerThDay * rate) / 1e12;
  // Finite, so that points can still be compared: without revenue the bill alone decides.
  return Math.max(-MOST, Math.min(MOST, bill / Math.max(revenue, 1e-12)));
}

const MOST = 1e6;

/** Relative; smaller moves of a price wait for the next measurement. */
const SAME_PRICE = 0.02;
const SAME_CAP = 0.01;

export function isOther(before: Demand, after: Demand): boolean {
  if (before.objective !== after.objective) return true;
  if (before.noiseMaxDecibels !== after.noiseMaxDecibels) return true;
  return (
    differs(before.energyShare, after.energyShare, SAME_PRICE) ||
    differs(before.powerCap, after.powerCap, SAME_CAP)
  );
}

function differs(before: number | undefined, after: number | undefined, same: number): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return Math.abs(after - before) > same * Math.max(Math.abs(before), Math.abs(after), 0.05);
}
