// From the machine's answers to Telemetry, but for what may be set.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toNumber,
} from "../contract/decoding.ts";
import { averagedOver, measuredBy } from "../contract/quantities.ts";
import type { PowerReading, RateReading, Telemetry } from "../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  type HashesPerSecond,
  hashesPerSecond,
  milliseconds,
  watts,
} from "../contract/units.ts";
import { activityOf } from "./activity.ts";
import type { Answered, Answers, Statistics } from "./answers.ts";
import {
  airReading,
  averageWindow,
  type Context,
  chipReading,
  decodeBoards,
  decodeFans,
  hotterAir,
  windowOf,
} from "./decode-boards.ts";
import { decodeWho, type Who } from "./decode-identity.ts";
import { decodePools, decodeShares } from "./decode-pools.ts";
import { decodeFaults } from "./faults.ts";
import { figureOf, supplyOf } from "./module-text.ts";
import { type Module, PS } from "./wire.ts";

export type Decoded = Omit<Telemetry, "controls" | "setpoint" | "problems">;

/** "overheat" of the 10xx driver and the highest that the A10 manual accepts; none is published for gen 3. */
const CHIP_LIMIT = celsius(105);

export function whoIs(answers: Answers): Who {
  return decodeWho(answers.version?.value, answers.statistics?.value.modules[0]);
}

export function decode(
  answers: Answers & { readonly statistics: Answered<Statistics> },
  at: EpochMs,
): Decoded {
  const { statistics } = answers;
  const { modules, question: source } = statistics.value;
  const who = whoIs(answers);
  const context: Context = present({ source, at: statistics.at, model: who.model });
  const activity = modules[0] === undefined ? undefined : activityOf(modules[0], who.generation);
  const boards = decodeBoards(modules, context);
  return present({
    at,
    identity: who.identity,
    algorithm: "sha256" as const,
    activity: readingOf(activity, source, statistics.at),
    hashrate: decodeRates(answers, who, context),
    power: powerOf(modules, activity === "sleeping", context),
    temperature: decodeTemperature(modules, context),
    limits: who.generation === 2 ? { chip: CHIP_LIMIT } : undefined,
    fans: decodeFans(modules, context),
    boards,
    pools: decodePools(answers.pools),
    shares: decodeShares(answers),
    faults: decodeFaults(modules),
    uptime: decodeUptime(answers, context),
  });
}

/** MH/s of `summary` are counted from nonces; GHSspd is GHSmm less its errors, so it is not shown as a rate. */
function decodeRates({ summary, statistics }: Answers, who: Who, context: Context) {
  const rates = summary?.value;
  const at = summary?.at ?? context.at;
  const rate = (raw: unknown, seconds: number | undefined) =>
    rateOf(raw, 1e6, seconds, { ...context, source: "summary", at }, who.nameplate);
  const modules = statistics?.value.modules ?? [];
  return presentOrNone({
    now: rate(rates?.["MHS 5s"], 5) ?? rate(rates?.["MHS 30s"], 30),
    recent:
      rate(rates?.["MHS 5m"], 300) ?? rate(rates?.["MHS 15m"], 900) ?? rate(rates?.["MHS 1m"], 60),
    average:
      rate(rates?.["MHS av"], toNumber(rates?.Elapsed)) ?? moduleAverage(modules, who, context),
    ideal: reader(context.source, context.at)(hashesPerSecond, sumOf(modules, "GHSmm", 1e9)),
    nameplate: readingOf(who.nameplate, "version", context.at),
  });
}

function moduleAverage(modules: readonly Module[], who: Who, context: Context) {
  const [first] = modules;
  if (first === undefined) return undefined;
  const seconds = averageWindow(first, who.model) / 1000;
  return rateOf(sumOf(modules, "GHSavg", 1), 1e9, seconds, context, who.nameplate);
}

/** Absent as soon as one module does not tell: the sum of the others would look like a loss. */
function sumOf(modules: readonly Module[], key: "GHSmm" | "GHSavg", scale: number) {
  let sum = 0;
  for (const module of modules) {
    const value = figureOf(module[key]);
    if (value === undefined) return undefined;
    sum += value * scale;
  }
  return modules.length === 0 ? undefined : sum;
}

function rateOf(
  raw: unknown,
  scale: number,
  seconds: number | undefined,
  { source, at }: Context,
  nameplate: HashesPerSecond | undefined,
): RateReading | undefined {
  const value = toNumber(raw);
  if (value === undefined) return undefined;
  const rate = value * scale;
  // Twice its grade is beyond any overclocking of this maker.
  const odd = rate < 0 || (nameplate !== undefined && rate > 2 * nameplate);
  const reading = reader(source, at)(hashesPerSecond, rate, odd ? "implausible" : "ok");
  return averagedOver(reading, windowOf(seconds));
}

/**
 * Watts at the wall: WALLPOWER (from A15 on), else PS[6]. Firmware of A10 has neither: PS[4] is what the
 * supply delivers to the boards, and is told as such.
 */
function powerOf(
  modules: readonly Module[],
  asleep: boolean,
  context: Context,
): PowerReading | undefined {
  const [module, ...others] = modules;
  // Gen 1 has no meter and several modules.
  if (module === undefined || others.length > 0) return undefined;
  const supply = supplyOf(module);
  const input = supply[context.model?.name === "Nano 3" ? PS.inputNano3 : PS.input];
  const wall = positive(figureOf(module.WALLPOWER)) ?? input;
  const output = supply[PS.output];
  const value = wall ?? output;
  if (value === undefined || value < 0) return undefined;
  // A sleeping Q said 146 W with everything off, a sleeping A1346 the full load.
  const odd = asleep && (context.model?.generation === 3 || (output ?? 0) > 0);
  const reading = reader(context.source, context.at)(watts, value, odd ? "implausible" : "ok");
  return measuredBy(wall === undefined ? "board" : "psu", reading);
}

const positive = (value: number | undefined): number | undefined =>
  value !== undefined && value > 0 ? value : undefined;

function decodeTemperature(modules: readonly Module[], context: Context) {
  return presentOrNone({
    chip: hottest(modules.map((module) => chipReading(figureOf(module.TMax), context))),
    board: hottest(modules.map((module) => hotterAir(module, context))),
    inlet: hottest(modules.map((module) => airReading(module.ITemp ?? module.Temp, context))),
    outlet: hottest(modules.map((module) => airReading(module.OTemp, context))),
  });
}

/** Both are the same counter; the module's comes with every reading. */
function decodeUptime({ summary, statistics }: Answers, { source, at }: Context) {
  const own = figureOf(statistics?.value.modules[0]?.Elapsed);
  const program = own ?? toNumber(summary?.value.Elapsed);
  if (program === undefined || program < 0) return undefined;
  const read = own === undefined ? reader("summary", summary?.at ?? at) : reader(source, at);
  return read(milliseconds, program * 1000);
}
