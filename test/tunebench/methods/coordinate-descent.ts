// One lever at a time, measured against the last kept point, taken back when it does not pay or when the
// hashrate falls; what is within the noise is measured longer, and a step that failed is tried at half.

import type { Dial, Point } from "./dial.ts";
import { type Desk, measure, move, NOTHING, type Sample, type Script, scripted } from "./script.ts";

const MIN_GAIN = 0.005;
const RATIO_FLOOR = 0.985;
const RATIO_REVERT = 0.95;
const SETTLE = 5;
/** Minutes until the first look: chips that are cold from a restart are slow on any point. */
const EARLY = 3;
const MEASURE = 10;
/** At most so many measurements of one step. */
const PATIENCE = 4;
/** Of stock: 10 mV of a chip, 25 MHz of 590, 100 W of 3 kW. */
const VOLTAGE = 0.0085;
const FREQUENCY = 0.042;
const POWER = 0.03;

export const coordinateDescent = scripted("coordinate descent", function* (desk) {
  const { dial } = desk;
  let kept: Point = dial.stock;
  if (desk.restarted) yield* move(dial, kept);
  let best: Sample = desk.stock;
  let failed = 0;
  let lever = 0;
  const steps = [...stepsOf(dial, 1), ...stepsOf(dial, 0.5)];
  while (failed < steps.length) {
    const next = steps[lever % steps.length]?.(kept) ?? kept;
    const better = yield* trial(desk, kept, next, best);
    if (better === undefined) {
      failed += 1;
      lever += 1;
    } else {
      failed = 0;
      kept = next;
      best = better;
    }
  }
  yield* hold(desk, kept);
});

function stepsOf(dial: Dial, size: number): ((point: Point) => Point)[] {
  const [full = 0, fullV = 0] = dial.stock;
  if (dial.kind === "presets") return [([index = 0]) => dial.fit([index - 1])];
  if (dial.kind === "power-limit")
    return [(point) => dial.fit(dial.ladder(Math.min(1, dial.share(point)) - POWER * size))];
  const [, slope = 0] = dial
    .ladder(1 - FREQUENCY * size)
    .map((value, index) => (dial.stock[index] ?? 0) - value);
  return [
    ([f = full, v = fullV]) => dial.fit([f, v - fullV * VOLTAGE * size]),
    // A lower frequency is judged together with the voltage that follows it.
    ([f = full, v = fullV]) => dial.fit([f - full * FREQUENCY * size, v - slope]),
  ];
}

/** The sample when the step was kept; undefined when the machine is back where it was. */
function* trial(desk: Desk, kept: Point, next: Point, best: Sample): Script<Sample | undefined> {
  if (next.every((value, index) => value === kept[index])) return undefined;
  yield* move(desk.dial, next);
  const early = yield* measure(desk, EARLY, 2);
  if (early.ratio >= RATIO_REVERT) {
    let seen = yield* measure(desk, SETTLE - EARLY - 2, MEASURE);
    let [gain, needed] = judged(seen, best);
    for (let count = 1; count < PATIENCE && Math.abs(gain) <= needed; count += 1) {
      seen = joined(seen, count, yield* measure(desk, 0, MEASURE));
      [gain, needed] = judged(seen, best);
    }
    if (seen.ratio >= RATIO_FLOOR && seen.rate >= desk.floor && gain > needed) return seen;
  }
  yield* move(desk.dial, kept);
  yield* measure(desk, SETTLE, 1);
  return undefined;
}

function judged(seen: Sample, best: Sample): [gain: number, needed: number] {
  const noise = 2 * Math.hypot(seen.error, best.error);
  return [1 - seen.cost / best.cost, Math.max(MIN_GAIN, noise)];
}

/** One more of `count` measurements of the same length. */
function joined(known: Sample, count: number, fresh: Sample): Sample {
  const mean = (of: "rate" | "power" | "ratio") =>
    known[of] + (fresh[of] - known[of]) / (count + 1);
  const [rate, power] = [mean("rate"), mean("power")];
  const error = Math.hypot(known.error * count, fresh.error) / (count + 1);
  return { ...fresh, rate, power, ratio: mean("ratio"), cost: power / rate, error };
}

/** Watches the ratio, and gives a step of voltage, or a preset, back where it fell. */
function* hold(desk: Desk, kept: Point): Script {
  const { dial } = desk;
  let point = kept;
  for (;;) {
    const { ratio } = yield* measure(desk, 0, 10);
    if (ratio >= RATIO_FLOOR || ratio === 0) continue;
    const safer = dial.fit(point.map((value, index) => value + saferStep(dial, index)));
    if (safer.every((value, index) => value === point[index])) yield NOTHING;
    else {
      point = safer;
      yield* move(dial, point);
      yield* measure(desk, SETTLE, 1);
    }
  }
}

function saferStep(dial: Dial, index: number): number {
  const full = dial.stock[index] ?? 0;
  if (dial.kind === "presets") return 1;
  if (dial.kind === "power-limit") return full * POWER;
  return index === 1 ? full * VOLTAGE : 0;
}
