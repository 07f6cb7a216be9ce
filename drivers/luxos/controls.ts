// Which knobs this machine honours, and how far they go.

import type {
  Choice,
  ChoiceKnob,
  Controls,
  Effect,
  FanKnob,
  RangeKnob,
} from "../contract/controls.ts";
import { present, toBoolean, toNumber, toText } from "../contract/decoding.ts";
import {
  hashesPerSecond,
  type Megahertz,
  type Millivolts,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  type Watts,
  watts,
} from "../contract/units.ts";
import type { AntminerModel } from "../hardware/antminer.ts";
import type { Known } from "./known.ts";
import { boardOffsetsKnob, chipOffsetsKnob } from "./offsets.ts";
import type { Report } from "./wire.ts";

const MINUTE = 60_000;
const effect = (minutes: number, restarts: boolean, persists: boolean): Effect => ({
  settles: milliseconds(minutes * MINUTE),
  restarts,
  persists,
});

/** LUXminer ramps by 5 MHz and lists its profiles on that grid. */
const FREQUENCY_STEP = megahertz(5);
const VOLTAGE_STEP = millivolts(10);
/** The least that the firmware's own control allows itself; a manual 0 would cook the machine. */
const LEAST_FAN_DUTY = percent(20);
/** As many as captured machines hold. */
const MOST_POOLS = 4;

/** None for a model that is not in the table, because nobody knows what it can bear. */
export function decodeControls(known: Known, model: AntminerModel | undefined): Controls {
  if (model === undefined) return {};
  const choices = decodeChoices(known, model);
  const powerLimit = powerLimitKnob(known);
  // With a power target the firmware chooses frequency and voltage itself.
  const manual = powerLimit === undefined;
  const governed = known.reports.config?.answer.CONFIG?.[0]?.IsAtmEnabled !== undefined;
  return present({
    frequency: manual ? frequencyKnob(known, model, choices) : undefined,
    voltage: manual ? voltageKnob(known, model, choices) : undefined,
    boardOffsets: manual
      ? boardOffsetsKnob(known, model, FREQUENCY_STEP, effect(3, false, false))
      : undefined,
    chipOffsets: manual
      ? chipOffsetsKnob(known, model, FREQUENCY_STEP, effect(3, false, false))
      : undefined,
    powerLimit,
    profile: choices.length === 0 ? undefined : profileKnob(choices),
    autotune: !governed ? undefined : { effect: effect(1, false, true) },
    fan: fanKnob(known, model),
    sleep: known.reports.config && { effect: effect(10, true, true) },
    locate: known.reports.config && { effect: effect(1, false, false) },
    pools: known.reports.pools && { max: MOST_POOLS, effect: effect(2, false, true) },
    restart: { effect: effect(10, true, true) },
    reboot: { effect: effect(10, true, true) },
  });
}

type Profiles = NonNullable<Report<"profiles">["PROFILES"]>;
interface Decoded {
  readonly model: AntminerModel | undefined;
  readonly choices: readonly Choice[];
}
/** The table is asked every quarter of an hour and looked at in each reading. */
const decoded = new WeakMap<Profiles, Decoded>();

/** Labels of the machine's own table, in the order of power; none beyond what the boards bear. */
export function decodeChoices(known: Known, model: AntminerModel | undefined): readonly Choice[] {
  const profiles = known.reports.profiles?.answer.PROFILES;
  if (profiles === undefined) return [];
  const before = decoded.get(profiles);
  if (before !== undefined && before.model === model) return before.choices;
  const choices = choicesOf(profiles, model);
  decoded.set(profiles, { model, choices });
  return choices;
}

function choicesOf(profiles: Profiles, model: AntminerModel | undefined): Choice[] {
  const most = model?.envelope;
  return profiles
    .flatMap((profile): Choice[] => {
      const name = toText(profile["Profile Name"]);
      if (name === undefined) return [];
      return [
        present({
          name,
          frequency: scaled(megahertz, profile.Frequency),
          voltage: scaled(millivolts, profile.Voltage, 1000),
          power: scaled(watts, profile.Watts),
          hashrate: scaled(hashesPerSecond, profile.Hashrate, 1e12),
          tuned: toBoolean(profile.IsTuned),
        }),
      ];
    })
    .filter(
      ({ frequency, voltage }) =>
        (frequency ?? 0) <= (most?.frequency.max ?? Infinity) &&
        (voltage ?? 0) <= (most?.voltage.max ?? Infinity),
    )
    .sort((a, b) => (a.power ?? 0) - (b.power ?? 0));
}

