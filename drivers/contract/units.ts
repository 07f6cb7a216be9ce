// Branded units. A name says the quantity, the type says the unit; constructors are called where a
// value enters (decode.ts, hardware/, config/), never in between.

declare const unit: unique symbol;
export type Unit<Symbol extends string> = number & { readonly [unit]: Symbol };

export type Watts = Unit<"W">;
export type Celsius = Unit<"°C">;
export type Megahertz = Unit<"MHz">;
/** Core or board voltage as the machine counts it: board volts on Antminer, chip volts on Bitaxe. */
export type Millivolts = Unit<"mV">;
export type Percent = Unit<"%">;
export type Rpm = Unit<"rpm">;
export type Milliseconds = Unit<"ms">;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Unit<"epoch ms">;
/** Base units of work per second: hashes, or solutions for Equihash. See algorithm.ts for display. */
export type HashesPerSecond = Unit<"H/s">;
export type JoulesPerHash = Unit<"J/H">;

export const watts = (value: number): Watts => value as Watts;
export const celsius = (value: number): Celsius => value as Celsius;
export const megahertz = (value: number): Megahertz => value as Megahertz;
export const millivolts = (value: number): Millivolts => value as Millivolts;
export const percent = (value: number): Percent => value as Percent;
export const rpm = (value: number): Rpm => value as Rpm;
export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const epochMs = (value: number): EpochMs => value as EpochMs;
export const hashesPerSecond = (value: number): HashesPerSecond => value as HashesPerSecond;

/** Energy per unit of work; undefined while nothing is hashed, because a division by zero is no efficiency. */
export function efficiency(power: Watts, rate: HashesPerSecond): JoulesPerHash | undefined {
  return rate > 0 ? ((power / rate) as JoulesPerHash) : undefined;
}

/** Keeps the brand of its arguments. */
export function clamp<Quantity extends number>(
  value: Quantity,
  min: Quantity,
  max: Quantity,
): Quantity {
  return value < min ? min : value > max ? max : value;
}

/** Difference that keeps the brand. */
export const minus = <Quantity extends number>(a: Quantity, b: Quantity): Quantity =>
  (a - b) as Quantity;
