// The laws of a hashing machine, as pure functions. Parameters come from fits to published tables and
// measurements; where only the shape is an assumption, the comment says so.

import type { Algorithm } from "../../drivers/contract/algorithm.ts";
import type { Celsius, Megahertz, Millivolts } from "../../drivers/contract/units.ts";

/** `P = A V^2 f + B V exp(gT (T - T0) + gV (V - V0))` for one chip, V chip volts, f MHz, T Celsius. */
export interface ChipPower {
  /** A, W/(V^2 MHz): switching. */
  readonly switching: number;
  /** B, W/V: leakage at T0 and V0. */
  readonly leakage: number;
  /** gT, 1/K. */
  readonly perKelvin: number;
  /** gV, 1/V. */
  readonly perVolt: number;
  readonly temperature: number;
  readonly voltage: number;
}

/** `Vc = v0 + s (f - f0) - c (T - T0)`: below it a chip loses hashrate. */
export interface Cliff {
  /** v0, chip volts at f0 and T0. */
  readonly voltage: number;
  readonly frequency: number;
  readonly temperature: number;
  /** s, chip volts per MHz. */
  readonly slope: number;
  /** c, chip volts per K: colder silicon is slower near threshold. */
  readonly inversion: number;
  /** k, share of the hashrate lost per volt below Vc. */
  readonly steepness: number;
  /** d, volts: how sharp the edge is. */
  readonly width: number;
}

/** `eta(x) = peak - curvature (x - best)^2 - standing / x`, x the share of the rated load. */
export interface Supply {
  /** Watts of output. */
  readonly rated: number;
  readonly peak: number;
  readonly best: number;
  readonly curvature: number;
  readonly standing: number;
}

export interface Thermal {
  /** K between inlet and the mean chip, per watt of the whole machine, at full fan speed. */
  readonly resistance: number;
  /** Share of that rise which falls from the heatsink to the air. */
  readonly sinkShare: number;
  /** Seconds. */
  readonly chipTime: number;
  readonly sinkTime: number;
  /** Mean chip temperature that the automatic fans aim at. */
  readonly target: Celsius;
  /** Air through the machine at full speed, m3/s. */
  readonly airflow: number;
}

export interface Fans {
  readonly count: number;
  readonly maxRpm: number;
  /** Of one fan at full speed; 0 where the fitted overhead already holds it. */
  readonly maxWatts: number;
  /** Lowest duty that the firmware's automatic control sets while hashing, percent. */
  readonly minDuty: number;
  /** The duty while nothing is hashed. */
  readonly idleDuty: number;
}

export interface PlantSpec {
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly boards: number;
  readonly chipsPerBoard: number;
  /** Hashes per second, per MHz and chip. */
  readonly hashesPerMhzChip: number;
  readonly stock: {
    readonly frequency: Megahertz;
    /** Board volts. */
    readonly voltage: Millivolts;
    /** Mean of the chips. */
    readonly chipTemperature: Celsius;
    /** Percent of full speed that holds this temperature at 25 Celsius inlet. */
    readonly fanDuty: number;
  };
  /** Chip volts are board volts divided by this. */
  readonly domains: number;
  readonly power: {
    readonly chip: ChipPower;
    /** Watts, always drawn: control board. */
    readonly controller: number;
    /** Watts, drawn while hashing: regulators and the rest that no chip explains. */
    readonly standing: number;
  };
  readonly cliff: Cliff;
  /** Half width of the factory's choice of stock margin among units, chip volts. */
  readonly marginSpread: number;
  readonly thermal: Thermal;
  readonly fans: Fans;
  readonly psu: Supply;
  /** Difficulty at which nonces are counted: it sets the noise of every reported hashrate. */
  readonly difficulty: number;
}

/** Hotter chips than this are dead ones; the exponential is not followed further. */
const LEAKAGE_LIMIT = 150;

export function switchingPower(chip: ChipPower, volts: number, megahertz: number): number {
  return chip.switching * volts * volts * megahertz;
}

export function leakagePower(chip: ChipPower, volts: number, celsius: number): number {
  const heat = chip.perKelvin * (Math.min(celsius, LEAKAGE_LIMIT) - chip.temperature);
  return chip.leakage * volts * Math.exp(heat + chip.perVolt * (volts - chip.voltage));
}

/** Chip volts. */
export function criticalVoltage(cliff: Cliff, megahertz: number, celsius: number): number {
  return (
    cliff.voltage +
    cliff.slope * (megahertz - cliff.frequency) -
    cliff.inversion * (celsius - cliff.temperature)
  );
}

/** Delivered over ideal hashrate, 0 to 1; `margin` is chip volts above Vc. */
export function hashRatio(cliff: Cliff, margin: number): number {
  const depth = -margin / cliff.width;
  // ln(1 + e^x) is x within 1e-13 beyond 30, where e^x would soon overflow.
  const softplus = depth > 30 ? depth : Math.log1p(Math.exp(depth));
  return Math.max(0, 1 - cliff.steepness * cliff.width * softplus);
}

const ERRORS_NORMAL = 0.001;
const ERRORS_PEAK = 0.03;
const ERRORS_DEEP = 0.00006;
const ERRORS_BAND = 0.012;

/**
 * Share of nonces that the controller finds wrong. It peaks within 12 mV of Vc and is nearly nothing
 * below: there chips return no nonces at all. One measured board lost half of its hashrate with
 * 0.006 % reported errors, which traps whoever trusts this counter.
 */
export function errorRate(margin: number): number {
  const peak = ERRORS_PEAK * Math.max(0, 1 - Math.abs(margin) / ERRORS_BAND);
  return peak + (margin > -ERRORS_BAND ? ERRORS_NORMAL : ERRORS_DEEP);
}

/** Efficiency of the supply at `output` watts. The shape is assumed, its ends are known. */
export function supplyEfficiency(supply: Supply, output: number): number {
  const load = Math.min(1.3, Math.max(0.01, output / supply.rated));
  return supply.peak - supply.curvature * (load - supply.best) ** 2 - supply.standing / load;
}

/** Still air carries heat too; this stands for fans at rest. Share of full flow. */
const STILL_AIR = 0.05;

/** Growth of the thermal resistance as the flow falls from full: flow^-0.8. */
export function resistanceFactor(flow: number): number {
  return Math.max(STILL_AIR, flow) ** -0.8;
}

/** K that the air warms up by, for `power` watts. */
export function airRise(thermal: Thermal, flow: number, power: number): number {
  const heatCapacity = 1.15 * 1006;
  return power / (heatCapacity * thermal.airflow * Math.max(STILL_AIR, flow));
}
