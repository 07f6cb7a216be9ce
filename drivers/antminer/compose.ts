// One reading from all the answers at hand. Pure.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
} from "../contract/decoding.ts";
import type { ReadProblem, Setpoint, Telemetry } from "../contract/telemetry.ts";
import { type EpochMs, milliseconds } from "../contract/units.ts";
import {
  type Answers,
  boardsOf,
  CHAINS,
  fansOf,
  idealOf,
  type MainRow,
  type Maybe,
  mainRow,
  powerOfAnswers,
  type Scales,
  scalesOf,
} from "./answers.ts";
import { type ConfigView, viewConfig } from "./config.ts";
import { asleepByMode, offer, readBack } from "./controls.ts";
import {
  asleepByStats,
  decodeActivity,
  decodeFaults,
  decodePools,
  decodeRates,
  decodeShares,
} from "./decode.ts";
import { type Recognised, recognise, seriesOf } from "./decode-identity.ts";
import { buildMonth, generationOf } from "./firmware.ts";
import { algorithmOf } from "./rate.ts";
import type { MinerConf } from "./wire-config.ts";

export const recogniseAnswers = (answers: Partial<Answers>): Recognised =>
  recognise({
    version: answers.version?.value,
    stats: answers.stats?.value.STATS[0],
    info: answers.chains?.value.INFO,
    system: answers.system?.value,
    type: answers.type?.value,
  });

/** The configuration as this machine's generation writes it. */
export function configOf(recognised: Recognised, conf: Maybe<MinerConf>): ConfigView | undefined {
  if (conf === undefined) return undefined;
  const generation = generationOf(seriesOf(recognised));
  return viewConfig(conf.value, conf.at, generation, recognised.model?.fans);
}

export function controlsOf(recognised: Recognised, config: ConfigView | undefined) {
  const { firmware, model, identity } = recognised;
  const build = buildMonth(identity.firmwareVersion);
  return offer({ stock: firmware?.kind === "stock", model, build }, config);
}

export function compose(
  answers: Answers,
  problems: readonly ReadProblem[],
  at: EpochMs,
): Telemetry {
  const recognised = recogniseAnswers(answers);
  const { model, modelText } = recognised;
  const config = configOf(recognised, answers.conf);
  const algorithm = algorithmOf(model, answers.system?.value.Algorithm, modelText);
  const main = mainRow(answers);
  const scales = scalesOf(answers, algorithm, model?.name);
  const boards = boardsOf(answers, model, scales);
  const series = seriesOf(recognised);
  const asleep =
    asleepByMode(series, config) ?? asleepByStats(series, answers.stats?.value.STATS[1]?.Mode);
  const controls = controlsOf(recognised, config);
  const rate = toNumber(main.now);
  const activity = decodeActivity({ rate, elapsed: toNumber(main.elapsed), asleepByMode: asleep });
  const wirePools = answers.pools ?? answers.pagePools;
  const pools = decodePools(wirePools?.value.POOLS ?? [], wirePools?.at ?? at);
  return present({
    at,
    identity: recognised.identity,
    algorithm,
    activity: readingOf(activity, main.source, main.at),
    hashrate: ratesOf(main, scales, recognised, idealOf(boards)),
    power: powerOfAnswers(answers),
    temperature: presentOrNone({
      chip: hottest(boards.map((board) => board.chipTemperature)),
      board: hottest(boards.map((board) => board.boardTemperature)),
      inlet: hottest(boards.map((board) => board.inletTemperature)),
      outlet: hottest(boards.map((board) => board.outletTemperature)),
    }),
    limits: model?.limits,
    fans: fansOf(answers, model?.fans, activity === "sleeping" ? undefined : config),
    boards,
    pools,
    shares: decodeShares(
      answers.summary?.value.SUMMARY[0],
      answers.summary?.at ?? at,
      pools,
      wirePools?.at ?? at,
    ),
    setpoint: setpointOf(answers, recognised, config),
    controls,
    faults: decodeFaults(answers.lamps?.value, answers.warning?.value),
    problems,
    uptime: reader(main.source, main.at)(milliseconds, seconds(main.elapsed)),
  });
}

function ratesOf(
  main: MainRow,
  scales: Scales | undefined,
  { model }: Recognised,
  ideal: number | undefined,
): Telemetry["hashrate"] {
  if (scales === undefined) return undefined;
  const { source, at } = main;
  const unit = source === CHAINS ? scales.page : scales.total;
  return decodeRates(main, { unit, model, source, at, ideal });
}

const seconds = (raw: unknown): number | undefined => {
  const value = toNumber(raw);
  return value === undefined ? undefined : value * 1000;
};

function setpointOf(
  answers: Answers,
  recognised: Recognised,
  config: ConfigView | undefined,
): Setpoint {
  const { blink } = answers;
  const lit =
    blink === undefined ? undefined : toBoolean(blink.value.blink ?? blink.value.isBlinking);
  return present({
    ...(config === undefined
      ? {}
      : readBack(seriesOf(recognised), config, controlsOf(recognised, config))),
    locate: blink === undefined ? undefined : readingOf(lit, "get_blink_status.cgi", blink.at),
  });
}
