// One conversation with one VNish machine.

import type * as z from "zod";
import type { Setting } from "../contract/controls.ts";
import { toNumber } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { type Celsius, celsius, type EpochMs } from "../contract/units.ts";
import { filledPool, validate } from "../transport/order.ts";
import { type ClientOptions, VnishClient } from "./client.ts";
import { stateOf } from "./controls.ts";
import { decode } from "./decode.ts";
import { type ApiAddress, askElapsed } from "./elapsed.ts";
import { encode, isStored, type Plan } from "./encode.ts";
import { type Heard, type Known, minerOf, type Reports, SOURCES } from "./known.ts";
import { withoutScheme } from "./pool-url.ts";
import { isManual } from "./presets.ts";
import {
  FactoryInfo,
  Info,
  PerfSummary,
  Presets,
  Status,
  Settings as StoredSettings,
  Summary,
} from "./wire.ts";
import { ChipAnswer } from "./wire-chips.ts";
import { perform } from "./writer.ts";

type Side = Exclude<keyof Reports, "summary" | "elapsed">;

interface Question {
  readonly schema: z.ZodType;
  /** Milliseconds until it is asked again. */
  readonly period: number;
  readonly needsPassword?: true;
  /** A program that stands still tells nothing of its chips. */
  readonly hashingOnly?: true;
  /** Where it is found, the first that there is; default: its source. */
  readonly paths?: readonly string[];
}

const MINUTE = 60_000;
/** What people, the preset switcher and a finished tuning change; a minute is soon enough to see it. */
const SIDE: { readonly [Name in Side]: Question } = {
  info: { schema: Info, period: 15 * MINUTE },
  status: { schema: Status, period: MINUTE },
  perf: { schema: PerfSummary, period: MINUTE },
  settings: { schema: StoredSettings, period: MINUTE, needsPassword: true },
  presets: { schema: Presets, period: 5 * MINUTE, needsPassword: true },
  factory: { schema: FactoryInfo, period: 15 * MINUTE },
  chips: {
    schema: ChipAnswer,
    period: 5 * MINUTE,
    hashingOnly: true,
    paths: ["chains", "boards", "chips"],
  },
};
const SIDE_NAMES = Object.keys(SIDE) as readonly Side[];
/** A port that is closed or hangs must not cost its deadline at every reading. */
const ELAPSED_PAUSE = MINUTE;
const HANGS: ReadonlySet<DeviceErrorCode> = new Set(["NO_REPLY", "UNREACHABLE"]);

export interface SessionOptions extends ClientOptions {
  readonly port: number;
}

export class VnishSession implements Session {
  readonly #client: VnishClient;
  readonly #api: ApiAddress;
  readonly #now: Ports["now"];
  #known: Known = {};
  readonly #askedAt = new Map<Side, EpochMs>();
  /** Paths that this build does not have. */
  readonly #missing = new Set<Side>();
  readonly #paths = new Map<Side, string>();
  /** What was wrong when each was last asked. */
  readonly #failures = new Map<Side, ReadProblem>();
  readonly #spellings = new Map<string, string>();
  #elapsedFailure: { readonly at: EpochMs; readonly problem: ReadProblem } | undefined;
  #fanTarget: Celsius | undefined;
  #last: Telemetry | undefined;

