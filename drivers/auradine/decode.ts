// From FluxOS' answers to Telemetry. Pure.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toMac,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { measuredBy, rateReading, scaled } from "../contract/quantities.ts";
import type {
  Activity,
  Fan,
  Identity,
  MachineFault,
  PowerReading,
  Reading,
  Telemetry,
} from "../contract/telemetry.ts";
import { type EpochMs, milliseconds, percent, rpm, watts } from "../contract/units.ts";
import { findAuradine } from "../hardware/auradine.ts";
import { cgminerPools, summaryRates, summaryShares } from "../transport/cgminer.ts";
import { amount } from "./amount.ts";
import type { Answers } from "./answers.ts";
import { controlsOf, setpointOf, sleepOf } from "./controls.ts";
import { decodeBoards } from "./decode-boards.ts";
import { LED_LOCATE, LED_NORMAL } from "./wire.ts";

export const FIRMWARE = "FluxOS";
const TERA = 1e12;

export function decode(answers: Answers, at: EpochMs): Omit<Telemetry, "problems"> {
  const { summary, mode, pools } = answers;
  const identity = decodeIdentity(answers);
  const boards = decodeBoards(answers, findAuradine(identity.model ?? ""));
  return {
    at,
    identity,
    algorithm: "sha256",
    boards,
    fans: fansOf(answers.fan),
    pools: cgminerPools(pools?.value ?? []),
    setpoint: setpointOf(answers),
    controls: controlsOf(identity.modelKnown, answers),
    faults: faultsOf(answers.led),
    ...present({
      activity: activityOf(answers),
      hashrate: presentOrNone({
        ...(summary === undefined ? {} : present(summaryRates(summary.value, summary))),
        // The rate that belongs to its setting.
        ideal:
          mode === undefined
            ? undefined
            : rateReading(positive(mode.value.Ths), { scale: TERA, window: 0 }, mode),
      }),
      power: powerOf(answers.psu),
      temperature: presentOrNone({
        chip: hottest(boards.map((board) => board.chipTemperature)),
        board: hottest(boards.map((board) => board.boardTemperature)),
        inlet: hottest(boards.map((board) => board.inletTemperature)),
        outlet: hottest(boards.map((board) => board.outletTemperature)),
      }),
      shares: summary === undefined ? undefined : summaryShares(summary.value, summary),
      uptime: uptimeOf(summary),
    }),
  };
}

export function decodeIdentity(answers: Pick<Answers, "report" | "model" | "version">): Identity {
  const report = answers.report?.value;
  const model = toText(report?.model) ?? toText(answers.model?.value);
  return {
    vendor: "Auradine",
    firmware: FIRMWARE,
    modelKnown: model !== undefined && findAuradine(model) !== undefined,
    ...present({
      firmwareVersion: toText(report?.version) ?? toText(answers.version?.value.GCMiner),
      apiVersion: toText(answers.version?.value.API),
      model,
      serial: toText(report?.SerialNo),
      mac: toMac(report?.mac),
      hostname: toText(report?.hostname),
      controlBoard: toText(report?.InternalType),
    }),
  };
}

function activityOf({ summary, mode }: Answers): Reading<Activity> | undefined {
  if (mode !== undefined && sleepOf(mode.value) === true) {
    return readingOf("sleeping", mode.source, mode.at);
  }
  if (summary === undefined) return undefined;
  const rate = toNumber(summary.value["MHS 5s"]);
  if (rate === undefined) return undefined;
  return readingOf(rate > 0 ? "hashing" : "starting", summary.source, summary.at);
}

function powerOf(psu: Answers["psu"]): PowerReading | undefined {
  if (psu === undefined) return undefined;
  const reading = reader(psu.source, psu.at)(watts, amount(psu.value.PowerIn));
  return measuredBy("psu", reading);
}

function fansOf(fan: Answers["fan"]): Fan[] {
  if (fan === undefined) return [];
  const read = reader(fan.source, fan.at);
  return fan.value.map(({ ID, Speed, Target, Max }, position) => {
    const target = toNumber(Target);
    const max = toNumber(Max);
    const duty = target === undefined || !max || max < 0 ? undefined : (100 * target) / max;
    return {
      index: (toNumber(ID) ?? position + 1) - 1,
      ...present({ speed: read(rpm, Speed), duty: read(percent, duty) }),
    };
  });
}

/** Every light but the usual one and the one that somebody switched on to find the machine. */
function faultsOf(led: Answers["led"]): MachineFault[] {
  const code = toNumber(led?.value.Code);
  if (code === undefined || code === LED_NORMAL || code === LED_LOCATE) return [];
  return [{ code: `LED ${code}`, text: toText(led?.value.Msg) ?? "" }];
}

function uptimeOf(summary: Answers["summary"]): Telemetry["uptime"] {
  if (summary === undefined) return undefined;
  const elapsed = scaled(summary.value.Elapsed, 1000);
  return reader(summary.source, summary.at)(milliseconds, elapsed);
}

function positive(raw: unknown): number | undefined {
  const value = toNumber(raw);
  return value !== undefined && value > 0 ? value : undefined;
}
