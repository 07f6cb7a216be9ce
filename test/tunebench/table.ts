// The table on standard output.

import type { MachineClass } from "./class.ts";
import { NOT_BUILT, SCENARIOS } from "./scenarios.ts";
import type { Interval, Score } from "./score.ts";

/** Below this there is nothing to win, so that the aims are not judged. */
export const WORTHWHILE = 0.03;
const NOTHING = 0.003;

const COLUMNS = [
  ["method", 18],
  ["capture end %", 24],
  ["capture all %", 24],
  ["gain %", 7],
  ["at rate %", 9],
  ["viol.", 6],
  ["edge max/mean", 13],
  ["changes", 7],
  ["restarts", 8],
  ["evals", 5],
  ["min<floor", 9],
  ["dead min", 8],
  ["us p50/max", 11],
] as const;

const LEGEND = [
  "capture: share of the oracle's gain, of the last two hours and of the whole run, sums over units with 95 % bootstrap",
  "gain, at rate: J per hash saved at the end, at which share of the stock hashrate; a hash missing below the floor counts at its stock cost",
  "viol.: minutes beyond a limit; edge: entries of one unit below 97 % of the ideal hashrate; evals: median writes to 95 % of the final gain",
  "changes, restarts, min<floor (minutes of mining below the floor) and dead min: mean a unit; us: one decision, its reading included",
];

export function tableOf(
  scores: readonly Score[],
  classes: readonly MachineClass[],
  methods: readonly string[],
): string {
  const lines: string[] = [...LEGEND];
  for (const scenario of SCENARIOS) {
    const inScenario = scores.filter((each) => each.scenario === scenario.id);
    if (inScenario.length === 0) continue;
    lines.push("", `${scenario.id}  ${scenario.title}`);
    for (const kind of classes) lines.push(...block(inScenario, kind, methods));
  }
  for (const { id, title } of NOT_BUILT) lines.push(`${id}  ${title}: not built yet`);
  return `${lines.join("\n")}\n`;
}

function block(scores: readonly Score[], kind: MachineClass, methods: readonly string[]): string[] {
  const own = scores.filter((each) => each.classId === kind.id);
  const [first] = own;
  if (first === undefined) return [];
  const small = first.oracleGain <= WORTHWHILE ? "; 3 % or less, so not judged" : "";
  const head = `${kind.id}  ${kind.title}: the oracle gains ${percent(first.oracleGain)} % at ${percent(first.oracleHashrate)} % of the stock hashrate${equalWords(first)}${small}; ${first.units} units, wall watts (the machine tells ${kind.basis} watts)`;
  const tried = methods.filter((name) => scores.some((each) => each.method === name));
  return [
    "",
    head,
    row(COLUMNS.map(([name]) => name)),
    ...tried.map((name) => {
      const score = own.find((each) => each.method === name);
      return row(score === undefined ? [name, ...COLUMNS.slice(1).map(() => "-")] : cells(score));
    }),
    ...own.flatMap((score) =>
      Object.entries(score.violations).map(
        ([limit, minutes]) => `  ${score.method}: ${limit}, ${minutes} min in all units`,
      ),
    ),
  ];
}

const equalWords = ({ equalGain }: Score): string =>
  equalGain === undefined ? "" : ` (${percent(equalGain)} % with all chips at one frequency)`;

function cells(score: Score): string[] {
  const broken = Object.values(score.violations).reduce((sum, each) => sum + each, 0);
  return [
    score.method,
    captured(score, score.captureEnd),
    captured(score, score.captureAll),
    percent(score.gainEnd),
    percent(score.hashrateEnd),
    String(broken),
    `${score.excursionsMax}/${score.excursionsMean.toFixed(1)}`,
    score.changes.toFixed(1),
    score.restarts.toFixed(1),
    score.evaluations === undefined ? "-" : String(score.evaluations),
    score.minutesBelow.toFixed(0),
    score.deadMinutes.toFixed(0),
    `${score.cpuMedian.toFixed(0)}/${score.cpuMax.toFixed(0)}`,
  ];
}

const row = (texts: readonly string[]): string =>
  texts
    .map((text, index) => {
      const width = COLUMNS[index]?.[1] ?? 0;
      return index === 0 ? text.padEnd(width) : text.padStart(width);
    })
    .join("  ");

const percent = (value: number): string => (value * 100 + 0).toFixed(1);

/** A share of next to nothing says nothing. */
const captured = (score: Score, { value, low, high }: Interval): string =>
  score.oracleGain < NOTHING
    ? "nothing to win"
    : `${percent(value)} (${percent(low)}..${percent(high)})`;
