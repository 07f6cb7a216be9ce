// One hashboard of a plant: set-point, heat, nonces.

import {
  criticalVoltage,
  errorRate,
  hashRatio,
  leakagePower,
  type PlantSpec,
  switchingPower,
} from "./physics.ts";
import type { PlantChips } from "./plant-chips.ts";
import type { BoardUnit, Unit } from "./plant-unit.ts";
import type { Random } from "./random.ts";

/** K; the cliff moves by a fifth of a percent of its width within it. */
const TEMPERATURE_GRAIN = 0.02;

export class PlantBoard {
  /** MHz and chip volts. */
  frequency: number;
  volts: number;
  chip: number;
  sink: number;
  /** Chips that answer. */
  alive: number;
  /** Added to Vc of every chip, volts: ageing. */
  drift = 0;
  counted = 0;
  errors = 0;
  /** Watts of all chips, at the last step. */
  power = 0;
  ratio = 0;
  wrong = 0;
  /** Only where chips are set or counted one by one: most machines never are. */
  chips: PlantChips | undefined;
  readonly unit: BoardUnit;
  readonly #spec: PlantSpec;
  readonly #machine: Unit;
  #solvedFor = "";

  constructor(spec: PlantSpec, machine: Unit, unit: BoardUnit) {
    this.#spec = spec;
    this.#machine = machine;
    this.unit = unit;
    this.frequency = spec.stock.frequency;
    this.volts = spec.stock.voltage / 1000 / spec.domains;
    this.chip = spec.stock.chipTemperature;
    this.sink = spec.stock.chipTemperature;
    this.alive = spec.chipsPerBoard;
  }

  /** Hashes per second that the set-point promises of a complete board. */
  get ideal(): number {
    return this.#spec.chipsPerBoard * this.#spec.hashesPerMhzChip * this.meanFrequency;
  }

  /** MHz, of all chips. */
  get meanFrequency(): number {
    return this.frequency + (this.chips?.mean ?? 0);
  }

  /** Power and hash ratio at the present set-point and temperature. */
  solve(hashing: boolean): void {
    const { chip } = this.#spec.power;
    const frequency = this.meanFrequency;
    this.power = hashing
      ? this.alive *
        (this.#machine.switchingScale * switchingPower(chip, this.volts, frequency) +
          this.#machine.leakageScale * leakagePower(chip, this.volts, this.chip))
      : 0;
    const grain = Math.round(this.chip / TEMPERATURE_GRAIN);
    const key = `${this.frequency} ${this.volts} ${grain} ${this.alive} ${this.drift} ${hashing} ${this.chips?.version}`;
    if (key === this.#solvedFor) return;
    this.#solvedFor = key;
    this.#solveCliff(hashing);
  }

  #solveCliff(hashing: boolean): void {
    this.ratio = 0;
    this.wrong = 0;
    this.chips?.rates.fill(0);
    if (!hashing) return;
    if (this.chips !== undefined) {
      this.#solveChips(this.chips);
      return;
    }
    let delivered = 0;
    let wrong = 0;
    for (let index = 0; index < this.alive; index += 1) {
      const margin = this.margin(index);
      const ratio = hashRatio(this.#spec.cliff, margin);
      delivered += ratio;
      wrong += ratio * errorRate(margin);
    }
    this.ratio = delivered / this.#spec.chipsPerBoard;
    this.wrong = delivered > 0 ? wrong / delivered : 0;
  }

  /** The same, chips at their own frequencies. */
  #solveChips({ rates, offsets }: PlantChips): void {
    let delivered = 0;
    let wrong = 0;
    for (let index = 0; index < this.alive; index += 1) {
      const margin = this.margin(index);
      const frequency = this.frequency + (offsets[index] ?? 0);
      const rate = this.#spec.hashesPerMhzChip * frequency * hashRatio(this.#spec.cliff, margin);
      rates[index] = rate;
      delivered += rate;
      wrong += rate * errorRate(margin);
    }
    this.ratio = delivered / this.ideal;
    this.wrong = delivered > 0 ? wrong / delivered : 0;
  }

  /** Chip volts above Vc. */
  margin(chip: number): number {
    const cliff = { ...this.#spec.cliff, slope: this.#machine.slope };
    const frequency = this.frequency + (this.chips?.offsets[chip] ?? 0);
    const needed = criticalVoltage(cliff, frequency, this.chip);
    return this.volts - needed - this.drift - (this.unit.chipOffsets[chip] ?? 0);
  }

  /** Relaxes exactly towards the present equilibrium, so that no step length can make it swing. */
  warm(inlet: number, rise: number, seconds: number): void {
    const { sinkShare, sinkTime, chipTime } = this.#spec.thermal;
    const sinkEnd = inlet + sinkShare * rise;
    this.sink += (sinkEnd - this.sink) * -Math.expm1(-seconds / sinkTime);
    const chipEnd = this.sink + (1 - sinkShare) * rise;
    this.chip += (chipEnd - this.chip) * -Math.expm1(-seconds / chipTime);
  }

  /** Counts the nonces of `seconds`, with the noise of counting. */
  count(seconds: number, random: Random): void {
    this.chips?.pass(seconds);
    if (this.ratio <= 0) return;
    const work = this.#spec.difficulty * 2 ** 32;
    const expected = (this.ideal * this.ratio * seconds) / work;
    this.counted += random.poisson(expected) * work;
    this.errors += random.poisson(expected * this.wrong);
  }
}
