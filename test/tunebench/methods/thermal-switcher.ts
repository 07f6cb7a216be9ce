// As VNish does it: every 5 minutes one preset down when a chip is above 75 Celsius, one up when all
// are below 55. Its lowest preset is set to the hashrate floor.

import type { Dial, Point } from "./dial.ts";
import { type Desk, measure, move, scripted } from "./script.ts";

const HOT = 75;
const COLD = 55;
/** 25 MHz of 590, where there are no presets to count. */
const STEP = 0.042;

export const thermalSwitcher = scripted("thermal switcher", function* (desk) {
  let point = desk.dial.stock;
  for (;;) {
    const { chip } = yield* measure(desk, 0, 5);
    const next = chip >= HOT ? lower(desk, point) : chip <= COLD ? higher(desk.dial, point) : point;
    if (next.every((value, index) => value === point[index])) continue;
    point = next;
    yield* move(desk.dial, point);
  }
});

function lower({ dial, start }: Desk, point: Point): Point {
  const least = start.policies.tuning.hashrateFloor;
  if (dial.kind !== "presets")
    return dial.fit(dial.ladder(Math.max(least, Math.min(1, dial.share(point)) - STEP)));
  const next = dial.fit([(point[0] ?? 0) - 1]);
  return dial.share(next) >= least ? next : point;
}

function higher(dial: Dial, point: Point): Point {
  if (dial.kind === "presets") return dial.fit([(point[0] ?? 0) + 1]);
  const share = dial.share(point) + STEP;
  return share >= 1 ? dial.stock : dial.fit(dial.ladder(share));
}
