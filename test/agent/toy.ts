// A machine of five lines of physics: enough to see whether the head steers the right way.

import type { Controls, Setting, SettingValues } from "../../drivers/contract/controls.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { megahertz, millivolts } from "../../drivers/contract/units.ts";
import { Random } from "../sim/random.ts";
import { CONTROLS, START, telemetry } from "./example.ts";
import type { ToyMachine } from "./series.ts";

const CLIFF_PER_MHZ = 4.5;
const LOSS_PER_MV = 0.0005;

export class Toy implements ToyMachine {
  /** Board volts in mV. */
  voltage = 13_200;
  frequency = 540;
  fan: SettingValues["fan"] = "auto";
  asleep = false;
  /** Above this board voltage the chips deliver all they should, in mV at 540 MHz. */
  cliff = 12_850;
  ambient = 25;
  /** Takes every setting and does nothing. */
  deaf = false;
  /** Takes every setting but this one, and says so or not. */
  stubborn: Setting["knob"] | undefined;
  controls: Controls = CONTROLS;
  readonly written: Setting[] = [];
  #started = START - 3_600_000;
  readonly #random = new Random(7);

  constructor(change: Partial<Pick<Toy, "deaf" | "asleep" | "ambient" | "controls">> = {}) {
    Object.assign(this, change);
  }

  /** The miner program starts again by itself. */
  crash(at: number): void {
    this.#started = at;
  }

  read(at: number): Telemetry {
    const ideal = (this.frequency / 540) * 111;
    const power = this.#power();
    return telemetry({
      at,
      ideal,
      power,
      rate: this.asleep ? 0 : ideal * this.#delivered() * this.#noise(),
      activity: this.asleep ? "sleeping" : "hashing",
      uptime: at - this.#started,
      chip: Math.round(this.ambient + (this.asleep ? 0 : power / 70)),
      controls: this.controls,
      setpoint: {
        voltage: millivolts(this.voltage),
        frequency: megahertz(this.frequency),
        fan: this.fan,
        sleep: this.asleep,
      },
    });
  }

  write(settings: readonly Setting[]): void {
    this.written.push(...settings);
    if (this.deaf) return;
    for (const setting of settings) {
      if (setting.knob === this.stubborn) continue;
      if (setting.knob === "voltage") this.voltage = setting.value;
      if (setting.knob === "frequency") this.frequency = setting.value;
      if (setting.knob === "fan") this.fan = setting.value;
      if (setting.knob === "sleep") this.asleep = setting.value;
    }
  }

  #power(): number {
    const dynamic = (this.voltage / 13_200) ** 2 * (this.frequency / 540);
    return this.asleep ? 25 : (150 + 2335 * dynamic) * this.#noise();
  }

  #delivered(): number {
    const cliff = this.cliff - (540 - this.frequency) * CLIFF_PER_MHZ;
    return Math.max(0, 1 - Math.max(0, cliff - this.voltage) * LOSS_PER_MV);
  }

  #noise(): number {
    return this.#random.normal(1, 0.002);
  }
}
