// The model of a machine whose frequency and voltage are known at every point: set by hand, or named by
// the firmware's presets.

import type { ChoiceKnob } from "../../../drivers/contract/controls.ts";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import type { Point } from "../../state/action.ts";
import type { Measured } from "../../state/tuning.ts";
import { jitterOf } from "../evidence.ts";
import { Cliff } from "./cliff.ts";
import type { Forecast, Model, Span } from "./forecast.ts";
import { equalisedPrior, type Prior } from "./prior.ts";
import { areComputed, EDGE, ratioSeen, warmerThan, wattsSeen } from "./reading.ts";
import { type Coordinates, type ManualKnobs, nextChange, onGrid, valuesBelow } from "./walk.ts";
import { WattsModel } from "./watts.ts";

/** No lower than this share of the frequency or the voltage of the reference. */
const LEAST_FREQUENCY = 0.5;
const LEAST_VOLTAGE = 0.8;

export class PhysicsModel implements Model {
  readonly wattsAreComputed: boolean;
  readonly #reference: Coordinates;
  readonly #cliff: Cliff;
  readonly #watts: WattsModel;
  readonly #knobs: ManualKnobs | ChoiceKnob;
  readonly #highest: Coordinates;
  readonly #stockRatio: number;

  private constructor(
    reference: Coordinates,
    highest: Coordinates,
    knobs: ManualKnobs | ChoiceKnob,
    cliff: Cliff,
    watts: WattsModel,
    computed: boolean,
  ) {
    this.wattsAreComputed = computed;
    this.#reference = reference;
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
    const base = coordinates(reference.point, knobs);
    if (base === undefined) return undefined;
    const usable = evidence.flatMap((measured) => {
      const at = coordinates(measured.point, knobs);
      if (at === undefined) return [];
      const v = at.voltage / base.voltage;
      const x = at.frequency / base.frequency;
      return [{ measured, v, x, warmer: warmerThan(reference, measured) }];
    });
    const newest = Math.max(...evidence.map((each) => each.to));
    const passes = Math.max(0, ...evidence.map((each) => each.passes ?? 0));
    const jitter = jitterOf(evidence);
    const ratios = usable.map(({ measured, ...where }) => ({
      ...where,
      ...ratioSeen(measured, reference, where.x, jitter, newest, passes),
    }));
    const cliff = Cliff.from(passes > 0 ? equalisedPrior(prior.cliff) : prior.cliff, ratios);
    const watts = WattsModel.from(prior.watts, wattsSeen(usable, reference));
    const top = coordinates(highest, knobs) ?? base;
    return new PhysicsModel(base, top, knobs, cliff, watts, areComputed(usable, reference));
  }

  forecast(point: Point, warmer: number): Forecast | undefined {
    const at = coordinates(point, this.#knobs);
    if (at === undefined) return undefined;
    const v = at.voltage / this.#reference.voltage;
    const x = at.frequency / this.#reference.frequency;
    const ratio = this.#cliff.ratio(v, x, warmer, EDGE);
    const scale = x / this.#stockRatio;
    return {
      power: this.#watts.power(v, x, warmer),
      rate: { mean: ratio.mean * scale, deviation: ratio.deviation * scale },
      below: ratio.below,
    };
  }

  candidates(from: Point, { least, most }: Span): readonly (readonly Point[])[] {
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
    return valuesBelow(knobs.frequency, fastest, slowest, 24).map((frequency) =>
      voltages.map((voltage) => pointAt(from, { frequency, voltage })),
    );
  }

  step(from: Point, goal: Point, warmer: number, risk: number): Point | undefined {
    const safe = (point: Point): boolean => (this.forecast(point, warmer)?.below ?? 1) <= risk;
    if ("choices" in this.#knobs) return safe(goal) ? goal : undefined;
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
