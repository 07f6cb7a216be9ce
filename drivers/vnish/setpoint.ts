// What each knob of the machine is set to: the read-back of every write.

import type { PoolConfig } from "../contract/controls.ts";
import { present, reader, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Reading, Setpoint } from "../contract/telemetry.ts";
import {
  type Megahertz,
  type Millivolts,
  megahertz,
  millivolts,
  percent,
} from "../contract/units.ts";
import { stateOf } from "./controls.ts";
import { type Known, minerOf, overclockOf, SOURCES } from "./known.ts";
import { offsetsSet } from "./offsets.ts";
import { withScheme } from "./pool-url.ts";
import { isManual } from "./presets.ts";
import type { Settings } from "./wire.ts";

/** As the operator wrote it, by what the firmware made of it. */
export type Spellings = ReadonlyMap<string, string>;

export function decodeSetpoint(known: Known, spellings: Spellings): Setpoint {
  const { status, perf, settings } = known;
  const overclock = overclockOf(settings?.answer);
  const switcher = perf?.answer.preset_switcher ?? overclock?.preset_switcher;
  const teller = perf?.answer.preset_switcher === undefined ? settings : perf;
  return present({
    frequency: frequencySet(known),
    voltage: voltageSet(known),
    ...offsetsSet(known),
    powerPercent: known.summary && throttleSet(known, known.summary.at),
    profile: profileSet(known),
    autotune:
      teller &&
      readingOf(
        toBoolean(switcher?.enabled),
        teller === perf ? SOURCES.perf : SOURCES.settings,
        teller.at,
      ),
    fan: fanSet(known),
    sleep: sleepSet(known),
    locate: status && readingOf(toBoolean(status.answer.find_miner), SOURCES.status, status.at),
    pools: poolsSet(known, spellings),
  });
}

/** Boards that hash at unlike frequencies have no common set-point: the mean tells how far off. */
function frequencySet(known: Known): Reading<Megahertz> | undefined {
  const heard = known.settings;
  if (heard !== undefined && isManual(known)) {
    const value = mean(storedFrequencies(heard.answer));
    return value === undefined
      ? undefined
      : readingOf(megahertz(value), SOURCES.settings, heard.at);
  }
  const live = liveMean(known, "frequency");
  return live && readingOf(megahertz(live.value), SOURCES.summary, live.at);
}

/** Of the boards that are switched on; 0 stands for the value above it. */
function storedFrequencies(settings: Settings): number[] {
  const overclock = overclockOf(settings);
  const common = toNumber(overclock?.globals?.freq);
  const boards = (overclock?.chains ?? [])
    .filter((chain) => toBoolean(chain.disabled) !== true)
    .map((chain) => {
      const own = toNumber(chain.freq);
      const board = own === undefined || own === 0 ? common : own;
      const chips = (chain.chips ?? []).map((chip) => toNumber(chip) || board);
      return mean(chips.filter((chip) => chip !== undefined)) ?? board;
    })
    .filter((value) => value !== undefined);
  return boards.length === 0 && common !== undefined ? [common] : boards;
}

function voltageSet(known: Known): Reading<Millivolts> | undefined {
  const heard = known.settings;
  if (heard !== undefined && isManual(known)) {
    const stored = overclockOf(heard.answer)?.globals?.volt;
    return reader(SOURCES.settings, heard.at)((tens) => millivolts(tens * 10), stored);
  }
  const live = liveMean(known, "voltage");
  return live && readingOf(millivolts(Math.round(live.value)), SOURCES.summary, live.at);
}

/** Of the boards that are under power. */
function liveMean(known: Known, key: "frequency" | "voltage") {
  const heard = known.summary;
  if (heard === undefined) return undefined;
  const values = (heard.answer.miner?.chains ?? [])
    .map((chain) => toNumber(chain[key]))
    .filter((value) => value !== undefined && value > 0);
  const value = mean(values as number[]);
  return value === undefined ? undefined : { value, at: heard.at };
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sum = values.reduce((total, value) => total + value, 0);
  return Math.round((sum / values.length) * 100) / 100;
}

function throttleSet(known: Known, at: Reading<unknown>["at"]) {
  return reader(SOURCES.summary, at)(percent, minerOf(known)?.miner_status?.throttled);
}

/** The preset at work, not the stored one: the switcher moves between the two. */
function profileSet(known: Known): Reading<string> | undefined {
  const { perf, settings } = known;
  const active = toText(perf?.answer.current_preset?.name);
  if (perf !== undefined && active !== undefined) {
    return readingOf(active, SOURCES.perf, perf.at);
  }
  const stored = toText(overclockOf(settings?.answer)?.preset);
  return settings && readingOf(stored, SOURCES.settings, settings.at);
}

function fanSet(known: Known): Setpoint["fan"] {
  const heard = known.settings;
  const mode = heard?.answer.miner?.cooling?.mode;
  if (heard === undefined || mode === undefined) return undefined;
  if (mode.name === "auto") return readingOf("auto", SOURCES.settings, heard.at);
  if (mode.name !== "manual") return undefined;
  return reader(SOURCES.settings, heard.at)(percent, mode.param);
}

/** A machine that failed does not sleep: nobody told it to stop. */
function sleepSet(known: Known): Reading<boolean> | undefined {
  const state = stateOf(known);
  const heard = minerOf(known)?.miner_status?.miner_state === undefined ? "status" : "summary";
  const at = known[heard]?.at;
  if (state === undefined || at === undefined) return undefined;
  const asleep = state === "stopped" || state === "shutting-down";
  return readingOf(asleep, SOURCES[heard], at);
}

/** Empty slots are no pools; passwords are nobody's business. */
function poolsSet(known: Known, spellings: Spellings): Setpoint["pools"] {
  const heard = known.settings;
  const stored = heard?.answer.miner?.pools;
  if (heard === undefined || stored === undefined) return undefined;
  const pools = stored.flatMap((pool): PoolConfig[] => {
    const url = toText(pool.url);
    if (url === undefined) return [];
    return [{ url: spellings.get(url) ?? withScheme(url), user: pool.user ?? "", password: "" }];
  });
  return readingOf(pools, SOURCES.settings, heard.at);
}
