// Points drawn blindly within the floor; the best one seen is kept.

import { Random } from "../../sim/random.ts";
import type { Dial, Point } from "./dial.ts";
import { measure, move, scripted } from "./script.ts";

const RATIO_FLOOR = 0.97;
/** Lowest voltage, or preset and power limit, that it draws, as a share of stock. */
const LOWEST_VOLTAGE = 0.88;
const MOST = { manual: 60, presets: 12, "power-limit": 20 };

export const randomSearch = scripted("random search", function* (desk) {
  const { dial, floor, start } = desk;
  const random = new Random(start.seed ^ 0x72616e64);
  const least = start.policies.tuning.hashrateFloor;
  let best: { point: Point; cost: number } = { point: dial.stock, cost: desk.stock.cost };
  for (let count = 0; count < MOST[dial.kind]; count += 1) {
    const point = dial.fit(draw(dial, random, least));
    yield* move(dial, point);
    const seen = yield* measure(desk, 2, 10);
    if (seen.ratio >= RATIO_FLOOR && seen.rate >= floor && seen.cost < best.cost)
      best = { point, cost: seen.cost };
  }
  yield* move(dial, best.point);
});

function draw(dial: Dial, random: Random, least: number): Point {
  const [full = 0, fullV = 0] = dial.stock;
  if (dial.kind === "manual")
    return [full * random.between(least, 1), fullV * random.between(LOWEST_VOLTAGE, 1)];
  return dial.ladder(random.between(least * (dial.kind === "presets" ? 1 : 0.9), 1));
}
