// The columns of the table, by what a scenario is judged for.

import type { Interval, Score } from "./score.ts";
import type { Goal } from "./site.ts";

export interface Column {
  readonly name: string;
  readonly width: number;
  readonly cell: (score: Score) => string;
}

/** Below this a share of the gain says nothing. */
const NOTHING = 0.003;

export const percent = (value: number): string => (value * 100 + 0).toFixed(1);

const captured = ({ oracleGain, goal }: Score, { value, low, high }: Interval): string =>
  goal === "efficiency" && oracleGain < NOTHING
    ? "nothing to win"
    : `${percent(value)} (${percent(low)}..${percent(high)})`;

const column = (name: string, width: number, cell: Column["cell"]): Column => ({
  name,
  width,
  cell,
});

const METHOD = column("method", 18, (score) => score.method);
const GAIN = column("gain %", 7, (score) => percent(score.gainEnd));
const RATE = column("at rate %", 9, (score) => percent(score.hashrateEnd));
const VIOLATIONS = column("viol.", 6, ({ violations }) =>
  String(Object.values(violations).reduce((sum, each) => sum + each, 0)),
);
const EDGE = column(
  "edge max/mean",
  13,
  (score) => `${score.excursionsMax}/${score.excursionsMean.toFixed(1)}`,
);
const CHANGES = column("changes", 7, (score) => score.changes.toFixed(1));
const RESTARTS = column("restarts", 8, (score) => score.restarts.toFixed(1));
const ASLEEP = column("asleep h", 8, (score) => (score.asleepMinutes / 60).toFixed(1));
const DEAD = column("dead min", 8, (score) => score.deadMinutes.toFixed(0));
const TIME = column(
  "us p50/max",
  11,
  (score) => `${score.cpuMedian.toFixed(0)}/${score.cpuMax.toFixed(0)}`,
);
const COST = column("J/TH +%", 7, (score) => percent(score.costToOracle - 1));
const BACK = column("back min", 9, ({ back }) =>
  back === undefined ? "-" : `${back.mean.toFixed(0)}/${back.most}`,
);

const all = (name: string): Column =>
  column(name, 24, (score) => captured(score, score.captureAll));
const end = (name: string): Column =>
  column(name, 24, (score) => captured(score, score.captureEnd));
const dollars = (name: string, of: "method" | "oracle" | "stock"): Column =>
  column(name, 9, ({ moneyPerDay }) => (moneyPerDay?.[of] ?? 0).toFixed(3));

export const COLUMNS: Readonly<Record<Goal, readonly Column[]>> = {
  efficiency: [
    METHOD,
    end("capture end %"),
    all("capture all %"),
    GAIN,
    RATE,
    VIOLATIONS,
    EDGE,
    CHANGES,
    RESTARTS,
    column("evals", 5, ({ evaluations }) => (evaluations === undefined ? "-" : `${evaluations}`)),
    column("min<floor", 9, (score) => score.minutesBelow.toFixed(0)),
    DEAD,
    TIME,
  ],
  hashes: [
    METHOD,
    all("hashes of oracle %"),
    end("at the end %"),
    COST,
    VIOLATIONS,
    EDGE,
    CHANGES,
    RESTARTS,
    ASLEEP,
    DEAD,
    BACK,
    TIME,
  ],
  profit: [
    METHOD,
    all("money won %"),
    dollars("a day", "method"),
    dollars("oracle", "oracle"),
    dollars("stock", "stock"),
    VIOLATIONS,
    EDGE,
    CHANGES,
    RESTARTS,
    ASLEEP,
    DEAD,
    TIME,
  ],
};

export const LEGENDS: Readonly<Record<Goal, readonly string[]>> = {
  efficiency: [
    "capture: share of the oracle's gain, of the last two hours and of the whole run, sums over units with 95 % bootstrap",
    "gain, at rate: J per hash saved at the end, at which share of the stock hashrate; a hash missing below the floor counts at its stock cost",
    "viol.: minutes beyond a limit; edge: entries of one unit below 97 % of the ideal hashrate, ended at 97.5; evals: median writes to 95 % of the final gain",
    "changes, restarts, min<floor (minutes of mining below the floor) and dead min: mean a unit; us: one decision, its reading included",
  ],
  hashes: [
    "hashes of oracle: delivered under the caps and not beyond the oracle's of each half hour, of the whole run and of the last two hours; J/TH: against the oracle's",
    "a cap is broken when it is exceeded for longer than 10 min (a curtailment 5, noise 15), by 2 % of the watts or 1 dB; hashes of such minutes do not count",
    "watts are those of the machine's own meter without its noise: its scale (1.5 % between units) cannot be known to anybody; dB: 76 at full speed, 50 log10 of the fans' speed",
    "back min: after a curtailment until 98 % of the hashrate from before, mean and most",
  ],
  profit: [
    "money: hashes at the hashprice less kWh at the wall at the tariff, per unit and day; won: above stock, as a share of what the oracle has above stock",
    "the oracle knows the unit and all prices, may be off, and pays the same time without hashes for each change and start",
  ],
};
