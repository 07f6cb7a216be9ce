// From btminer's answers to Telemetry. Pure: what is known goes in, one reading comes out.

import {
  hottest,
  present,
  presentOrNone,
  reader,
  readingOf,
  toBoolean,
  toNumber,
  toText,
} from "../contract/decoding.ts";
import { measuredBy } from "../contract/quantities.ts";
import type {
  Activity,
  Fan,
  MachineFault,
  Reading,
  Shares,
  Telemetry,
} from "../contract/telemetry.ts";
import {
  celsius,
  type EpochMs,
  epochMs,
  hashesPerSecond,
  milliseconds,
  millivolts,
  rpm,
  watts,
} from "../contract/units.ts";
import type { CgminerPool } from "../transport/cgminer.ts";
import { type Answers, identitySources, type Known } from "./answers.ts";
import { decodeBoards, decodePools, temperature } from "./decode-boards.ts";
import { decodeIdentity, modelOf } from "./decode-identity.ts";
import { decodeSetpoint } from "./decode-setpoint.ts";
import { faultOf } from "./faults.ts";
import { factoryRate, GIGA, MEGA, rateOf, rateUnit } from "./rates.ts";
import { isObject } from "./reply.ts";
import type { Device, Summary } from "./wire.ts";

export type Decoded = Omit<Telemetry, "controls" | "problems">;

export function decode(answers: Answers, at: EpochMs): Decoded {
  const { summary, boards, pools } = answers;
  const sources = identitySources(answers);
  const model = modelOf(sources);
  const decodedBoards =
    boards === undefined
      ? []
      : decodeBoards(boards.value, {
          source: boards.source,
          at: boards.at,
          model,
          ratePerMegahertz: ratePerMegahertz(summary?.value),
          voltage: supplyVoltage(summary),
        });
  return {
    at,
    identity: decodeIdentity(sources),
    // btminer drives nothing but SHA-256 machines; their coin choice is BTC, BCH or BSV.
    algorithm: "sha256",
    fans: model?.fans === 0 ? [] : decodeFans(summary),
    boards: decodedBoards,
    pools: pools === undefined ? [] : decodePools(pools.value),
    setpoint: decodeSetpoint(answers),
    faults: decodeFaults(answers),
    ...present({
      activity: decodeActivity(answers),
      hashrate: summary === undefined ? undefined : decodeHashrate(summary),
      power: decodePower(summary),
      temperature: decodeTemperature(answers, decodedBoards),
      shares: decodeShares(summary, pools),
      uptime: decodeUptime(summary),
    }),
  };
}

/**
 * H/s per MHz. Target MHS belongs to Target Freq, not to the present one: on an M20S (20210322.22.REL)
 * 65.36 TH/s at 625 MHz scaled to its 648 MHz is 67.77, and it delivered 67.75.
 */
export function ratePerMegahertz(summary: Summary | undefined): number | undefined {
  const target = toNumber(summary?.["Target MHS"]);
  const frequency = toNumber(summary?.["Target Freq"]);
  return target && frequency ? (target * MEGA) / frequency : undefined;
}

function decodeHashrate({ value, source, at }: Known<Summary>): Telemetry["hashrate"] {
  const read = reader(source, at);
  const unit = rateUnit([value]);
  const average = toNumber(value["MHS av"]);
  const elapsed = toNumber(value.Elapsed);
  const frequency = toNumber(value.freq_avg);
  const slope = ratePerMegahertz(value);
  const factory = factoryRate(value);
  return presentOrNone({
    now: rateOf(value, ["MHS 5s", "MHS 1m", "HS RT", "MHS 5m"], unit, source, at),
    recent: rateOf(value, ["MHS 5m", "HS RT", "MHS 15m", "MHS 1m"], unit, source, at),
    average:
      average === undefined || elapsed === undefined
        ? undefined
        : {
            value: hashesPerSecond(average * unit),
            window: milliseconds(elapsed * 1000),
            at,
            source,
            quality: "ok" as const,
          },
    ideal: slope && frequency ? read(hashesPerSecond, slope * frequency) : undefined,
    nameplate: factory ? read(hashesPerSecond, factory * GIGA) : undefined,
  });
}

/** The supply measures its own input. */
function decodePower(summary: Known<Summary> | undefined): Telemetry["power"] {
  if (summary === undefined) return undefined;
  const reading = reader(summary.source, summary.at)(watts, summary.value.Power);
  return measuredBy("psu", reading);
}

function decodeTemperature(
  { summary, psu }: Answers,
  boards: Telemetry["boards"],
): Telemetry["temperature"] {
  const read = reader(summary?.source ?? "summary", summary?.at ?? epochMs(0));
  const chip = temperature(read, summary?.value["Chip Temp Max"]);
  const board = temperature(read, summary?.value.Temperature);
  return presentOrNone({
    chip: hottest([chip, ...boards.map((each) => each.chipTemperature)]),
    board: hottest([board, ...boards.map((each) => each.boardTemperature)]),
    inlet: temperature(read, summary?.value["Env Temp"]),
    psu: psu === undefined ? undefined : reader(psu.source, psu.at)(celsius, psu.value.temp0),
  });
}

