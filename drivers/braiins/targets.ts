// What the firmware's tuner is told to reach: watts, hashes, or a point set by hand. Targets carry names,
// so that those of the machine's own list can be chosen.

import type { Choice } from "../contract/controls.ts";
import { present } from "../contract/decoding.ts";
import { type HashesPerSecond, hashesPerSecond, type Watts, watts } from "../contract/units.ts";

export type Target =
  | { readonly kind: "power"; readonly power: Watts }
  | { readonly kind: "hashrate"; readonly hashrate: HashesPerSecond };

/** A target that the firmware has tuned to the end, with its own labels. */
export interface TunedTarget {
  readonly target: Target;
  readonly power?: Watts;
  readonly hashrate?: HashesPerSecond;
}

export interface Range<Quantity extends number> {
  readonly min: Quantity;
  readonly max: Quantity;
  readonly default?: Quantity;
}

/** How watts are steered: any number of them, or only named points. */
export type Steering = "limit" | "profiles";

/** The choice that leaves the watts to the power limit. */
export const POWER_TARGET = "power target";
const TERA = 1e12;
const MOST_RUNGS = 12;
const STEPS_TH = [0.5, 1, 2, 5, 10, 20, 50, 100];

export function nameOf(target: Target): string {
  return target.kind === "power"
    ? `${round(target.power)} W`
    : `${round(target.hashrate / TERA)} TH/s`;
}

/** The target behind a name; undefined for POWER_TARGET, which needs the watts of the moment. */
export function targetOf(name: string): Target | undefined {
  const match = /^(\d+(?:\.\d+)?) (W|TH\/s)$/.exec(name);
  const value = Number(match?.[1]);
  if (match === null || !Number.isFinite(value)) return undefined;
  return match[2] === "W"
    ? { kind: "power", power: watts(value) }
    : { kind: "hashrate", hashrate: hashesPerSecond(value * TERA) };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What the setting of the tuner is called among the choices. */
export function profileOf(target: Target, steering: Steering): string {
  return target.kind === "power" && steering === "limit" ? POWER_TARGET : nameOf(target);
}

export interface Offer {
  readonly now: Target | undefined;
  readonly steering: Steering;
  readonly tuned: readonly TunedTarget[];
  readonly hashrate: Range<HashesPerSecond> | undefined;
}

/**
 * The named points in the order of rising power. Steering "profiles": what the firmware has tuned, with its
 * own figures, and the present target. Steering "limit": hashrate targets on a grid of round terahashes,
 * and one choice that leaves the watts to the power limit, so that two knobs do not move one another.
 */
export function choicesOf(offer: Offer): Choice[] {
  const byName = new Map<string, Choice>();
  const plain = offer.steering === "limit" ? rungs(offer.hashrate) : [];
  for (const target of [...plain, ...(offer.now === undefined ? [] : [offer.now])]) {
    byName.set(nameOf(target), plainChoice(target));
  }
  for (const tuned of offer.tuned) byName.set(nameOf(tuned.target), tunedChoice(tuned));
  const choices = [...byName.values()].sort(
    (a, b) => height(a, offer.tuned) - height(b, offer.tuned),
  );
  if (offer.steering === "profiles") return choices;
  const hashrates = choices.filter((choice) => targetOf(choice.name)?.kind === "hashrate");
  // First: a tuner that steps down from it would leave the watts it was told to keep.
  return hashrates.length === 0 ? [] : [{ name: POWER_TARGET }, ...hashrates];
}

function plainChoice(target: Target): Choice {
  return target.kind === "power"
    ? { name: nameOf(target), power: target.power, tuned: false }
    : { name: nameOf(target), hashrate: target.hashrate, tuned: false };
}

const tunedChoice = ({ target, power, hashrate }: TunedTarget): Choice =>
  present({ name: nameOf(target), power, hashrate, tuned: true });

function rungs(range: Range<HashesPerSecond> | undefined): Target[] {
  if (range === undefined) return [];
  const [min, max] = [range.min / TERA, range.max / TERA];
  const step = STEPS_TH.find((size) => (max - min) / size <= MOST_RUNGS);
  if (step === undefined || !(max > min)) return [];
  const first = Math.ceil(round(min / step));
  const count = Math.floor(round(max / step)) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => ({
    kind: "hashrate" as const,
    hashrate: hashesPerSecond((first + index) * step * TERA),
  }));
}

/** Hashes and watts on one scale, by what the tuned points say of their relation. */
function height(choice: Choice, tuned: readonly TunedTarget[]): number {
  if (choice.hashrate !== undefined) return choice.hashrate;
  const ratios = tuned.flatMap(({ power, hashrate }) =>
    power === undefined || hashrate === undefined || power <= 0 ? [] : [hashrate / power],
  );
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
  // 25 J/TH: the middle of what the machines of this firmware do.
  return (choice.power ?? 0) * (Number.isFinite(mean) ? mean : TERA / 25);
}
