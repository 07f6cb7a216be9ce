// What can be set on FluxOS and what it says that it is set to.
//
// Not offered: single frequencies (each chip has its own, so there is nothing to read back), the supply's
// voltage (no source gives its bounds), fans (no way back to automatic is known), named modes (which of
// them a model has is not known).

import type { Controls, Effect, PoolConfig } from "../contract/controls.ts";
import { present, readingOf, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Setpoint } from "../contract/telemetry.ts";
import { milliseconds, type Watts, watts } from "../contract/units.ts";
import type { CgminerPool } from "../transport/cgminer.ts";
import { amount } from "./amount.ts";
import type { Answers } from "./answers.ts";
import { LED_LOCATE, LED_NORMAL, type Mode, type Psu } from "./wire.ts";

const effect = (seconds: number, restarts = false): Effect => ({
  settles: milliseconds(seconds * 1000),
  restarts,
  persists: true,
});

const MOST_POOLS = 3;
/** Assumed: how long its tuning takes to a new power is not published. */
const TUNING = 900;
const START = 300;
/** 2000 W of 3452 W is the lowest that was seen set (AT1500, 2023-12.27); the highest is the supply's. */
const LOWEST_SHARE = 2000 / 3452;

export function controlsOf(modelKnown: boolean, answers: Answers): Controls {
  const { mode, led, pools } = answers;
  // Whoever has no password sees no mode either.
  if (!modelKnown || mode === undefined) return {};
  return present({
    powerLimit: powerRange(answers.psu?.value),
    sleep: sleepOf(mode.value) === undefined ? undefined : { effect: effect(START, true) },
    locate: locating(led?.value.Code) === undefined ? undefined : { effect: effect(60) },
    pools: pools === undefined ? undefined : { max: MOST_POOLS, effect: effect(120) },
    restart: { effect: effect(START, true) },
    reboot: { effect: effect(START, true) },
  });
}

function powerRange(psu: Psu | undefined): Controls["powerLimit"] {
  const max = amount(psu?.PoutMax);
  if (max === undefined || max <= 0) return undefined;
  return {
    min: watts(Math.ceil(max * LOWEST_SHARE)),
    max: watts(Math.floor(max)),
    step: watts(1),
    effect: effect(TUNING),
  };
}

export function setpointOf({ mode, led, pools }: Answers): Setpoint {
  return present({
    powerLimit:
      mode === undefined ? undefined : readingOf(powerOf(mode.value), mode.source, mode.at),
    sleep: mode === undefined ? undefined : readingOf(sleepOf(mode.value), mode.source, mode.at),
    locate: led === undefined ? undefined : readingOf(locating(led.value.Code), led.source, led.at),
    pools:
      pools === undefined ? undefined : readingOf(poolsOf(pools.value), pools.source, pools.at),
  });
}

/** Watts mean nothing where it tunes to a rate. */
function powerOf({ Power, Tune }: Mode): Watts | undefined {
  const power = toNumber(Power);
  if (power === undefined || power <= 0 || toText(Tune)?.toLowerCase() === "ths") return undefined;
  return watts(power);
}

export function sleepOf({ Sleep }: Mode): boolean | undefined {
  return toBoolean(Sleep);
}

/** A light that tells a fault is neither. */
function locating(raw: unknown): boolean | undefined {
  const code = toNumber(raw);
  if (code === LED_LOCATE) return true;
  return code === LED_NORMAL ? false : undefined;
}

/** Passwords are not told. */
function poolsOf(rows: readonly CgminerPool[]): readonly PoolConfig[] {
  return rows.flatMap((row) => {
    const url = toText(row.URL);
    return url === undefined ? [] : [{ url, user: toText(row.User) ?? "", password: "" }];
  });
}
