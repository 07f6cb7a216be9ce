// The model of a machine whose frequency and voltage are known at every point: set by hand, or named by
// the firmware's presets.

import type { ChoiceKnob } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import type { Point } from "../../state/action.ts";
import type { Measured } from "../../state/tuning.ts";
import type { Cliff } from "./cliff.ts";
import type { Forecast, Model, Row, Span } from "./forecast.ts";
import { type Posterior, posteriorOf } from "./posterior.ts";
import type { Prior } from "./prior.ts";
import { EDGE } from "./reading.ts";
import { type Coordinates, type ManualKnobs, nextChange, onGrid, valuesBelow } from "./walk.ts";
import type { WattsModel } from "./watts.ts";

/** No lower than this share of the frequency or the voltage of the reference. */
const LEAST_FREQUENCY = 0.5;
const LEAST_VOLTAGE = 0.8;

/** A probability that no further step could raise: whoever is over the edge goes no further. */
const CERTAIN = 0.999;

export class PhysicsModel implements Model {
  readonly wattsAreComputed: boolean;
  readonly #reference: Coordinates;
  readonly #cliff: Cliff;
  readonly #watts: WattsModel;
  readonly #knobs: ManualKnobs | ChoiceKnob;
  readonly #highest: Coordinates;
  readonly #stockRatio: number;
  /** The same points are weighed several times for one decision. By warmth, frequency and voltage. */
  readonly #forecasts = new Map<number, Map<number, Map<number, Forecast>>>();

  private constructor(
    { base, cliff, watts, computed }: Posterior,
    highest: Coordinates,
    knobs: ManualKnobs | ChoiceKnob,
  ) {
    this.wattsAreComputed = computed;
    this.#reference = base;
    this.#highest = highest;
    this.#knobs = knobs;
    this.#cliff = cliff;
    this.#watts = watts;
    this.#stockRatio = Math.max(0.05, cliff.ratio(1, 1, 0, EDGE).mean);
  }

  /**
   * `reference`: the machine as it was found, first of the evidence. Undefined when its frequency and
   * voltage are not known. `highest`: no candidate lies above it.
   */
  static from(
    prior: Prior,
    reference: Measured,
    evidence: readonly Measured[],
    knobs: ManualKnobs | ChoiceKnob,
    highest: Point = reference.point,
  ): PhysicsModel | undefined {
    const found = posteriorOf(prior, reference, evidence, ({ point }) => coordinates(point, knobs));
    if (found === undefined) return undefined;
    const top = coordinates(highest, knobs) ?? found.base;
    return new PhysicsModel(found, top, knobs);
  }

  forecast(point: Point, warmer: number): Forecast | undefined {
    const at = coordinates(point, this.#knobs);
    if (at === undefined) return undefined;
    const warmth = entryOf(this.#forecasts, warmer, makeMap<Map<number, Forecast>>);
    const row = entryOf(warmth, at.frequency, makeMap<Forecast>);
    return entryOf(row, at.voltage, () => this.#forecastAt(at, warmer));
  }

  #forecastAt({ frequency, voltage }: Coordinates, warmer: number): Forecast {
    const v = voltage / this.#reference.voltage;
    const x = frequency / this.#reference.frequency;
    const ratio = this.#cliff.ratio(v, x, warmer, EDGE);
    const scale = x / this.#stockRatio;
    return {
      power: this.#watts.power(v, x, warmer),
      rate: { mean: ratio.mean * scale, deviation: ratio.deviation * scale },
      below: ratio.below,
    };
  }

  candidates(from: Point, { least, most }: Span): readonly Row[] {
    const knobs = this.#knobs;
    if ("choices" in knobs) {
      return knobs.choices
        .map((choice): Point => ({ ...from, profile: choice.name }))
        .filter((point) => this.#allowed(coordinates(point, knobs)))
        .map((point) => [point]);
    }
    // A machine that was found over its edge delivers its hashrate at a lower frequency as well.
    const slowest =
      Math.max(LEAST_FREQUENCY, least * this.#stockRatio * 0.99) * this.#reference.frequency;
    const fastest = Math.min(
      this.#highest.frequency,
      onGrid(
        this.#highest.frequency,
        knobs.frequency.step,
        most * this.#stockRatio * 1.01 * this.#reference.frequency,
      ),
    );
    const lowest = LEAST_VOLTAGE * this.#reference.voltage;
    const voltages = valuesBelow(knobs.voltage, this.#highest.voltage, lowest, 140);
    return valuesBelow(knobs.frequency, fastest, slowest, 24).map((frequency) => ({
      length: voltages.length,
      at: (index) => {
        const voltage = voltages.at(index);
        return voltage === undefined ? undefined : pointAt(from, { frequency, voltage });
      },
    }));
  }

  step(from: Point, goal: Point, warmer: number, risk: number): Point | undefined {
    const below = (point: Point): number => this.forecast(point, warmer)?.below ?? 1;
    if ("choices" in this.#knobs) return below(goal) <= risk ? goal : undefined;
    const safe = (point: Point): boolean => below(point) <= Math.min(risk, CERTAIN);
    const [here, there] = [coordinates(from, this.#knobs), coordinates(goal, this.#knobs)];
    if (here === undefined || there === undefined) return undefined;
    const at = nextChange(here, there, this.#knobs, (where) => safe(pointAt(from, where)));
    return at && pointAt(from, at);
  }

  describe(): string {
    const { critical, slope, spread, inversion } = this.#cliff.describe();
    const [fixed, switching, leakage] = this.#watts.describe();
    const say = (name: string, [mean, deviation]: readonly [number, number], digits = 3) =>
      `${name} ${mean.toFixed(digits)} ± ${deviation.toFixed(digits)}`;
    return [
      say("edge at stock, share of its voltage", critical),
      say("slope", slope, 2),
      say("spread", spread),
      say("per K", inversion, 5),
      say("fixed watts", fixed ?? [0, 0], 2),
      say("switching", switching ?? [0, 0], 2),
      say("leakage", leakage ?? [0, 0], 2),
    ].join(", ");
  }

  #allowed(at: Coordinates | undefined): boolean {
    if (at === undefined) return false;
    const { frequency, voltage } = this.#highest;
    return (
      at.frequency <= frequency * 1.0005 &&
      at.voltage <= voltage * 1.0005 &&
      at.frequency >= this.#reference.frequency * LEAST_FREQUENCY
    );
  }
}

function coordinates(point: Point, knobs: ManualKnobs | ChoiceKnob): Coordinates | undefined {
  if ("choices" in knobs) {
    const choice = knobs.choices.find((each) => each.name === point.profile);
    if (choice?.frequency === undefined || choice.voltage === undefined) return undefined;
    return { frequency: choice.frequency, voltage: choice.voltage };
  }
  if (point.frequency === undefined || point.voltage === undefined) return undefined;
  return { frequency: point.frequency, voltage: point.voltage };
}

const pointAt = (from: Point, { frequency, voltage }: Coordinates): Point => ({
  ...from,
  frequency: megahertz(frequency),
  voltage: millivolts(voltage),
});

const makeMap = <Value>(): Map<number, Value> => new Map();

function entryOf<Value>(map: Map<number, Value>, key: number, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
