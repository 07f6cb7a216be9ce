// ESP-Miner's own behaviour around the physics: settings in flash, ramps, pause, overheat, restarts. Time
// comes from the caller alone; what happened since the last look is caught up at the next one.

import type { SettingsPatch } from "../../drivers/bitaxe/wire.ts";
import {
  type EpochMs,
  epochMs,
  type Megahertz,
  megahertz,
  millivolts,
  percent,
} from "../../drivers/contract/units.ts";
import type { Plant } from "./plant.ts";

const SECOND = 1000;
/** `frequency_transition_bmXX.c`: 6.25 MHz each 100 ms, up from 50 MHz at a start. */
const RAMP_MHZ_PER_MS = 6.25 / 100;
const START_FREQUENCY = 50;
/** The answer is out before the chip restarts; boot and WLAN take the rest (assumed). */
const LAST_WORDS = SECOND;
const BOOT = 15 * SECOND;
/** `power_management_task.c`: above 75 Celsius off for at least 30 s, then 100 MHz and 100 mV less. */
const THROTTLE = 75;
const COOLING = 30 * SECOND;
const REDUCTION = 100;
const WATCH = 2 * SECOND;

export interface Settings {
  frequency: number;
  coreVoltage: number;
  autofanspeed: boolean;
  manualFanSpeed: number;
}

/** Epoch milliseconds of the two ends of a restart. */
interface Restart {
  readonly downAt: number;
  readonly upAt: number;
}

export class BitaxeMiner {
  readonly settings: Settings;
  paused = false;
  readonly #plant: Plant;
  #bootedAt: number;
  #ramp: { readonly from: number; readonly at: number };
  #restart: Restart | undefined;
  #overheatedAt: number | undefined;
  #now: number;
  #applied = "";

  constructor(plant: Plant, now: EpochMs) {
    this.#plant = plant;
    this.#now = now;
    this.#bootedAt = now;
    const { frequency, voltage } = plant.spec.stock;
    this.settings = {
      frequency,
      coreVoltage: voltage,
      autofanspeed: true,
      manualFanSpeed: 100,
    };
    this.#ramp = { from: frequency, at: now };
  }

  get uptimeSeconds(): number {
    return Math.floor((this.#now - this.#bootedAt) / SECOND);
  }

  get overheated(): boolean {
    return this.#overheatedAt !== undefined;
  }

  /** Between the last answer and the end of the boot nothing answers. */
  get down(): boolean {
    return this.#restart !== undefined && this.#now >= this.#restart.downAt;
  }

  /** MHz; 50 while the chips are off. */
  get actualFrequency(): Megahertz {
    if (!this.hashing) return megahertz(START_FREQUENCY);
    const { from, at } = this.#ramp;
    const far = this.settings.frequency - from;
    const gone = Math.min(Math.abs(far), (this.#now - at) * RAMP_MHZ_PER_MS);
    return megahertz(from + Math.sign(far) * gone);
  }

  get hashing(): boolean {
    return !this.paused && !this.overheated && !this.down;
  }

  advance(now: EpochMs): void {
    const restart = this.#restart;
    if (restart !== undefined && this.#now < restart.downAt && now >= restart.downAt) {
      this.#moveTo(restart.downAt);
      this.#apply();
    }
    if (restart !== undefined && now >= restart.upAt) {
      this.#moveTo(restart.upAt);
      this.#boot();
    }
    this.#finishRamp(now);
    // Heat is watched all the time, not only when somebody looks; what a test has run the plant through
    // without the firmware is past.
    this.#moveTo(Math.min(now, Math.max(this.#now, this.#plant.truth.at)));
    while (now - this.#now > WATCH) {
      this.#moveTo(this.#now + WATCH);
      this.#protect();
    }
    this.#moveTo(now);
    this.#protect();
  }

  /** Only the names that this build knows; false when one of them has a wrong value, and nothing acts. */
  patch(body: SettingsPatch): boolean {
    const { frequency, coreVoltage, autofanspeed, manualFanSpeed } = body;
    const fits =
      within(frequency, 1, 65_535) &&
      within(coreVoltage, 1, 65_535) &&
      within(autofanspeed, 0, 1) &&
      within(manualFanSpeed, 0, 100);
    if (!fits) return false;
    const from = this.actualFrequency;
    if (coreVoltage !== undefined) this.settings.coreVoltage = Math.trunc(coreVoltage);
    if (frequency !== undefined && frequency !== this.settings.frequency) {
      this.settings.frequency = frequency;
      this.#ramp = { from, at: this.#now };
    }
    if (autofanspeed !== undefined) this.settings.autofanspeed = autofanspeed !== 0;
    if (manualFanSpeed !== undefined) this.settings.manualFanSpeed = Math.trunc(manualFanSpeed);
    this.#apply();
    return true;
  }

  pause(paused: boolean): void {
    if (this.paused && !paused) this.#rampFromStart();
    this.paused = paused;
    this.#apply();
  }

  restart(): void {
    const downAt = this.#now + LAST_WORDS;
    this.#restart = { downAt, upAt: downAt + BOOT };
  }

  #boot(): void {
    this.#restart = undefined;
    this.#bootedAt = this.#now;
    this.#overheatedAt = undefined;
    this.paused = false;
    this.#rampFromStart();
    this.#apply();
  }

  #rampFromStart(): void {
    this.#ramp = { from: START_FREQUENCY, at: this.#now };
  }

  /** So that what follows the ramp is computed at its end and not somewhere on it. */
  #finishRamp(now: number): void {
    const { from, at } = this.#ramp;
    const end = at + Math.abs(this.settings.frequency - from) / RAMP_MHZ_PER_MS;
    if (end > this.#now && end < now) this.#moveTo(end);
  }

  #moveTo(at: number): void {
    this.#plant.advance(epochMs(at));
    this.#now = Math.max(this.#now, at);
    this.#apply();
  }

  #protect(): void {
    const hot = this.#plant.truth.boards[0]?.chipTemperature ?? 0;
    if (this.hashing && hot > THROTTLE) {
      this.#overheatedAt = this.#now;
      this.settings.autofanspeed = false;
      this.settings.manualFanSpeed = 100;
    } else if (this.#overheatedAt !== undefined && this.#now - this.#overheatedAt >= COOLING) {
      this.#overheatedAt = undefined;
      this.settings.frequency -= REDUCTION;
      this.settings.coreVoltage -= REDUCTION;
      this.#rampFromStart();
    }
    this.#apply();
  }

  /** To the plant, which solves its physics anew for each change. */
  #apply(): void {
    const { coreVoltage, autofanspeed, manualFanSpeed } = this.settings;
    const duty = autofanspeed ? "auto" : percent(manualFanSpeed);
    const state = `${this.hashing} ${coreVoltage} ${this.actualFrequency} ${duty}`;
    if (state === this.#applied) return;
    this.#applied = state;
    this.#plant.setHashing(this.hashing);
    this.#plant.setVoltage(millivolts(coreVoltage * this.#plant.spec.domains));
    this.#plant.setFrequency(this.actualFrequency);
    this.#plant.setFanDuty(duty);
  }
}

const within = (value: number | undefined, min: number, max: number): boolean =>
  value === undefined || (value >= min && value <= max);
