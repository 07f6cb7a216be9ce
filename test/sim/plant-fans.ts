// Fans of a plant: what is commanded, what turns, what it costs.

import { type Celsius, type Percent, percent, rpm } from "../../drivers/contract/units.ts";
import type { PlantSpec } from "./physics.ts";

const SPIN_TIME = 3;
/** Percent of duty per K, and per K and second: settles within minutes without swinging. */
const PROPORTIONAL = 3;
const INTEGRAL = 0.03;
/** K. */
const WINDUP = 8;

export class PlantFans {
  setting: Percent | "auto" = "auto";
  readonly #spec: PlantSpec["fans"];
  readonly #target: Celsius;
  readonly #speeds: number[];
  #duty: number;
  #integral: number;

  constructor(spec: PlantSpec) {
    this.#spec = spec.fans;
    this.#target = spec.thermal.target;
    this.#duty = spec.stock.fanDuty;
    this.#integral = spec.stock.fanDuty;
    this.#speeds = Array.from({ length: spec.fans.count }, () => spec.stock.fanDuty / 100);
  }

  /** Share of the full flow, which goes with the speed. */
  get flow(): number {
    return this.#speeds.reduce((sum, speed) => sum + speed, 0) / this.#speeds.length;
  }

  /** Watts; they go with the cube of the speed. */
  get power(): number {
    return this.#speeds.reduce((sum, speed) => sum + speed ** 3, 0) * this.#spec.maxWatts;
  }

  get truth() {
    const duty = percent(this.#duty);
    return this.#speeds.map((speed) => ({ rpm: rpm(speed * this.#spec.maxRpm), duty }));
  }

  /** `health`: share of its commanded speed that each fan reaches. */
  turn(seconds: number, hottest: number, hashing: boolean, health: readonly number[]): void {
    this.#duty =
      this.setting === "auto" ? this.#automatic(seconds, hottest, hashing) : this.setting;
    for (const [index, speed] of this.#speeds.entries()) {
      const aim = (this.#duty / 100) * (health[index] ?? 1);
      this.#speeds[index] = speed + (aim - speed) * -Math.expm1(-seconds / SPIN_TIME);
    }
  }

  #automatic(seconds: number, hottest: number, hashing: boolean): number {
    if (!hashing) return this.#spec.idleDuty;
    const within = (duty: number) => Math.min(100, Math.max(this.#spec.minDuty, duty));
    const excess = hottest - this.#target;
    // Far from the target the sum would wind up within seconds, and a cold start end in an overshoot.
    const summed = Math.max(-WINDUP, Math.min(WINDUP, excess));
    // Fans that are as slow as they may be cool no less by a lower sum; a cold start would only forget it.
    const isSlowest = this.#integral + PROPORTIONAL * excess < this.#spec.minDuty;
    if (!(isSlowest && excess < 0))
      this.#integral = within(this.#integral + INTEGRAL * summed * seconds);
    return within(this.#integral + PROPORTIONAL * excess);
  }
}
