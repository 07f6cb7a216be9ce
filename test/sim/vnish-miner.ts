// The firmware behind VNish's interface: what is stored, what is at work, and the states between.

import {
  type EpochMs,
  epochMs,
  megahertz,
  millivolts,
  percent,
} from "../../drivers/contract/units.ts";
import type { MinerPatch } from "../../drivers/vnish/wire.ts";
import type { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";
import { VnishChips } from "./vnish-chips.ts";
import { makePresets, type OperatingPoint, type Preset } from "./vnish-presets.ts";
import { firstSettings, type StoredMiner } from "./vnish-settings.ts";

export type MinerState =
  | "mining"
  | "initializing"
  | "starting"
  | "auto-tuning"
  | "restarting"
  | "shutting-down"
  | "stopped";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** A soft restart takes 15 to 20 s until it mines again. */
const SOFT = [5 * SECOND, 13 * SECOND] as const;
/** From the supply's start; assumed from boot logs of such machines. */
const COLD = [45 * SECOND, 20 * SECOND] as const;
const SHUT_DOWN = 5 * SECOND;
/** A capture shows one that is not finished after 74 minutes. */
export const TUNING = 100 * MINUTE;

interface Step {
  readonly at: number;
  readonly act: () => void;
}

export class VnishMiner {
  readonly plant: Plant;
  readonly presets: Preset[] = makePresets();
  readonly meters: readonly RateMeter[];
  readonly chips: VnishChips;
  stored: StoredMiner = firstSettings();
  /** Name of the preset at work, `disabled` for a point by hand. */
  active = this.stored.overclock.preset;
  state: MinerState = "mining";
  stateSince: number;
  restartRequired = false;
  /** Says yes to everything and takes nothing, as real ones do now and then. */
  deaf = false;
  #startedAt: number;
  #now: number;
  #steps: Step[] = [];
  #switchedAt: number;

  constructor(plant: Plant, now: EpochMs, byHand = false) {
    this.plant = plant;
    this.#now = now;
    this.#startedAt = now;
    this.#switchedAt = now;
    this.stateSince = now;
    this.chips = new VnishChips(plant, now);
    this.meters = plant.truth.boards.map(() => new RateMeter(now));
    this.#work(this.current?.tunedPoint);
    if (!byHand) return;
    this.stored.overclock.preset = "disabled";
    this.#apply();
  }

  /** Seconds. */
  get elapsed(): number {
    return Math.floor((this.#now - this.#startedAt) / SECOND);
  }

  get isHashing(): boolean {
    return this.state === "mining" || this.state === "auto-tuning";
  }

  get manual(): OperatingPoint {
    const { freq, volt } = this.stored.overclock.globals;
    return { frequency: freq, voltage: volt * 10 };
  }

  get current(): Preset | undefined {
    return this.#presetNamed(this.active);
  }

  advance(to: EpochMs): void {
    for (let step = this.#steps[0]; step !== undefined && step.at <= to; step = this.#steps[0]) {
      this.#steps.shift();
      this.#pass(step.at);
      step.act();
    }
    this.#pass(to);
    this.#followSwitcher();
  }

  /** What POST settings stores; says whether a restart is due. */
  store(patch: MinerPatch): void {
    if (this.deaf) return;
    const wanted = { ...this.stored.overclock, ...patch.overclock } as StoredMiner["overclock"];
    const known = wanted.preset === "disabled" || this.#presetNamed(wanted.preset) !== undefined;
    const before = this.stored.overclock;
    this.stored = {
      ...this.stored,
      ...(patch as Partial<StoredMiner>),
      cooling: { ...this.stored.cooling, ...patch.cooling } as StoredMiner["cooling"],
      overclock: {
        ...wanted,
        globals: { ...before.globals, ...patch.overclock?.globals } as typeof before.globals,
        preset: known ? wanted.preset : before.preset,
      },
    };
    this.#cool();
    if (patch.overclock !== undefined) this.#followOverclock();
  }

  stop(): void {
    this.#enter("shutting-down");
    this.plant.setHashing(false);
    this.#steps = [this.#step(SHUT_DOWN, () => this.#enter("stopped"))];
  }

  start(): void {
    if (this.state === "stopped" || this.state === "shutting-down") this.#begin(COLD);
  }

  restart(): void {
    this.#enter("restarting");
    this.#begin(SOFT, "restarting");
  }

  /** After a reboot; `downtime` ends now. */
  boot(): void {
    this.#begin(COLD);
  }

  /** Power off or rebooting. */
  halt(): void {
    this.#steps = [];
    this.plant.setHashing(false);
  }

  #begin([first, second]: readonly [number, number], word: MinerState = "initializing"): void {
    this.#enter(word);
    this.plant.setHashing(false);
    this.#startedAt = this.#now;
    for (const meter of this.meters) meter.reset(epochMs(this.#now));
    this.#steps = [
      this.#step(first, () => this.#enter("starting")),
      this.#step(first + second, () => {
        this.plant.setHashing(true);
        this.#cool();
        this.restartRequired = false;
        this.#apply();
      }),
    ];
  }

  /** Presets act at once; figures by hand wait for the next start. */
  #followOverclock(): void {
    const { preset } = this.stored.overclock;
    if (preset === "disabled") {
      this.restartRequired = true;
    } else if (preset !== this.active) {
      this.restartRequired = false;
      if (this.isHashing) this.#apply();
    }
  }

  #apply(): void {
    this.#steps = [];
    this.active = this.stored.overclock.preset;
    const preset = this.current;
    if (preset === undefined) {
      this.#enter("mining");
      this.#workByHand();
    } else if (preset.tuned) {
      this.#enter("mining");
      this.#work(preset.tunedPoint);
    } else {
      this.#enter("auto-tuning");
      this.#work(preset.firstPoint);
      this.#steps = [
        this.#step(TUNING, () => {
          preset.tuned = true;
          this.#apply();
        }),
      ];
    }
  }

  #work(point: OperatingPoint | undefined): void {
    if (point === undefined) return;
    this.chips.level();
    this.plant.setFrequency(megahertz(point.frequency));
    this.plant.setVoltage(millivolts(point.voltage));
  }

  #workByHand(): void {
    this.#work(this.manual);
    this.chips.setApart(this.stored);
  }

  #cool(): void {
    const { name, param } = this.stored.cooling.mode;
    this.plant.setFanDuty(name === "manual" ? percent(param) : "auto");
  }

  /** One preset down when hot, one up when cool, within its bounds. */
  #followSwitcher(): void {
    const { enabled, check_time, decrease_temp, rise_temp, min_preset, top_preset } =
      this.stored.overclock.preset_switcher;
    const due = this.#now - this.#switchedAt >= check_time * SECOND;
    const place = this.presets.findIndex(({ name }) => name === this.active);
    if (!enabled || !due || place < 0 || !this.isHashing) return;
    this.#switchedAt = this.#now;
    const hottest = Math.max(...this.plant.truth.boards.map((board) => board.chipTemperature));
    const move = hottest >= decrease_temp ? -1 : hottest <= rise_temp ? 1 : 0;
    const next = this.presets[place + move];
    const within =
      Number(next?.name) >= Number(min_preset) && Number(next?.name) <= Number(top_preset);
    if (move === 0 || next === undefined || !within) return;
    // The stored choice stays what people chose.
    this.active = next.name;
    this.#work(next.tuned ? next.tunedPoint : next.firstPoint);
  }

  #presetNamed(name: string): Preset | undefined {
    return this.presets.find((preset) => preset.name === name);
  }

  #step(after: number, act: () => void): Step {
    return { at: this.#now + after, act };
  }

  #enter(state: MinerState): void {
    this.state = state;
    this.stateSince = this.#now;
  }

  #pass(to: number): void {
    this.#now = Math.max(this.#now, to);
    this.plant.advance(epochMs(this.#now));
    for (const [board, meter] of this.meters.entries()) {
      meter.add(this.plant.counted(board), epochMs(this.#now));
    }
  }
}