export function scaled<Quantity extends number>(
  make: (value: number) => Quantity,
  raw: unknown,
  factor = 1,
): Quantity | undefined {
  const value = toNumber(raw);
  return value === undefined ? undefined : make(Math.round(value * factor * 1000) / 1000);
}

/**
 * From the lowest to the highest point of the machine's own table, cut where the maker's window or the
 * supply ends. The table reaches below the maker's window on purpose: those points are safe and frugal.
 */
function frequencyKnob(
  known: Known,
  model: AntminerModel,
  choices: readonly Choice[],
): RangeKnob<Megahertz> | undefined {
  const limits = known.reports.limits?.answer.LIMITS?.[0];
  const min = largest([lowest(choices, "frequency"), scaled(megahertz, limits?.FrequencyMin)]);
  const max = smallest([
    highest(choices, "frequency"),
    model.envelope?.frequency.max,
    scaled(megahertz, limits?.FrequencyMax),
  ]);
  if (choices.length === 0 || min === undefined || max === undefined || min >= max)
    return undefined;
  return { min, max, step: FREQUENCY_STEP, effect: effect(3, false, false) };
}

function voltageKnob(
  known: Known,
  model: AntminerModel,
  choices: readonly Choice[],
): RangeKnob<Millivolts> | undefined {
  const limits = known.reports.limits?.answer.LIMITS?.[0];
  const min = largest([lowest(choices, "voltage"), scaled(millivolts, limits?.VoltageMin, 1000)]);
  const max = smallest([
    highest(choices, "voltage"),
    model.envelope?.voltage.max,
    scaled(millivolts, limits?.VoltageMax, 1000),
  ]);
  if (choices.length === 0 || min === undefined || max === undefined || min >= max)
    return undefined;
  const step = scaled(millivolts, limits?.VoltageStepMin, 1000) ?? VOLTAGE_STEP;
  return { min, max, step: step > 0 ? step : VOLTAGE_STEP, effect: effect(2, false, false) };
}

type Figure = "frequency" | "voltage";
const values = <Name extends Figure>(choices: readonly Choice[], name: Name) =>
  choices.flatMap((choice) => choice[name] ?? []);
const lowest = <Name extends Figure>(choices: readonly Choice[], name: Name) =>
  smallest(values(choices, name));
const highest = <Name extends Figure>(choices: readonly Choice[], name: Name) =>
  largest(values(choices, name));

function smallest<Quantity extends number>(
  given: readonly (Quantity | undefined)[],
): Quantity | undefined {
  const [first] = given.filter((value) => value !== undefined).sort((a, b) => a - b);
  return first;
}

function largest<Quantity extends number>(
  given: readonly (Quantity | undefined)[],
): Quantity | undefined {
  const [first] = given.filter((value) => value !== undefined).sort((a, b) => b - a);
  return first;
}

function powerLimitKnob(known: Known): RangeKnob<Watts> | undefined {
  const atm = known.reports.atm?.answer.ATM?.[0];
  const min = scaled(watts, atm?.PowerMin);
  const max = scaled(watts, atm?.PowerLimit);
  if (min === undefined || max === undefined || min >= max) return undefined;
  return { min, max, step: watts(1), effect: effect(15, false, true) };
}

const profileKnob = (choices: readonly Choice[]): ChoiceKnob => ({
  choices,
  effect: effect(10, false, true),
});

/** Not for machines in water or oil, and not where nobody tells who chooses the duty. */
function fanKnob(known: Known, model: AntminerModel): FanKnob | undefined {
  if (model.fans === 0 || (known.reports.fans?.answer.FANS ?? []).length === 0) return undefined;
  if (known.reports.tempctrl?.answer.TEMPCTRL?.[0]?.Mode === undefined) return undefined;
  if (toBoolean(known.reports.config?.answer.CONFIG?.[0]?.ImmersionMode) === true) {
    return undefined;
  }
  return {
    min: LEAST_FAN_DUTY,
    max: percent(100),
    step: percent(1),
    auto: true,
    effect: effect(1, false, true),
  };
}
