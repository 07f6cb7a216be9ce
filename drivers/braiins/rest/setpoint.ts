// What the machine is set to: the read-back of every write.

import type { PoolConfig } from "../../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber } from "../../contract/decoding.ts";
import type { Setpoint } from "../../contract/telemetry.ts";
import type { Megahertz, Millivolts } from "../../contract/units.ts";
import { profileOf, type Target } from "../targets.ts";
import type { Known } from "./known.ts";
import { hertzOf, terahashesOf, voltsOf, wattsOf } from "./quantities.ts";
import { STATUS, sourceOf, TUNER_MODE } from "./wire.ts";

type Tuner = NonNullable<NonNullable<Known["answers"]["configuration"]>["answer"]["tuner"]>;

const tunerOf = (known: Known): Tuner | undefined => known.answers.configuration?.answer.tuner;

/** The configured target. tuner-state shows what Dynamic Performance Scaling left of it. */
export function targetOfTuner(known: Known): Target | undefined {
  const tuner = tunerOf(known);
  if (toBoolean(tuner?.enabled) !== true) return undefined;
  return storedTarget(known);
}

/** The same, also while the tuner is off: what it comes back to. */
export function storedTarget(known: Known): Target | undefined {
  const tuner = tunerOf(known);
  const power = wattsOf(tuner?.power_target);
  const hashrate = terahashesOf(tuner?.hashrate_target);
  if (toNumber(tuner?.tuner_mode) === TUNER_MODE.hashrate) {
    return hashrate === undefined ? undefined : { kind: "hashrate", hashrate };
  }
  if (power !== undefined) return { kind: "power", power };
  return undefined;
}

export interface ManualPoint {
  readonly frequency?: Megahertz;
  readonly voltage?: Millivolts;
}

/** Boards may differ: then the mean is what a comparison can use. */
export function manualPoint(known: Known): ManualPoint | undefined {
  if (toBoolean(tunerOf(known)?.enabled) !== false) return undefined;
  const config = known.answers.configuration?.answer.hashboard_config;
  const boards = (config?.hashboards ?? []).filter((board) => toBoolean(board.enabled) !== false);
  const frequency = mean(
    boards.map((board) => hertzOf(board.frequency) ?? hertzOf(config?.global_frequency)),
  );
  const voltage = mean(
    boards.map((board) => voltsOf(board.voltage) ?? voltsOf(config?.global_voltage)),
  );
  return present({
    frequency: frequency ?? hertzOf(config?.global_frequency),
    voltage: voltage ?? voltsOf(config?.global_voltage),
  });
}

function mean<Quantity extends number>(
  values: readonly (Quantity | undefined)[],
): Quantity | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0 || known.length < values.length) return undefined;
  const sum = known.reduce<number>((total, value) => total + value, 0);
  return (Math.round((sum / known.length) * 1000) / 1000) as Quantity;
}

export function decodeSetpoint(known: Known): Setpoint {
  const heard = known.answers.configuration;
  const told = <Value>(value: Value | undefined) =>
    heard && readingOf(value, sourceOf("configuration"), heard.at);
  const target = targetOfTuner(known);
  const manual = manualPoint(known);
  const details = known.answers.details;
  const locate = known.answers.locate;
  const pools = known.answers.pools;
  return present({
    frequency: told(manual?.frequency),
    voltage: told(manual?.voltage),
    powerLimit: told(target?.kind === "power" ? target.power : undefined),
    profile: told(target && profileOf(target, known.steering)),
    autotune: told(toBoolean(tunerOf(known)?.enabled)),
    sleep: details && readingOf(isAsleep(details.answer.status), sourceOf("details"), details.at),
    locate: locate && readingOf(locate.answer, sourceOf("locate"), locate.at),
    pools: pools && readingOf(poolsSet(known), sourceOf("pools"), pools.at),
  });
}

export function isAsleep(raw: unknown): boolean | undefined {
  const status = toNumber(raw);
  if (status === STATUS.paused) return true;
  return status === undefined || status === 0 ? undefined : false;
}

/** The API never tells passwords. */
function poolsSet(known: Known): PoolConfig[] {
  return (known.answers.pools?.answer ?? []).flatMap((group) =>
    (group.pools ?? []).map(({ url = "", user = "" }) => ({ url, user, password: "" })),
  );
}