function decodeFans(summary: Known<Summary> | undefined): Fan[] {
  if (summary === undefined || toBoolean(summary.value["Liquid Cooling"]) === true) return [];
  const read = reader(summary.source, summary.at);
  return [summary.value["Fan Speed In"], summary.value["Fan Speed Out"]].flatMap((raw, index) => {
    const speed = read(rpm, raw);
    return speed === undefined ? [] : { index, speed };
  });
}

/** 1288 is 12.88 V, 12.5 are volts; told by 1.x and 2.0 firmware only. */
function supplyVoltage(
  summary: Known<Summary> | undefined,
): Reading<ReturnType<typeof millivolts>> | undefined {
  const raw = toNumber(summary?.value.Voltage);
  if (summary === undefined || !raw) return undefined;
  return reader(summary.source, summary.at)(millivolts, raw < 100 ? raw * 1000 : raw * 10);
}

function decodeShares(
  summary: Known<Summary> | undefined,
  pools: Known<readonly CgminerPool[]> | undefined,
): Shares | undefined {
  if (summary === undefined) return undefined;
  const read = reader(summary.source, summary.at);
  const times = (pools?.value ?? []).map((pool) => toNumber(pool["Last Share Time"]) ?? 0);
  const last = Math.max(0, ...times) * 1000;
  return presentOrNone({
    accepted: read(Number, summary.value.Accepted),
    rejected: read(Number, summary.value.Rejected),
    stale: read(Number, summary.value.Stale),
    difficultyAccepted: read(Number, summary.value["Difficulty Accepted"]),
    lastShareAt:
      pools === undefined || last === 0 ? undefined : reader(pools.source, pools.at)(epochMs, last),
  });
}

function decodeUptime(summary: Known<Summary> | undefined): Telemetry["uptime"] {
  const elapsed = toNumber(summary?.value.Elapsed);
  if (summary === undefined || elapsed === undefined) return undefined;
  return reader(summary.source, summary.at)(milliseconds, elapsed * 1000);
}

/** `btmineroff` is an operator's power_off; `mineroff` without it is the machine's own doing. */
export function decodeActivity(answers: Answers): Reading<Activity> | undefined {
  const { summary, status } = answers;
  if (status !== undefined) {
    const off = toBoolean(status.value.btmineroff) === true ? "sleeping" : undefined;
    const stopped = toBoolean(status.value.mineroff) === true ? "stopped" : undefined;
    const idle = off ?? stopped;
    if (idle !== undefined) return readingOf<Activity>(idle, status.source, status.at);
  }
  if (summary === undefined) return undefined;
  return readingOf(
    miningActivity(summary.value, answers.boards?.value),
    summary.source,
    summary.at,
  );
}

function miningActivity(summary: Summary, boards: readonly Device[] = []): Activity | undefined {
  const frequency = toNumber(summary.freq_avg);
  const rate = toNumber(summary["MHS 1m"]) ?? toNumber(summary["HS RT"]);
  const ramped = boards.map((board) => toBoolean(board["Upfreq Complete"]));
  const stable =
    toBoolean(summary["Hash Stable"]) ??
    toBoolean(summary["Upfreq Complete"]) ??
    (ramped.length === 0 || ramped.includes(undefined) ? undefined : !ramped.includes(false));
  if (stable === true) return "hashing";
  if (frequency === 0 || (frequency === undefined && rate === 0)) return "starting";
  if (stable === false) return "ramping";
  return rate !== undefined && rate > 0 ? "hashing" : undefined;
}

/** Early firmware counts its codes in the summary; later ones have a question of their own. */
function decodeFaults({ summary, errors }: Answers): MachineFault[] {
  const codes = new Set<string>(errorCodesOf(errors?.value.error_code));
  for (const [key, value] of Object.entries(summary?.value ?? {})) {
    if (/^(Factory )?Error Code \d+$/.test(key)) codes.add(String(value));
  }
  return [...codes].filter((code) => /^[1-9]\d*$/.test(code)).map(faultOf);
}

/** `[{"329":"<time>"}]`, `["329"]`, `[329]`, `{"329":"<time>"}`. */
export function errorCodesOf(raw: unknown): string[] {
  // No list in a list: a hostile one would be deeper than the stack.
  if (Array.isArray(raw)) return raw.flatMap((each) => (Array.isArray(each) ? [] : codesIn(each)));
  return codesIn(raw);
}

function codesIn(raw: unknown): string[] {
  if (typeof raw === "number" || typeof raw === "string") return [toText(String(raw)) ?? ""];
  return isObject(raw) ? Object.keys(raw).filter((key) => /^\d+$/.test(key)) : [];
}
