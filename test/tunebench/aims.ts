// What the product must reach, and where it does not.

import { agentMethod } from "./agent-method.ts";
import type { Score } from "./score.ts";
import { WORTHWHILE } from "./table.ts";

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
  const judged = own.oracleGain > WORTHWHILE;
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  if (judged && own.captureEnd.value < CAPTURE_END)
    misses.push(
      `captures ${percent(own.captureEnd.value)} at the end, aim ${percent(CAPTURE_END)}`,
    );
  if (judged && own.scenario === "S1" && own.captureAll.value < CAPTURE_ALL)
    misses.push(`captures ${percent(own.captureAll.value)} of 24 h, aim ${percent(CAPTURE_ALL)}`);
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

/** Ahead on capture or on what was broken: a rival that is neither is beaten. */
function behind(own: Score, rival: Score): string[] {
  if (own.oracleGain <= WORTHWHILE) return [];
  const capture = rival.captureEnd.value - own.captureEnd.value;
  const broken = brokenBy(own) - brokenBy(rival);
  if (capture <= TIE || broken < 0) return [];
  return [
    `${rival.method} captures ${(100 * capture).toFixed(1)} points more at the end and breaks no more`,
  ];
}

const brokenBy = (score: Score): number =>
  Object.values(score.violations).reduce((sum, each) => sum + each, score.excursionsMean);
