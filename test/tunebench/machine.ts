// A machine on the bench: the contract's Session over a plant, without a wire. The wire protocols have
// their own suites; here thousands of machine-days must pass within minutes.

import type { Controls, Setting } from "../../drivers/contract/controls.ts";
import type { Receipt, Session } from "../../drivers/contract/driver.ts";
import { DeviceError } from "../../drivers/contract/errors.ts";
import type { Activity, Reading, Telemetry } from "../../drivers/contract/telemetry.ts";
import {
  type Celsius,
  celsius,
  type EpochMs,
  epochMs,
  hashesPerSecond,
  megahertz,
  milliseconds,
  millivolts,
  percent,
  watts,
} from "../../drivers/contract/units.ts";
import { Plant } from "../sim/plant.ts";
import type { Random } from "../sim/random.ts";
import { type Actuator, createActuator } from "./actuator.ts";
import type { MachineClass } from "./class.ts";
import { createNonceCounter, drawMeter } from "./gauges.ts";
import { boardFigures, ChipCounter } from "./per-chip.ts";

/** Seconds of one step of the physics: a fifth of the chips' time constant. */
const STEP = 10;
const MINUTE = 60_000;
/** Celsius of the hottest chip at which every firmware stops by itself, and for how long: assumed. */
const TRIP = 110;
const TRIP_SECONDS = 600;

export interface MachineOptions {
  readonly seed: number;
  readonly now: () => EpochMs;
  readonly inlet: (at: EpochMs) => Celsius;
  /** Changes what the machine tells: lying watts, dead sensors. */
  readonly distort?: (telemetry: Telemetry, at: EpochMs) => Telemetry | DeviceError;
}

export class BenchMachine implements Session {
  readonly plant: Plant;
  readonly actuator: Actuator;
  /** Accepted writes. */
  writes = 0;
  readonly #kind: MachineClass;
  readonly #options: MachineOptions;
  readonly #noise: Random;
  readonly #bias: number;
  readonly #counters: readonly ChipCounter[];
  readonly #rate: ReturnType<typeof createNonceCounter>;
  #asleep = false;
  #startedAt: EpochMs;
  #deadUntil: EpochMs;
  #governedAt: EpochMs;

  constructor(kind: MachineClass, options: MachineOptions) {
    const now = options.now();
    this.#kind = kind;
    this.#options = options;
    const meter = drawMeter(kind, options.seed);
    this.#noise = meter.random;
    this.#bias = meter.scale;
    this.plant = new Plant(kind.spec, {
      seed: options.seed,
      now,
      inlet: options.inlet,
      spread: kind.spread,
      step: STEP,
    });
    this.actuator = createActuator(kind, this.plant);
    this.#counters =
      kind.interface.kind === "per-chip"
        ? Array.from({ length: kind.spec.boards }, (_, board) => new ChipCounter(this.plant, board))
        : [];
    this.#startedAt = now;
    this.#deadUntil = now;
    this.#governedAt = now;
    this.#rate = createNonceCounter(this.plant, now);
  }

  get dead(): boolean {
    return this.#options.now() < this.#deadUntil;
  }

  get asleep(): boolean {
    return this.#asleep;
  }

