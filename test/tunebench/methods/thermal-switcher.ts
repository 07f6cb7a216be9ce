// As VNish does it: every 5 minutes one preset down when a chip is above 75 Celsius, one up when all
// are below 55. Its lowest preset is set to the hashrate floor.

import { measure, move, scripted } from "./script.ts";

const HOT = 75;
const COLD = 55;
/** 25 MHz of 590, where there are no presets to count. */
const STEP = 0.042;

export const thermalSwitcher = scripted("thermal switcher", function* (desk) {
  const { dial, start } = desk;
  const least = start.policies.tuning.hashrateFloor;
  let share = 1;
  let point = dial.stock;
  for (;;) {
    const { chip } = yield* measure(desk, 0, 5);
    if (chip < HOT && chip > COLD) continue;
    const down = chip >= HOT;
    const next = presetAt(dial.kind === "presets" ? point : undefined, down);
    const point2 =
      next === undefined
        ? dial.ladder(Math.min(1, Math.max(least, share + (down ? -STEP : STEP))))
        : dial.fit(next);
    if (dial.share(point2) < least - 1e-9 || dial.share(point2) > 1 + STEP) continue;
    const fitted = share >= 1 && !down ? dial.stock : dial.fit(point2);
    if (fitted.every((value, index) => value === point[index])) continue;
    point = fitted;
    share = Math.min(1, dial.share(point2));
    yield* move(dial, point);
  }
});

const presetAt = (
  point: readonly number[] | undefined,
  down: boolean,
): readonly number[] | undefined =>
  point === undefined ? undefined : [(point[0] ?? 0) + (down ? -1 : 1)];
