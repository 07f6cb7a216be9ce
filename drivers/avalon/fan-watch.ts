// What the fans are set to. No firmware tells it: FanR is the duty of this moment, whoever chose it. But a
// duty that somebody set does not move, and one that the firmware controls does not stand still for long.

import type { Percent } from "../contract/units.ts";

/** Rounding of FanR. */
const SAME = 0.5;

export class FanWatch {
  #commanded: Percent | undefined;
  #last: Percent | undefined;
  #automatic = false;

  /** After an accepted write. */
  commanded(value: Percent | "auto"): void {
    this.#automatic = false;
    this.#commanded = value === "auto" ? undefined : value;
  }

  /** A restart takes every manual duty away. */
  restarted(): void {
    this.#commanded = undefined;
    this.#automatic = false;
    this.#last = undefined;
  }

  /** The duty while hashing; fans of a sleeping machine stand still under either setting. */
  see(duty: Percent): void {
    const same = (other: Percent | undefined) =>
      other !== undefined && Math.abs(other - duty) <= SAME;
    if (same(this.#commanded)) this.#automatic = false;
    else if (this.#last !== undefined && !same(this.#last)) this.#automatic = true;
    this.#last = duty;
  }

  /** undefined while it cannot be told. */
  get setting(): Percent | "auto" | undefined {
    if (this.#automatic) return "auto";
    const { last, commanded } = { last: this.#last, commanded: this.#commanded };
    if (last === undefined || commanded === undefined) return undefined;
    return Math.abs(last - commanded) <= SAME ? commanded : last;
  }
}