  /** Without noise, W: what its meter stands for. */
  get toldWatts(): number {
    const { wallPower, psuOutput } = this.plant.truth;
    return (this.#kind.basis === "psu" ? wallPower : psuOutput) * this.#bias;
  }

  /** Power cut: what is not saved is lost, mining starts again after the dead time. */
  reboot(): void {
    this.advance();
    this.actuator.reset();
    this.#asleep = false;
    this.#startedAt = this.#options.now();
    this.#stop(Math.max(120, this.#kind.deadTime));
  }

  /** Brings the physics up to now. */
  advance(): void {
    const now = this.#options.now();
    if (!this.#asleep && this.#deadUntil > this.plant.truth.at && now >= this.#deadUntil) {
      this.plant.advance(this.#deadUntil);
      this.plant.setHashing(true);
    }
    this.plant.advance(now);
    if (this.dead || this.#asleep) return;
    const { boards } = this.plant.truth;
    if (boards.some((board) => board.chipTemperature >= TRIP)) this.#stop(TRIP_SECONDS);
    else if (now - this.#governedAt >= MINUTE) {
      this.#governedAt = now;
      this.actuator.govern();
    }
  }

  // Within the executor, so that what is thrown rejects.
  read(): Promise<Telemetry> {
    return new Promise((resolve) => resolve(this.#read()));
  }

  write(settings: readonly Setting[]): Promise<Receipt> {
    return new Promise((resolve) => resolve(this.#write(settings)));
  }

  #read(): Telemetry {
    this.advance();
    const told = this.#telemetry(this.#options.now());
    const distorted = this.#options.distort?.(told, told.at) ?? told;
    if (distorted instanceof DeviceError) throw distorted;
    return distorted;
  }

  #write(settings: readonly Setting[]): Receipt {
    this.advance();
    if (this.dead) throw new DeviceError("REJECTED", "the miner is starting");
    const problems = settings.map((setting) => this.#problem(setting));
    const problem = problems.find((words) => words !== undefined);
    if (problem !== undefined) throw new DeviceError("INVALID_SETTING", problem);
    this.writes += 1;
    for (const setting of settings) {
      if (setting.knob === "sleep") this.#sleep(setting.value);
      else this.#stop(this.actuator.apply(setting));
    }
    return { answer: "accepted", detail: "ok" };
  }

  async close(): Promise<void> {}

  #problem(setting: Setting): string | undefined {
    if (setting.knob === "sleep")
      return this.#kind.wakeTime === undefined ? "sleep is not offered" : undefined;
    return this.#asleep ? "the miner sleeps" : this.actuator.problem(setting);
  }

  #sleep(asleep: boolean): void {
    if (asleep === this.#asleep) return;
    this.#asleep = asleep;
    this.#deadUntil = this.#options.now();
    this.plant.setHashing(false);
    if (!asleep) this.#stop(this.#kind.deadTime + (this.#kind.wakeTime ?? 0));
  }

  get #controls(): Controls {
    const { wakeTime, deadTime } = this.#kind;
    const { controls } = this.actuator;
    if (wakeTime === undefined) return controls;
    const settles = milliseconds((deadTime + wakeTime + 60) * 1000);
    return { ...controls, sleep: { effect: { settles, restarts: true, persists: false } } };
  }

  #activity(): Activity {
    if (this.#asleep) return "sleeping";
    return this.dead ? "starting" : "hashing";
  }

  #stop(seconds: number): void {
    if (seconds <= 0) return;
    this.#deadUntil = epochMs(Math.max(this.#deadUntil, this.#options.now() + seconds * 1000));
    this.plant.setHashing(false);
  }

  #telemetry(at: EpochMs): Telemetry {
    const truth = this.plant.truth;
    const reading = <Value>(value: Value): Reading<Value> => ({
      value,
      at,
      source: "bench",
      quality: "ok",
    });
    const { rate, window } = this.#rate(at);
    const power = this.toldWatts * (1 + this.#noise.normal(0, this.#kind.powerNoise));
    const hottest = Math.max(...truth.boards.map((board) => board.chipTemperature));
    const board = Math.max(...truth.boards.map((each) => each.boardTemperature));
    const ideal = truth.boards.reduce((sum, each) => sum + each.ideal, 0);
    const fan = truth.fans[0];
    return {
      at,
      identity: {
        vendor: "Bench",
        firmware: "bench",
        model: this.#kind.spec.name,
        modelKnown: true,
        serial: String(this.#options.seed),
      },
      algorithm: this.#kind.spec.algorithm,
      activity: reading(this.#activity()),
      hashrate: {
        now: { ...reading(hashesPerSecond(rate)), window: milliseconds(window) },
        ideal: reading(hashesPerSecond(ideal)),
      },
      power: {
        ...reading(watts(power > 100 ? Math.round(power) : Math.round(power * 100) / 100)),
        basis: this.#kind.basis,
      },
      temperature: {
        chip: reading(celsius(Math.round(hottest))),
        board: reading(celsius(Math.round(board))),
        inlet: reading(celsius(Math.round(truth.inlet))),
      },
      fans:
        fan === undefined
          ? []
          : [{ index: 0, speed: reading(fan.rpm), duty: reading(percent(Math.round(fan.duty))) }],
      boards: truth.boards.map((each, index) => ({
        index,
        frequency: reading(megahertz(each.frequency)),
        voltage: reading(millivolts(each.voltage)),
        hardwareErrors: reading(this.plant.errors(index)),
        ...boardFigures(this.#counters[index], window, reading),
      })),
      pools: [],
      setpoint: {
        ...this.actuator.setpoint(reading),
        ...(this.#kind.wakeTime === undefined ? {} : { sleep: reading(this.#asleep) }),
      },
      controls: this.#controls,
      faults: [],
      problems: [],
      uptime: reading(milliseconds(at - this.#startedAt)),
    };
  }
}
