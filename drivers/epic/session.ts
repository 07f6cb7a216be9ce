// One conversation with one machine on PowerPlay: a summary a look, the rest now and then.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { type ClientOptions, EpicClient } from "./client.ts";
import { decodeControls } from "./controls.ts";
import { decode } from "./decode.ts";
import { sensorHeat } from "./decode-boards.ts";
import { autoFanOf, encode } from "./encode.ts";
import { modelOf } from "./identity.ts";
import type { Heard, Known } from "./known.ts";
import { validate } from "./validate.ts";
import type { Answer, OrderParam, QuestionName } from "./wire.ts";
import { perform } from "./writer.ts";

type SideQuestion = Exclude<QuestionName, "summary">;

const MINUTE = 60_000;
/** Milliseconds between two of the same question. */
const PERIODS: Readonly<Record<SideQuestion, number>> = {
  // Only an update, another board or another supply changes it.
  capabilities: 15 * MINUTE,
  network: 15 * MINUTE,
  // summary tells the hottest sensor of every board that is on; this adds those that are off.
  temps: MINUTE,
  // Machines without chip sensors answer a list of zeros: see #periodOf.
  "temps/chip": 15 * MINUTE,
  // One line a chip, over minutes: a chip that dies is seen soon enough.
  hashrate: 5 * MINUTE,
  // The read-back of offsets; only an order of ours or the governor changes it.
  clocks: 2 * MINUTE,
};
const SIDE_QUESTIONS = Object.keys(PERIODS) as SideQuestion[];
/** Boards that stand still tell nothing of their chips. */
const HASHING_ONLY: ReadonlySet<SideQuestion> = new Set(["hashrate", "clocks"]);
/** Without it nothing can be tuned: it is asked again sooner than it changes. */
const RETRY = MINUTE;
/** A machine that is this slow is not asked for the rest in the same look. */
const STOPPERS: ReadonlySet<string> = new Set(["NO_REPLY", "UNREACHABLE", "CONNECTION_LOST"]);

export class EpicSession implements Session {
  readonly #client: EpicClient;
  readonly #now: Ports["now"];
  #known: { -readonly [Name in keyof Known]: Known[Name] } = {};
  readonly #askedAt = new Map<SideQuestion, EpochMs>();
  /** Questions that this build does not know. */
  readonly #missing = new Set<SideQuestion>();
  #autoFan: OrderParam["fanspeed"] | undefined;
  #last: Telemetry | undefined;

  constructor(options: ClientOptions, ports: Ports) {
    this.#client = new EpicClient(options);
    this.#now = ports.now;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    await this.#hearSummary(signal);
    const problems = await this.#hearSides(signal);
    this.#last = decode(this.#known, {
      at: this.#now(),
      problems,
      writable: this.#client.writable,
    });
    return this.#last;
  }

  /** A point that the governor has moved since the last look must not be sent back: it looks again. */
  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    if (!this.#client.writable) {
      throw new DeviceError("UNAUTHORIZED", "password: not set for this device; nothing was sent");
    }
    const last = this.#last ?? (await this.read(signal));
    validate(settings, last.controls);
    await this.#hearSummary(signal);
    validate(settings, decodeControls(this.#known, modelOf(this.#known), true));
    const autoFan = this.#autoFan === undefined ? {} : { autoFan: this.#autoFan };
    const orders = encode(settings, { known: this.#known, ...autoFan });
    // What they do to the clocks shows at the next look.
    this.#askedAt.delete("clocks");
    return await perform(this.#client, orders, signal);
  }

  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  async #hearSummary(signal: AbortSignal): Promise<void> {
    const answer = await this.#client.ask("summary", signal);
    const told = answer.Status ?? answer.HBs ?? answer.Session ?? answer.Software;
    if (told === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "summary: nothing in it is known");
    }
    this.#known.summary = { answer, at: this.#now() };
    this.#autoFan = autoFanOf(answer) ?? this.#autoFan;
    // Rates of chips from before it stopped would pass for those of now.
    if (this.#isHashing()) return;
    delete this.#known.hashrate;
    delete this.#known.clocks;
  }

  async #hearSides(signal: AbortSignal): Promise<ReadProblem[]> {
    const problems: ReadProblem[] = [];
    for (const name of SIDE_QUESTIONS.filter((question) => this.#isDue(question))) {
      this.#askedAt.set(name, this.#now());
      try {
        await this.#hear(name, signal);
      } catch (error) {
        const problem = problemOf(name, error);
        problems.push(problem);
        if (STOPPERS.has(problem.code)) break;
      }
    }
    return problems;
  }

  async #hear(name: SideQuestion, signal: AbortSignal): Promise<void> {
    const answer = await this.#client.ask(name, signal);
    this.#keep(name, { answer, at: this.#now() });
  }

  #keep<Name extends SideQuestion>(name: Name, heard: Heard<Answer<Name>>): void {
    this.#known = { ...this.#known, [name]: heard };
  }

  #isDue(name: SideQuestion): boolean {
    if (this.#missing.has(name) || (HASHING_ONLY.has(name) && !this.#isHashing())) return false;
    const asked = this.#askedAt.get(name);
    return asked === undefined || this.#now() - asked >= this.#periodOf(name);
  }

  #periodOf(name: SideQuestion): number {
    if (this.#known[name] === undefined) return RETRY;
    const chips = sensorHeat(this.#known["temps/chip"], "temps/chip").size > 0;
    return name === "temps/chip" && chips ? 0 : PERIODS[name];
  }

  #isHashing(): boolean {
    return this.#known.summary?.answer.Status?.["Operating State"] === "Mining";
  }
}

/** A side answer that failed is told with the rest; an abort ends the reading. */
function problemOf(source: string, error: unknown): ReadProblem {
  if (!isDeviceError(error) || error.code === "ABORTED") throw error;
  return { code: error.code, source, message: error.message };
}
