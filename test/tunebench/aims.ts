// What the product must reach, and where it does not.

import { agentMethod } from "./agent-method.ts";
import type { Score } from "./score.ts";
import { WORTHWHILE } from "./table.ts";

/** Hashes under a cap, and money won, of the oracle's over the whole run. */
const HASHES = 0.97;
const MONEY = 0.9;
/** Minutes after a curtailment: the longest start, and chips that get warm. */
const BACK = 20;
const CAPTURE_END = 0.95;
const CAPTURE_ALL = 0.85;
const EXCURSIONS = 1;
const EVALUATIONS = { classId: "C", scenario: "S1", most: 12 };
/** Milliseconds of one decision, median. */
const DECISION = 10;
/** Less than this is a tie. */
const TIE = 0.005;

/** One line for each aim that was missed; none when all are held. */
export function missedAims(scores: readonly Score[]): string[] {
  return scores
    .filter((each) => each.method === agentMethod.name)
    .flatMap((own) => {
      const rivals = scores.filter(
        (each) =>
          each.scenario === own.scenario &&
          each.classId === own.classId &&
          each.method !== own.method,
      );
      const misses = [...absolute(own), ...rivals.flatMap((rival) => behind(own, rival))];
      return misses.map((words) => `${own.scenario} ${own.classId}: ${words}`);
    });
}

function absolute(own: Score): string[] {
  const misses: string[] = [];
  const judged = own.goal === "efficiency" && own.oracleGain > WORTHWHILE;
  if (judged && own.captureEnd.value < CAPTURE_END)
    misses.push(
      `captures ${percent(own.captureEnd.value)} at the end, aim ${percent(CAPTURE_END)}`,
    );
  if (judged && own.scenario === "S1" && own.captureAll.value < CAPTURE_ALL)
    misses.push(`captures ${percent(own.captureAll.value)} of 24 h, aim ${percent(CAPTURE_ALL)}`);
  misses.push(...siteMisses(own));
  for (const [limit, minutes] of Object.entries(own.violations))
    misses.push(`${limit}: ${minutes} min beyond the limit, aim 0`);
  if (own.excursionsMax > EXCURSIONS)
    misses.push(`${own.excursionsMax} edge excursions of one unit, aim at most ${EXCURSIONS}`);
  if (own.cpuMedian > DECISION * 1000)
    misses.push(`${(own.cpuMedian / 1000).toFixed(1)} ms a decision, aim ${DECISION} ms`);
  const { classId, scenario, most } = EVALUATIONS;
  if (own.classId === classId && own.scenario === scenario && (own.evaluations ?? 0) > most)
    misses.push(`${own.evaluations} evaluations to 95 % of the final gain, aim ${most}`);
  return misses;
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function siteMisses({ goal, captureAll, back }: Score): string[] {
  const misses: string[] = [];
  if (goal === "hashes" && captureAll.value < HASHES)
    misses.push(
      `delivers ${percent(captureAll.value)} of the oracle's hashes, aim ${percent(HASHES)}`,
    );
  if (goal === "profit" && captureAll.value < MONEY)
    misses.push(`wins ${percent(captureAll.value)} of the money, aim ${percent(MONEY)}`);
  if (back !== undefined && back.most > BACK)
    misses.push(`${back.most} min after a curtailment until it is back, aim ${BACK}`);
  return misses;
}

/** Ahead on capture or on what was broken: a rival that is neither is beaten. */
function behind(own: Score, rival: Score): string[] {
  if (own.goal === "efficiency" && own.oracleGain <= WORTHWHILE) return [];
  const over = own.goal === "efficiency" ? "captureEnd" : "captureAll";
  const capture = rival[over].value - own[over].value;
  const broken = brokenBy(own) - brokenBy(rival);
  // More hashes than were wanted can be had at any price.
  const dearer = own.goal === "hashes" && rival.costToOracle > own.costToOracle + TIE;
  if (capture <= TIE || broken < 0 || dearer) return [];
  return [
    `${rival.method} captures ${(100 * capture).toFixed(1)} points more ${over === "captureEnd" ? "at the end " : ""}and breaks no more`,
  ];
}

const brokenBy = (score: Score): number =>
  Object.values(score.violations).reduce((sum, each) => sum + each, score.excursionsMean);
