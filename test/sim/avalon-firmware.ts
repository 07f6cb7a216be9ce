// What the firmware of an Avalon Q does with its board: modes, sleep, fans, restarts. Time passes only when
// somebody asks.

import {
  type Celsius,
  celsius,
  type EpochMs,
  epochMs,
  percent,
} from "../../drivers/contract/units.ts";
import { AVALON_Q, Q_MODES } from "./avalon-plant.ts";
import { Plant } from "./plant.ts";
import { RateMeter } from "./rate-meter.ts";

/** Names of `Work: In ..` by number. */
export const STATES = ["Init", "Work", "Idle", "Fault"] as const;

const SECOND = 1000;
/** Assumed: a mode change stops hashing for a minute and tunes for three more ("minutes"). */
const INIT_TIME = 60 * SECOND;
const TUNING_TIME = 180 * SECOND;
const BOOT_TIME = 45 * SECOND;
const GRAIN = 5 * SECOND;

interface Event {
  readonly at: number;
  readonly run: () => void;
}

export class AvalonFirmware {
  readonly plant: Plant;
  readonly meter: RateMeter;
  mode = 1;
  target: Celsius;
  fan: number | "auto" = "auto";
  state: number = STATES.indexOf("Work");
  /** 1: its own tuning is finished. */
  adjusted = 1;
  softOff = 0;
  softOffTime = 0;
  softOnTime = 0;
  bootedAt: EpochMs;
  /** Nothing answers before. */
  offlineUntil = 0;
  /** Called when the machine has started again. */
  onBoot: () => void = () => {};
  #events: Event[] = [];
  #integral = AVALON_Q.stock.fanDuty;

  constructor(seed: number, now: EpochMs) {
    this.plant = new Plant(AVALON_Q, { seed, now });
    this.meter = new RateMeter(now);
    this.bootedAt = now;
    this.target = this.#modeNow.target;
  }

  get #modeNow() {
    const mode = Q_MODES[this.mode];
    if (mode === undefined) throw new RangeError(`mode: ${this.mode}`);
    return mode;
  }

  /** Everything that happened up to `to`, in order. */
  advance(to: EpochMs): void {
    let at: number = this.plant.truth.at;
    while (at < to) {
      const next = this.#events.reduce<number>((soonest, event) => Math.min(soonest, event.at), to);
      at = Math.max(at, Math.min(at + GRAIN, next));
      this.plant.advance(epochMs(at));
      this.#turnFans(GRAIN / SECOND);
      this.#count(at);
      const due = this.#events.filter((event) => event.at <= at);
      this.#events = this.#events.filter((event) => event.at > at);
      for (const event of due) event.run();
    }
    // A bench may have moved the plant by itself.
    this.#count(to);
  }

  #count(at: number): void {
    if (at >= this.bootedAt) this.meter.add(this.plant.counted(0), epochMs(at));
  }

  setMode(mode: number, now: EpochMs): void {
    // The firmware says OK to the mode that it is in, and does nothing.
    if (mode === this.mode) return;
    this.mode = mode;
    this.target = this.#modeNow.target;
    this.plant.setFrequency(this.#modeNow.frequency);
    this.plant.setVoltage(this.#modeNow.voltage);
    this.adjusted = 0;
    this.#start(now);
    this.#later(now + INIT_TIME + TUNING_TIME, () => {
      this.adjusted = 1;
    });
  }

  /** A moment that has passed is accepted and forgotten. */
  scheduleOff(unix: number, now: EpochMs): void {
    if (unix * SECOND <= now) return;
    this.softOffTime = unix;
    this.#later(unix * SECOND, () => {
      this.#events = [];
      this.plant.setHashing(false);
      this.state = STATES.indexOf("Idle");
      this.softOff = 4;
      this.adjusted = 1;
    });
  }

  scheduleOn(unix: number, now: EpochMs): void {
    if (unix * SECOND <= now || this.state !== STATES.indexOf("Idle")) return;
    this.softOnTime = unix;
    this.#later(unix * SECOND, () => this.#start(epochMs(unix * SECOND)));
  }

  reboot(delay: number, now: EpochMs): void {
    const back = now + delay * SECOND + BOOT_TIME;
    this.#events = [];
    this.plant.setHashing(false);
    this.offlineUntil = back;
    this.bootedAt = epochMs(back);
    this.#later(back, () => {
      this.fan = "auto";
      this.target = this.#modeNow.target;
      this.adjusted = 1;
      this.meter.add(this.plant.counted(0), epochMs(back));
      this.meter.reset(epochMs(back));
      this.onBoot();
      this.#start(epochMs(back));
    });
  }

  #start(now: number): void {
    this.plant.setHashing(false);
    this.state = STATES.indexOf("Init");
    this.softOff = 0;
    this.#later(now + INIT_TIME, () => {
      this.state = STATES.indexOf("Work");
      this.plant.setHashing(true);
    });
  }

  #later(at: number, run: () => void): void {
    this.#events.push({ at, run });
    this.#events.sort((a, b) => a.at - b.at);
  }

  /** The plant's own control aims at one temperature; this firmware's aim is a setting. */
  #turnFans(seconds: number): void {
    if (!this.plant.truth.hashing) {
      this.plant.setFanDuty("auto");
      return;
    }
    if (this.fan !== "auto") {
      this.plant.setFanDuty(percent(this.fan));
      return;
    }
    const hottest = Math.max(...this.plant.truth.boards.map((board) => board.chipTemperature));
    const within = (duty: number) => Math.min(100, Math.max(AVALON_Q.fans.minDuty, duty));
    const excess = hottest - celsius(this.target);
    this.#integral = within(this.#integral + 0.01 * excess * seconds);
    this.plant.setFanDuty(percent(within(this.#integral + excess)));
  }
}
