// SafeOpt (Sui et al. 2015, with the constraint apart as in Berkenkamp et al.): two Gaussian processes,
// one of the cost and one of the hash ratio; only points whose ratio is safe with two deviations are
// tried, and of those the most uncertain one among possible minimisers and expanders.

import type { Dial, Point } from "./dial.ts";
import { gaussianProcess, type Observation, type Process } from "./gaussian-process.ts";
import { type Desk, measure, move, scripted } from "./script.ts";

const BETA = 2;
const SAFE_RATIO = 0.97;
const MOST = 60;
/** Below this relative uncertainty of every candidate it stops. */
const ENOUGH = 0.004;
const NOISE = 0.003;
const COST = { deviation: 0.08, lengths: [0.6, 0.5] };
const RATIO = { deviation: 0.03, lengths: [0.6, 0.25] };
const LOWEST = { frequency: 0.85, voltage: 0.85 };

interface Cell {
  readonly point: Point;
  readonly at: readonly number[];
}

export const safeOpt = scripted("SafeOpt", function* (desk) {
  const cells = gridOf(desk.dial, desk.start.policies.tuning.hashrateFloor);
  const costs: Observation[] = [];
  const ratios: Observation[] = [];
  const learn = (at: readonly number[], seen: { cost: number; ratio: number; error: number }) => {
    const noise = Math.max(NOISE, seen.error);
    costs.push({ at, value: Math.min(1, seen.cost / desk.stock.cost - 1), noise });
    ratios.push({ at, value: seen.ratio - SAFE_RATIO, noise });
  };
  const first = cells.at(-1);
  if (first === undefined) return;
  if (desk.restarted) yield* move(desk.dial, first.point);
  learn(first.at, desk.stock);
  let best = first;
  let current = first;
  for (let count = 0; count < MOST; count += 1) {
    const choice = choose(
      cells,
      gaussianProcess(COST, costs),
      gaussianProcess(RATIO, ratios),
      desk,
    );
    best = choice.best ?? first;
    if (choice.next === undefined) break;
    if (choice.next !== current) yield* move(desk.dial, choice.next.point);
    current = choice.next;
    const seen = yield* measure(desk, 3, 10);
    if (seen.rate > 0) learn(current.at, seen);
  }
  if (best !== current) yield* move(desk.dial, best.point);
});

interface Judged {
  readonly cell: Cell;
  readonly safe: boolean;
  /** Bounds of the cost. */
  readonly low: number;
  readonly high: number;
  readonly ratioHigh: number;
  /** Uncertainty of cost and ratio, relative. */
  readonly width: number;
}

function choose(
  cells: readonly Cell[],
  cost: Process,
  ratio: Process,
  desk: Desk,
): { best?: Cell; next?: Cell } {
  const judged = cells.map((cell) => judge(cell, cost(cell.at), ratio(cell.at), desk));
  const safe = judged.filter((each) => each.safe);
  if (safe.length === 0) return {};
  const lowest = (key: "high" | "low") =>
    safe.reduce((best, each) => (each[key] < best[key] ? each : best));
  const best = lowest("high");
  const unsafe = judged.filter((each) => !each.safe && each.ratioHigh >= 0);
  const wanted = safe.filter(
    (each) => each.low <= best.high || unsafe.some((other) => near(each.cell, other.cell)),
  );
  const next = wanted.reduce<Judged | undefined>(
    (widest, each) => (widest === undefined || each.width > widest.width ? each : widest),
    undefined,
  );
  if (next === undefined || next.width < ENOUGH) return { best: best.cell };
  return { best: best.cell, next: next.cell };
}

function judge(
  cell: Cell,
  cost: { mean: number; deviation: number },
  ratio: { mean: number; deviation: number },
  desk: Desk,
): Judged {
  const delivered =
    (desk.dial.kind === "power-limit" ? 1 : desk.dial.share(cell.point)) *
    (ratio.mean + SAFE_RATIO);
  const floor = desk.start.policies.tuning.hashrateFloor;
  const enough =
    desk.dial.kind === "power-limit" || delivered >= floor * Math.min(1, desk.stock.ratio);
  return {
    cell,
    // The stock point is the seed that the method needs to be given as safe.
    safe: isStock(cell) || (enough && ratio.mean - BETA * ratio.deviation >= 0),
    low: cost.mean - BETA * cost.deviation,
    high: cost.mean + BETA * cost.deviation,
    ratioHigh: ratio.mean + BETA * ratio.deviation,
    width: Math.max(cost.deviation, ratio.deviation),
  };
}

const isStock = (cell: Cell): boolean => cell.at.every((value) => value === 1);

const near = (one: Cell, other: Cell): boolean =>
  one.at.every((value, index) => Math.abs(value - (other.at[index] ?? 0)) <= 0.11);

/** Stock last. Inputs run from 0 to 1. */
function gridOf(dial: Dial, floor: number): Cell[] {
  const [full = 0, fullV = 0] = dial.stock;
  const steps = Array.from({ length: 11 }, (_, index) => index / 10);
  if (dial.kind === "presets")
    return Array.from({ length: full + 1 }, (_, index) => ({
      point: [index],
      at: [index / Math.max(1, full)],
    }));
  if (dial.kind === "power-limit")
    return steps.map((at) => ({
      point: dial.fit(at === 1 ? dial.stock : dial.ladder(floor * 0.9 + (1 - floor * 0.9) * at)),
      at: [at],
    }));
  const lowest = Math.max(LOWEST.frequency, floor);
  return steps.flatMap((f) =>
    Array.from({ length: 21 }, (_, index) => index / 20).map((v) => ({
      point: dial.fit([
        full * (lowest + (1 - lowest) * f),
        fullV * (LOWEST.voltage + (1 - LOWEST.voltage) * v),
      ]),
      at: [f, v],
    })),
  );
}
