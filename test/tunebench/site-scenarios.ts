// Scenarios in which somebody asks something of the machine: a cap, a price, a pause, a quiet night.

import type { Signals } from "../../config/signals.ts";
import { signalsAt, signalsSection } from "../../config/signals.ts";
import { nominalUnit } from "../sim/plant-unit.ts";
import type { MachineClass } from "./class.ts";
import { type Conditions, DAY, hourOf, type Scenario, steady } from "./scenario.ts";
import { type Curtailment, decibelsAt } from "./site.ts";
import { NEW, type Steady, steadyState } from "./steady.ts";

const nominal = ({ spec }: MachineClass): Steady =>
  steadyState(spec, nominalUnit(spec), spec.stock, 25);

/** W on the machine's own meter. */
const nominalWatts = (kind: MachineClass): number =>
  kind.basis === "psu" ? nominal(kind).power : nominal(kind).output;

/** Minutes. Coming down at the start, and where the supply gets worse by itself. */
const CAP_GRACE = 10;
/** The machine must be below its share so soon after the call. */
const NOTICE = 5;
/** Chips and fans need their time. */
const QUIET_GRACE = 15;
const graceMinutes = { power: CAP_GRACE, noise: QUIET_GRACE };

const within = (hour: number, { from, to }: Curtailment): boolean => hour >= from && hour < to;

const WORSE_SUPPLY = { from: 10, to: 14 };
const BREAKER_SHARE = { from: 16, to: 20 };

export const POWER_CAP: Scenario = {
  id: "S5",
  title:
    "power cap: 90 % of the model's stock watts; 4 h with a supply 4 % worse, 4 h at 75 % of the unit's own",
  hours: DAY,
  at: (hour): Conditions => ({ ...NEW, inlet: 25, supply: within(hour, WORSE_SUPPLY) ? 0.96 : 1 }),
  demands: (kind) => ({
    goal: "hashes",
    objective: "hashrate",
    powerMaxWatts: 0.9 * nominalWatts(kind),
    signals: (now) => (within(hourOf(now), BREAKER_SHARE) ? { powerShare: 0.75 } : {}),
    graceMinutes,
  }),
};

/** Per kWh. */
const TARIFF = 0.06;

/** From the hour: hashprice as a multiple of what the nominal machine breaks even at, tariff of TARIFF. */
const MARKET: readonly (readonly [from: number, hashprice: number, tariff: number])[] = [
  [0, 2, 1],
  [8, 1.15, 1],
  [14, 1.15, 2.2],
  [18, 1.15, 1],
  [24, 1.15, -0.3],
  [27, 1.15, 1],
  [30, 1.6, 1],
];

export const MARKET_DAY: Scenario = {
  id: "S6",
  title:
    "market, 36 h: hashprice 2 x the model's break-even, 1.15 x from hour 8, 1.6 x from 30; tariff 2.2 x from 14 to 18, negative from 24 to 27",
  hours: 36,
  at: steady,
  demands: (kind) => ({
    goal: "profit",
    objective: "profit",
    signals: (now) => marketAt(hourOf(now), kind),
    graceMinutes,
  }),
};

function marketAt(hour: number, kind: MachineClass): Signals {
  const [, hashprice = 0, tariff = 0] = MARKET.findLast(([from]) => hour >= from) ?? [];
  return {
    hashpricePerThDay: hashprice * breakEven(kind, TARIFF),
    tariffPerKwh: tariff * TARIFF,
  };
}

const found = new Map<string, number>();

/** Hashprice per TH/s and day at which the nominal machine at stock earns what its energy costs. */
export function breakEven(kind: MachineClass, tariff: number): number {
  const known = found.get(kind.id) ?? joulesPerTerahash(nominal(kind));
  found.set(kind.id, known);
  return known * 0.024 * tariff;
}

const joulesPerTerahash = ({ power, rate }: Steady): number => (power / rate) * 1e12;

const CALLS = { long: { from: 10, to: 11 }, short: { from: 18, to: 18.25 } };

export const CURTAILMENT: Scenario = {
  id: "S7",
  title:
    "curtailment, 5 min notice: 60 min at 0 or 0.3 of the watts (by unit), 15 min at 0.6; 0.75 and 0.85 where it cannot sleep",
  hours: DAY,
  at: steady,
  demands: (kind, seed) => ({
    goal: "hashes",
    objective: "efficiency",
    signals: (now) => {
      const hour = hourOf(now);
      const sleeps = kind.wakeTime !== undefined;
      if (within(hour, CALLS.short)) return { powerShare: sleeps ? 0.6 : 0.85 };
      if (!within(hour, CALLS.long)) return {};
      if (!sleeps) return { powerShare: 0.75 };
      return { powerShare: seed % 2 === 0 ? 0 : 0.3 };
    },
    curtailments: [CALLS.long, CALLS.short],
    graceMinutes: { ...graceMinutes, power: NOTICE },
  }),
};

/** dB below what the fans of the nominal machine make at stock: a fifth less heat, whatever the class. */
const QUIETER = 6;
export const FULL_SPEED_DECIBELS = 76;

export const QUIET_NIGHT: Scenario = {
  id: "S9",
  // Runs begin at 9:00 UTC.
  title: `noise cap: from 22 to 6 o'clock ${QUIETER} dB below the model's fans at stock; the start is at 9`,
  hours: DAY,
  at: steady,
  demands: (kind) => {
    const loud = decibelsAt(FULL_SPEED_DECIBELS, nominal(kind).flow);
    const section = signalsSection.parse({
      windows: [{ from: "22:00", to: "06:00", noiseMaxDecibels: Math.round(loud - QUIETER) }],
    });
    return {
      goal: "hashes",
      objective: "hashrate",
      signals: (now) => signalsAt(section, [], now),
      graceMinutes,
    };
  },
};
