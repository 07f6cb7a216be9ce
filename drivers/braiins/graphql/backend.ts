// One conversation over GraphQL.

import type { Setting } from "../../contract/controls.ts";
import { toMac, toText } from "../../contract/decoding.ts";
import type { Receipt } from "../../contract/driver.ts";
import { DeviceError } from "../../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../../contract/telemetry.ts";
import type { EpochMs } from "../../contract/units.ts";
import { type Backend, isDeadLink, problemOf } from "../backend.ts";
import type { Heard } from "../shapes.ts";
import { perform } from "../writer.ts";
import type { GraphqlClient } from "./client.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type Answer, LAN_PAGE, type QuestionName, sourceOf } from "./wire.ts";

/** What moves from one look to the next. */
const LIVE = ["boards", "progress"] as const;
const MINUTE = 60_000;
/** What people change is seen a minute later; what an update changes, in a quarter of an hour. */
const SIDE_PERIODS = [
  ["tuning", MINUTE],
  ["settings", MINUTE],
  ["pools", MINUTE],
  ["events", MINUTE],
  ["model", 15 * MINUTE],
  ["identity", 15 * MINUTE],
  ["limits", 15 * MINUTE],
] as const satisfies readonly (readonly [QuestionName, number])[];

export class GraphqlBackend implements Backend {
  readonly #client: GraphqlClient;
  readonly #now: () => EpochMs;
  readonly #answers: { [Name in QuestionName]?: Heard<Answer<Name>> } = {};
  readonly #askedAt = new Map<QuestionName, EpochMs>();
  /** Questions that this release does not know. */
  readonly #missing = new Set<QuestionName>();
  #release: string | undefined;
  #mac: string | undefined;
  #macAsked = false;

  constructor(client: GraphqlClient, now: () => EpochMs) {
    this.#client = client;
    this.#now = now;
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const problems: ReadProblem[] = [];
    await this.#hearSystem(signal, problems);
    // An old temperature must not pass for a new one.
    for (const name of LIVE) delete this.#answers[name];
    for (const name of [...LIVE, ...this.#due()]) {
      if (this.#missing.has(name)) continue;
      await this.#hearSide(name, signal, problems);
      if (problems.some(isDeadLink)) break;
    }
    if (!problems.some(isDeadLink)) await this.#hearMac(signal, problems);
    return decode(this.#known(), this.#now(), problems);
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const steps = encode(settings, this.#known()).map((order) => ({
      name: order.name,
      run: (until: AbortSignal) => this.#client.order(order, until),
    }));
    try {
      return await perform(steps, signal);
    } finally {
      for (const [name] of SIDE_PERIODS) this.#askedAt.delete(name);
    }
  }

  async close(): Promise<void> {
    await this.#client.close(AbortSignal.timeout(LOGOUT_LIMIT));
  }

  #known() {
    return { answers: this.#answers, mac: this.#mac };
  }

  /** A stopped miner program leaves its half of the answer empty, with an error beside it. */
  async #hearSystem(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    const { answer, failure } = await this.#client.ask("system", signal);
    if (answer.bos === undefined) {
      throw failure ?? new DeviceError("UNEXPECTED_SHAPE", "system: the answer has no bos");
    }
    if (failure !== undefined) problems.push(problemOf(sourceOf("system"), failure));
    this.#answers.system = { answer, at: this.#now() };
    const release = toText(answer.bos.info?.version?.full);
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
    this.#askedAt.set(name, this.#now());
    try {
      const { answer, failure } = await this.#client.ask(name, signal);
      if (failure !== undefined) throw failure;
      Object.assign(this.#answers, { [name]: { answer, at: this.#now() } });
    } catch (error) {
      const problem = problemOf(sourceOf(name), error);
      if (problem.code === "UNSUPPORTED") this.#missing.add(name);
      else problems.push(problem);
    }
  }

  /** Once: an address does not change. */
  async #hearMac(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    const told = toMac(this.#answers.identity?.answer.bos?.macAddress);
    if (told !== undefined || this.#macAsked) return;
    this.#macAsked = true;
    try {
      this.#mac = await this.#client.lanAddress(signal);
    } catch (error) {
      problems.push(problemOf(LAN_PAGE, error));
    }
  }
}

/** Milliseconds of real time. */
const LOGOUT_LIMIT = 1000;
