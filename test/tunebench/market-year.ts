// A synthetic year of hashprice and tariff, of no place and no coin: drawn from a seed, in the currency of
// its own. What it is made of stands beside each part; all of it is assumed.

import type { Signals } from "../../config/signals.ts";
import { Random } from "../sim/random.ts";

export const YEAR_DAYS = 360;
const DAY = 24;

/** Per TH/s and day, at the start. */
const FIRST_HASHPRICE = 0.052;
/** Of the logarithm, a day. */
const WALK = 0.022;
/** Blocks of two weeks, after each of which difficulty rises by up to so much, and now and then falls. */
const DIFFICULTY = { days: 14, least: -0.02, most: 0.05 };
/** On that day the reward falls to so much of it, fees and price making up for some; then prices recover. */
const HALVING = { day: 210, share: 0.62 };
/** Of the logarithm, a day: before and after. */
const DRIFT = { before: 0.001, after: 0.003 };

/** Per kWh: the mean of an ordinary day. */
const TARIFF = 0.052;
const WINTER = 0.15;
const WEEKEND = 0.85;
/** Of the logarithm, between days: wind, and who else needs energy. */
const WEATHER = 0.15;
/** Hours from the first to before the second, and their share of the day's mean. */
const SHAPE: readonly (readonly [from: number, to: number, share: number])[] = [
  [0, 6, 0.8],
  [7, 10, 1.15],
  [10, 16, 0.95],
  [17, 21, 1.6],
];
const SUMMER = { from: 120, to: 240 };
/** Of the day's mean at noon in summer; on some weekends the grid pays. */
const SUN = { from: 10, to: 16, share: 0.7, paysShare: -0.3, chance: 0.4 };
/** Winter evenings with too little of everything. */
const SCARCE = { chance: 0.06, factor: 5 };

/** One entry an hour: 360 days. */
export function marketYear(seed: number): readonly Signals[] {
  const random = new Random(seed ^ 0x6d61726b);
  let level = Math.log(FIRST_HASHPRICE);
  return Array.from({ length: YEAR_DAYS }, (_, day) => {
    level += random.normal(day < HALVING.day ? DRIFT.before : DRIFT.after, WALK);
    if (day % DIFFICULTY.days === 0) level -= random.between(DIFFICULTY.least, DIFFICULTY.most);
    if (day === HALVING.day) level += Math.log(HALVING.share);
    const hashpricePerThDay = Math.exp(level);
    return tariffs(day, random).map((tariffPerKwh) => ({ hashpricePerThDay, tariffPerKwh }));
  }).flat();
}

function tariffs(day: number, random: Random): number[] {
  const season = 1 + WINTER * Math.cos((2 * Math.PI * day) / YEAR_DAYS);
  const isWeekend = day % 7 >= 5;
  const mean = TARIFF * season * (isWeekend ? WEEKEND : 1) * Math.exp(random.normal(0, WEATHER));
  const isSummer = day >= SUMMER.from && day < SUMMER.to;
  const pays = random.uniform() < SUN.chance && isSummer && isWeekend;
  const scarce = random.uniform() < SCARCE.chance && !isSummer;
  return Array.from({ length: DAY }, (_, hour) => {
    const isSunny = isSummer && hour >= SUN.from && hour < SUN.to;
    if (isSunny) return mean * (pays ? SUN.paysShare : SUN.share);
    const isEvening = hour >= 17 && hour < 21;
    return mean * shapeAt(hour) * (scarce && isEvening ? SCARCE.factor : 1);
  });
}

const shapeAt = (hour: number): number =>
  SHAPE.find(([from, to]) => hour >= from && hour < to)?.[2] ?? 1;

/** Every n-th day of the year, `days` of them, one after the other. */
export function sampled(year: readonly Signals[], days: number): readonly Signals[] {
  const every = YEAR_DAYS / days;
  return Array.from({ length: days }, (_, index) => {
    const first = Math.floor(index * every) * DAY;
    return year.slice(first, first + DAY);
  }).flat();
}
