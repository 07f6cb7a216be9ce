// SafeOpt (Sui et al. 2015, with the constraints apart as in Berkenkamp et al.): Gaussian processes of the
// cost, of the hash ratio and of the hashrate; only points whose ratio is safe with two deviations and
// whose hashrate is expected above the floor are tried, and of those the most uncertain one among
// possible minimisers and expanders.

import type { Dial, Point } from "./dial.ts";
import { gaussianProcess, type Observation, type Process } from "./gaussian-process.ts";
import { measure, move, type Sample, scripted } from "./script.ts";

const BETA = 2;
const SAFE_RATIO = 0.97;
const MOST = 60;
/** Below this relative uncertainty of every candidate it stops. */
const ENOUGH = 0.004;
const NOISE = 0.003;
const COST = { deviation: 0.08, lengths: [0.6, 0.5] };
const RATIO = { deviation: 0.03, lengths: [0.6, 0.25] };
/** Of the difference to what the label lets expect, as a share of stock. */
const RATE = { deviation: 0.03, lengths: [0.6, 0.5] };
/** Hashrate goes with power to this: labels of 3 kW machines. */
const RATE_OF_POWER = 0.75;
const LOWEST = { frequency: 0.85, voltage: 0.85 };

interface Cell {
  readonly point: Point;
  /** Share of the stock hashrate by its label. */
  readonly expected: number;
  readonly at: readonly number[];
}

export const safeOpt = scripted("SafeOpt", function* (desk) {
  const cells = gridOf(desk.dial, desk.start.policies.tuning.hashrateFloor);
  const costs: Observation[] = [];
  const ratios: Observation[] = [];
  const rates: Observation[] = [];
  const learn = ({ at, expected }: Cell, seen: Sample) => {
    const noise = Math.max(NOISE, seen.error);
    costs.push({ at, value: Math.min(1, seen.cost / desk.stock.cost - 1), noise });
    ratios.push({ at, value: seen.ratio - SAFE_RATIO, noise });
    rates.push({ at, value: seen.rate / desk.stock.rate - expected, noise });
  };
  const first = cells.at(-1);
  if (first === undefined) return;
  if (desk.restarted) yield* move(desk.dial, first.point);
  learn(first, desk.stock);
  let best = first;
  let current = first;
  for (let count = 0; count < MOST; count += 1) {
    const choice = choose(
      cells,
      {
        cost: gaussianProcess(COST, costs),
        ratio: gaussianProcess(RATIO, ratios),
        rate: gaussianProcess(RATE, rates),
      },
      desk.start.policies.tuning.hashrateFloor,
    );
    best = choice.best ?? first;
    if (choice.next === undefined) break;
    if (choice.next !== current) yield* move(desk.dial, choice.next.point);
    current = choice.next;
    const seen = yield* measure(desk, 3, 10);
    if (seen.rate > 0) learn(current, seen);
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

interface Processes {
  readonly cost: Process;
  readonly ratio: Process;
  readonly rate: Process;
}

function choose(
  cells: readonly Cell[],
  processes: Processes,
  floor: number,
): { best?: Cell; next?: Cell } {
  const judged = cells.map((cell) => judge(cell, processes, floor));
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

function judge(cell: Cell, processes: Processes, floor: number): Judged {
  const cost = processes.cost(cell.at);
  const ratio = processes.ratio(cell.at);
  const enough = cell.expected + processes.rate(cell.at).mean >= floor;
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
  const [full = 0] = dial.stock;
  const steps = Array.from({ length: 11 }, (_, index) => index / 10);
  const cell = (wanted: Point, at: readonly number[]): Cell => {
    const point = dial.fit(wanted);
    const share = Math.min(1, dial.share(point));
    return { point, at, expected: dial.kind === "power-limit" ? share ** RATE_OF_POWER : share };
  };
  if (dial.kind === "presets")
    return Array.from({ length: full + 1 }, (_, index) =>
      cell([index], [index / Math.max(1, full)]),
    );
  if (dial.kind === "power-limit")
    return steps.map((at) =>
      cell(at === 1 ? dial.stock : dial.ladder(floor * 0.9 + (1 - floor * 0.9) * at), [at]),
    );
  return steps.flatMap((f) => voltagesAt(dial, floor, f, cell));
}

function voltagesAt(
  { stock: [full = 0, fullV = 0] }: Dial,
  floor: number,
  f: number,
  cell: (point: Point, at: readonly number[]) => Cell,
): Cell[] {
  const lowest = Math.max(LOWEST.frequency, floor);
  const frequency = full * (lowest + (1 - lowest) * f);
  return Array.from({ length: 21 }, (_, index) => {
    const v = index / 20;
    return cell([frequency, fullV * (LOWEST.voltage + (1 - LOWEST.voltage) * v)], [f, v]);
  });
}