  constructor(options: SessionOptions, ports: Ports) {
    const { host, port, deadline } = options;
    this.#now = ports.now;
    this.#client = new VnishClient(options, ports.now);
    this.#api = { host, port, deadline };
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const problems: ReadProblem[] = [];
    this.#keep("summary", await this.#client.get(Summary, SOURCES.summary, signal));
    // Without a miner program only the status tells what goes on.
    if (minerOf(this.#known) === undefined) this.#askedAt.delete("status");
    this.#dropChips();
    await this.#hearSide(signal, problems);
    if (minerOf(this.#known) === undefined && stateOf(this.#known) === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "summary: the answer has no miner");
    }
    await this.#hearElapsed(signal, problems);
    this.#last = decode(this.#known, this.#now(), problems, this.#spellings);
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const last = this.#last ?? (await this.read(signal));
    validate(settings, last.controls, { pool: filledPool("url", "user") });
    const plan = await this.#plan(settings, last, signal);
    try {
      const receipt = await perform(this.#client, plan, signal);
      this.#spell(settings);
      return receipt;
    } finally {
      for (const name of ["status", "perf", "settings", "presets"] as const) {
        this.#askedAt.delete(name);
      }
      this.#elapsedFailure = undefined;
    }
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /**
   * The settings are read anew: what somebody else changed meanwhile must stay. Orders look at the status
   * instead, so that none goes out on a connection that died unseen and leaves in doubt what it did.
   */
  async #plan(settings: readonly Setting[], last: Telemetry, signal: AbortSignal): Promise<Plan> {
    const name = isStored(settings) ? "settings" : "status";
    const answer = await this.#client.get(SIDE[name].schema, SOURCES[name], signal);
    this.#keep(name, answer as Reports[typeof name]);
    return encode(settings, {
      settings: this.#known.settings?.answer,
      manual: isManual(this.#known),
      frequency: last.setpoint.frequency?.value,
      voltage: last.setpoint.voltage?.value,
      asleep: last.setpoint.sleep?.value === true,
      fanTarget: this.#fanTarget,
    });
  }

  async #hearSide(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    for (const name of SIDE_NAMES) {
      if (!this.#isDue(name)) continue;
      this.#askedAt.set(name, this.#now());
      this.#failures.delete(name);
      try {
        await this.#ask(name, signal);
      } catch (error) {
        const problem = problemOf(SOURCES[name], error);
        if (problem.code === "UNSUPPORTED") this.#missing.add(name);
        else this.#failures.set(name, problem);
        // A machine that hangs costs one deadline a reading, not one for each question.
        if (HANGS.has(problem.code)) break;
      }
    }
    problems.push(...this.#failures.values());
  }

  /** Rates of chips from before it stopped would pass for those of now. */
  #dropChips(): void {
    if (this.#isHashing()) return;
    const { chips: _old, ...rest } = this.#known;
    this.#known = rest;
    this.#askedAt.delete("chips");
    this.#failures.delete("chips");
  }

  async #ask(name: Side, signal: AbortSignal): Promise<void> {
    const { schema, paths = [SOURCES[name]] } = SIDE[name];
    const found = this.#paths.get(name);
    const candidates = found === undefined ? paths : [found];
    for (const [place, path] of candidates.entries()) {
      try {
        const answer = await this.#client.get(schema, path, signal);
        this.#paths.set(name, path);
        this.#keep(name, answer as Reports[Side]);
        return;
      } catch (error) {
        if (place === candidates.length - 1 || !this.#isElsewhere(error)) throw error;
      }
    }
  }

  /** These paths need no password: who is asked for one asked for a path that is not there. */
  #isElsewhere(error: unknown): boolean {
    if (!isDeviceError(error)) return false;
    const refused = error.code === "UNAUTHORIZED" && !this.#client.hasPassword;
    return error.code === "UNSUPPORTED" || refused;
  }

  #isHashing(): boolean {
    const state = stateOf(this.#known);
    return state === "mining" || state === "auto-tuning";
  }

  #isDue(name: Side): boolean {
    const { period, needsPassword, hashingOnly } = SIDE[name];
    if (hashingOnly && !this.#isHashing()) return false;
    if (this.#missing.has(name) || (needsPassword && !this.#client.hasPassword)) return false;
    const asked = this.#askedAt.get(name);
    return asked === undefined || this.#now() - asked >= period;
  }

  async #hearElapsed(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    const { elapsed: _old, ...rest } = this.#known;
    this.#known = rest;
    const failure = this.#elapsedFailure;
    const paused = failure !== undefined && this.#now() - failure.at < ELAPSED_PAUSE;
    if (paused && HANGS.has(failure.problem.code)) {
      problems.push(failure.problem);
      return;
    }
    this.#elapsedFailure = undefined;
    try {
      this.#keep("elapsed", await askElapsed(this.#api, signal));
    } catch (error) {
      const problem = problemOf(SOURCES.elapsed, error);
      this.#elapsedFailure = { at: this.#now(), problem };
      problems.push(problem);
    }
  }

  #keep<Name extends keyof Reports>(name: Name, answer: Reports[Name]): void {
    const heard: Heard<Reports[Name]> = { answer, at: this.#now() };
    this.#known = { ...this.#known, [name]: heard };
    if (name !== "settings") return;
    const mode = this.#known.settings?.answer.miner?.cooling?.mode;
    const target = toNumber(mode?.param);
    if (mode?.name === "auto" && target !== undefined) this.#fanTarget = celsius(target);
  }

  #spell(settings: readonly Setting[]): void {
    for (const setting of settings) {
      if (setting.knob !== "pools") continue;
      for (const { url } of setting.value) this.#spellings.set(withoutScheme(url.trim()), url);
    }
  }
}

/** A side answer that failed is told with the rest; an abort ends the reading. */
function problemOf(source: string, error: unknown): ReadProblem {
  if (!isDeviceError(error) || error.code === "ABORTED") throw error;
  return { code: error.code, source, message: error.message };
}
