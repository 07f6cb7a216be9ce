// As Braiins does it: the power target comes down until the hashrate target is just held; where the
// voltage is its own, that steps down while 99 % of the hashrate is delivered, and back when it is not.

import type { Dial, Point } from "./dial.ts";
import { type Desk, measure, move, type Script, scripted } from "./script.ts";

const DELIVERED = 0.99;
/** Less than this, once found, costs a step of voltage. */
const LOST = 0.985;
/** Hashrate that is held above the floor, so that what is not delivered does not break it. */
const SPARE = 1.01;
/** power_step of DPS: 100 W of 3 kW. */
const POWER_STEP = 0.03;

export const powerTarget = scripted("power target", function* (desk) {
  const point: Point = yield* powerDown(desk);
  if (desk.dial.kind === "manual") yield* followEdge(desk, point);
});

/** Steps of voltage down to the edge, then hourly looks, each of which may give one back. */
function* followEdge(desk: Desk, start: Point): Script {
  const { dial } = desk;
  const [, grain = 1] = dial.grain;
  let point = start;
  let searching = true;
  for (;;) {
    const { ratio } = yield* measure(desk, 5, searching ? 10 : 60);
    const good = ratio >= (searching ? DELIVERED : LOST) * desk.stock.ratio;
    if (!good) searching = false;
    const [f = 0, v = 0] = point;
    const next = dial.fit([f, v + (good ? -grain : grain)]);
    if ((good && !searching) || same(next, point)) continue;
    point = next;
    yield* move(dial, point);
  }
}

/** The vendor's points downwards while the hashrate target is held. */
function* powerDown(desk: Desk): Script<Point> {
  const { dial, floor } = desk;
  let good: Point = dial.stock;
  let share = 1;
  for (;;) {
    share = nextShare(dial, good, share, floor / desk.stock.rate);
    const point = dial.fit(dial.ladder(share));
    if (same(point, good)) return good;
    yield* move(dial, point);
    const { ratio, rate } = yield* measure(desk, 5, 10);
    if (ratio >= DELIVERED * desk.stock.ratio && rate >= floor) {
      good = point;
      if (dial.kind === "manual") return good;
    } else {
      yield* move(dial, good);
      return good;
    }
  }
}

/** A manual machine's frequency for the hashrate target is known at once. */
function nextShare(dial: Dial, good: Point, share: number, floor: number): number {
  if (dial.kind === "manual") return floor * SPARE;
  if (dial.kind === "power-limit") return share - POWER_STEP;
  return dial.share(dial.fit([(good[0] ?? 0) - 1]));
}

const same = (one: Point, other: Point): boolean =>
  one.every((value, index) => value === other[index]);
