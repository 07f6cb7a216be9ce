// The Bitaxe hashrate benchmark (mrv777): up in frequency while the machine delivers 94 % of what it
// should, else up in voltage and one step back. It climbs; so that it can find anything below stock it
// is started low, as its users are told to, and the most efficient point that it saw is kept.

import type { Point } from "./dial.ts";
import { measure, move, type Sample, scripted } from "./script.ts";

const DELIVERED = 0.94;
/** 25 MHz and 20 mV of a machine with 525 MHz and 1150 mV. */
const FREQUENCY_STEP = 25 / 525;
const VOLTAGE_STEP = 20 / 1150;
const START = { frequency: 0.9, voltage: 0.93 };
/** Longest run seen of its users. */
const MOST = 40;

export const hillClimb = scripted(
  "hill climb",
  function* (desk) {
    const { dial, floor } = desk;
    const [fullF = 0, fullV = 0] = dial.stock;
    let best: { point: Point; cost: number } = { point: dial.stock, cost: desk.stock.cost };
    let point = dial.fit([fullF * START.frequency, fullV * START.voltage]);
    for (let count = 0; count < MOST; count += 1) {
      yield* move(dial, point);
      const seen: Sample = yield* measure(desk, 2, 10);
      const [f = 0, v = 0] = point;
      const good = seen.ratio >= DELIVERED;
      if (good && seen.rate >= floor && seen.cost < best.cost) best = { point, cost: seen.cost };
      if (good ? f >= fullF : v >= fullV) break;
      point = dial.fit(
        good
          ? [f + fullF * FREQUENCY_STEP, v]
          : [f - fullF * FREQUENCY_STEP, v + fullV * VOLTAGE_STEP],
      );
    }
    yield* move(dial, best.point);
  },
  { fits: (face) => face.kind === "manual" },
);
