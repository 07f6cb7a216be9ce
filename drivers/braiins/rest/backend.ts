// One conversation over the REST API.

import type { Setting } from "../../contract/controls.ts";
import { toText } from "../../contract/decoding.ts";
import type { Receipt } from "../../contract/driver.ts";
import { DeviceError } from "../../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../../contract/telemetry.ts";
import type { EpochMs } from "../../contract/units.ts";
import { type Backend, isDeadLink, problemOf } from "../backend.ts";
import type { Heard } from "../shapes.ts";
import type { Steering } from "../targets.ts";
import { perform } from "../writer.ts";
import type { RestClient } from "./client.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type Answer, type QuestionName, sourceOf } from "./wire.ts";

/** What moves from one look to the next. */
const LIVE = ["stats", "hashboards", "cooling", "tunerState"] as const;
const MINUTE = 60_000;
/** What people change is seen a minute later; what an update or a finished tuning changes, in five. */
const SIDE_PERIODS = [
  ["configuration", MINUTE],
  ["pools", MINUTE],
  ["locate", MINUTE],
  ["errors", MINUTE],
  ["targetProfiles", 5 * MINUTE],
  ["version", 15 * MINUTE],
  ["constraints", 15 * MINUTE],
] as const satisfies readonly (readonly [QuestionName, number])[];

export class RestBackend implements Backend {
  readonly #client: RestClient;
  readonly #now: () => EpochMs;
  readonly #steering: Steering;
  readonly #answers: { [Name in QuestionName]?: Heard<Answer<Name>> } = {};
  readonly #askedAt = new Map<QuestionName, EpochMs>();
  /** Questions that this release does not know. */
  readonly #missing = new Set<QuestionName>();
  #release: string | undefined;

  constructor(client: RestClient, steering: Steering, now: () => EpochMs) {
    this.#client = client;
    this.#steering = steering;
    this.#now = now;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    await this.#hear("details", signal);
    this.#checkRelease();
    const problems: ReadProblem[] = [];
    // An old temperature must not pass for a new one.
    for (const name of LIVE) delete this.#answers[name];
    for (const name of [...LIVE, ...this.#due()]) {
      if (this.#missing.has(name)) continue;
      await this.#hearSide(name, signal, problems);
      if (problems.some(isDeadLink)) break;
    }
    return decode(this.#known(), this.#now(), problems);
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const steps = encode(settings, this.#known()).map((order) => ({
      name: `${order.method} ${order.path}`,
      run: (until: AbortSignal) => this.#client.order(order, until),
    }));
    try {
      return await perform(steps, signal);
    } finally {
      for (const [name] of SIDE_PERIODS) this.#askedAt.delete(name);
    }
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #known() {
    return { answers: this.#answers, steering: this.#steering };
  }

  #checkRelease(): void {
    const details = this.#answers.details?.answer;
    if (details?.bos_version === undefined && details?.status === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "miner/details: neither a version nor a status");
    }
    const release = toText(details.bos_version?.current);
    if (release === this.#release) return;
    // After an update the machine may know more, or less.
    this.#release = release;
    this.#missing.clear();
    this.#askedAt.clear();
  }

  #due(): QuestionName[] {
    const now = this.#now();
    return SIDE_PERIODS.filter(([name, period]) => {
      const asked = this.#askedAt.get(name);
      return asked === undefined || now - asked >= period;
    }).map(([name]) => name);
  }

  async #hearSide(name: QuestionName, signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    try {
      await this.#hear(name, signal);
    } catch (error) {
      const problem = problemOf(sourceOf(name), error);
      if (problem.code === "UNSUPPORTED") this.#missing.add(name);
      else problems.push(problem);
    }
  }

  async #hear<Name extends QuestionName>(name: Name, signal: AbortSignal): Promise<void> {
    this.#askedAt.set(name, this.#now());
    const answer = await this.#client.ask(name, signal);
    Object.assign(this.#answers, { [name]: { answer, at: this.#now() } });
  }
}
