// The table on standard output.

import type { MachineClass } from "./class.ts";
import { COLUMNS, type Column, LEGENDS, percent } from "./columns.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Score } from "./score.ts";
import type { Goal } from "./site.ts";

/** Below this there is nothing to win, so that the aims are not judged. */
export const WORTHWHILE = 0.03;

const GOALS: readonly Goal[] = ["efficiency", "hashes", "profit"];

export function tableOf(
  scores: readonly Score[],
  classes: readonly MachineClass[],
  methods: readonly string[],
): string {
  const goals = GOALS.filter((goal) => scores.some((each) => each.goal === goal));
  const lines: string[] = goals.flatMap((goal) => LEGENDS[goal]);
  for (const scenario of SCENARIOS) {
    const inScenario = scores.filter((each) => each.scenario === scenario.id);
    if (inScenario.length === 0) continue;
    lines.push("", `${scenario.id}  ${scenario.title}`);
    for (const kind of classes) lines.push(...block(inScenario, kind, methods));
  }
  return `${lines.join("\n")}\n`;
}

function block(scores: readonly Score[], kind: MachineClass, methods: readonly string[]): string[] {
  const own = scores.filter((each) => each.classId === kind.id);
  const [first] = own;
  if (first === undefined) return [];
  const columns = COLUMNS[first.goal];
  const tried = methods.filter((name) => scores.some((each) => each.method === name));
  return [
    "",
    `${kind.id}  ${kind.title}: ${possible(first)}; ${first.units} units, wall watts (the machine tells ${kind.basis} watts)`,
    row(
      columns,
      columns.map(({ name }) => name),
    ),
    ...tried.map((name) => {
      const score = own.find((each) => each.method === name);
      const texts = columns.map(({ cell }) => (score === undefined ? "-" : cell(score)));
      return row(columns, [name, ...texts.slice(1)]);
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

function possible(score: Score): string {
  const { goal, oracleGain, oracleHashrate } = score;
  const rate = `${percent(oracleHashrate)} % of the stock hashrate${equalWords(score)}`;
  if (goal !== "efficiency") return `the oracle delivers ${rate}`;
  const small = oracleGain <= WORTHWHILE ? "; 3 % or less, so not judged" : "";
  return `the oracle gains ${percent(oracleGain)} % at ${rate}${small}`;
}

const row = (columns: readonly Column[], texts: readonly string[]): string =>
  texts
    .map((text, index) => {
      const width = columns[index]?.width ?? 0;
      return index === 0 ? text.padEnd(width) : text.padStart(width);
    })
    .join("  ");
