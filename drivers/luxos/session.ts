// One conversation with one LuxOS machine.

import type { Setting } from "../contract/controls.ts";
import { toBoolean, toNumber } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import { shared } from "../contract/shared.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { type EpochMs, type Millivolts, millivolts } from "../contract/units.ts";
import { isSilence } from "../transport/answer.ts";
import { filledPool, validate } from "../transport/order.ts";
import { type Asked, type ClientOptions, LuxosClient, type Reports, refusal } from "./client.ts";
import { decode } from "./decode.ts";
import { encode, type Present } from "./encode.ts";
import type { Heard } from "./known.ts";
import { Login } from "./login.ts";
import { type Report, type ReportName, VoltageAnswer } from "./wire.ts";
import { Writer } from "./writer.ts";

/** What moves from one look to the next: one request. */
const LIVE = ["summary", "devs", "stats", "power", "temps", "fans", "tempctrl", "config"] as const;
/** What people and pools change; a minute is soon enough to see it. */
const MINUTE_REPORTS = ["pools", "atm", "autotunerget", "events"] as const;
/** What only an update, a finished tuning or a new limit changes. */
const RARE_REPORTS = ["version", "profiles", "limits"] as const;
/** Milliseconds between two looks at each. */
const SIDE = [
  { names: MINUTE_REPORTS, period: 60_000 },
  { names: RARE_REPORTS, period: 15 * 60_000 },
] as const;
/** Volts change with the profile, which is seen at once, or by hand. */
const VOLTAGE_PERIOD = 5 * 60_000;
/** After a write they may follow late, and the thermal manager may soon take them back. */
const VOLTAGE_WATCH = { every: 30_000, lasts: 3 * 60_000 } as const;
/** Ramps are looked at slower than requests follow each other. */
const RAMP_PAUSES = 5;

export class LuxosSession implements Session {
  readonly #client: LuxosClient;
  readonly #login: Login;
  readonly #writer: Writer;
  readonly #now: Ports["now"];
  readonly #reports: { [Name in ReportName]?: Heard<Report<Name>> | undefined } = {};
  /** As SIDE. */
  readonly #sideAskedAt: (EpochMs | undefined)[] = [undefined, undefined];
  /** Reports that this build does not know. */
  readonly #missing = new Set<ReportName>();
  readonly #voltages = new Map<number, Heard<Millivolts>>();
  #voltagesAskedAt: EpochMs | undefined;
  #voltagesOf: string | undefined;
  #wroteAt: EpochMs | undefined;
  #last: Telemetry | undefined;
  /** Of the last reading, for the next write. */
  #plant: Pick<Present, "boards" | "singleVoltage"> = { boards: [], singleVoltage: false };

  constructor(options: ClientOptions, ports: Ports) {
    this.#now = ports.now;
    this.#client = new LuxosClient(options);
    this.#login = new Login(this.#client);
    this.#writer = new Writer(this.#client, this.#login, options.pause * RAMP_PAUSES);
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const problems: ReadProblem[] = [];
    await this.#hearLive(signal, problems);
    // Not more than two connections a look, but for the first one and the one after a write; volts are
    // due more seldom, so they go before.
    const everything = this.#voltagesAskedAt === undefined;
    const volts = everything || this.#voltagesAreDue();
    const side = everything || !volts ? this.#dueReports() : [];
    if (side.length > 0) await this.#hearSide(side, signal, problems);
    // One deadline is enough to know that it hangs.
    const silent = problems.some(({ code }) => isSilence(code));
    if (volts && !silent) await this.#hearVoltages(signal, problems);
    this.#last = this.#decode(problems);
    this.#plant = { boards: this.#boards(), singleVoltage: this.#isSingleVoltage() };
    // Decoded, and asked again at the next look: a thousand machines would keep all of it meanwhile.
    this.#dropLive();
    return this.#last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const last = this.#last ?? (await this.read(signal));
    validate(settings, last.controls, { pool: filledPool("url", "user") });
    const steps = encode(settings, this.#present(last));
    try {
      return await this.#writer.perform(steps, signal);
    } finally {
      this.#forgetSettings();
    }
  }

  async close(): Promise<void> {
    await this.#login.close();
  }

  #decode(problems: readonly ReadProblem[]): Telemetry {
    const known = { reports: this.#reports, voltages: this.#voltages };
    return decode(known, this.#now(), problems);
  }

  async #hearLive(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    const names = LIVE.filter((name) => !this.#missing.has(name));
    await this.#client.ask(names, signal, (asked) => this.#keepLive(asked, problems));
  }

  #keepLive({ reports, failures }: Asked, problems: ReadProblem[]): void {
    const failure = failures.get("summary");
    if (failure !== undefined) throw failure;
    if (reports.summary?.SUMMARY?.[0] === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "summary: the answer has no SUMMARY");
    }
    // An old temperature must not pass for a new one.
    this.#dropLive();
    this.#keep(reports);
    this.#note(failures, problems);
  }

  #dropLive(): void {
    for (const name of LIVE) this.#reports[name] = undefined;
  }

  async #hearSide(
    names: readonly ReportName[],
    signal: AbortSignal,
    problems: ReadProblem[],
  ): Promise<void> {
    try {
      await this.#client.ask(names, signal, ({ reports, failures }) => {
        this.#keep(lasting(reports));
        this.#note(failures, problems);
      });
    } catch (error) {
      problems.push(problemOf(names.join("+"), error));
    }
  }

  async #hearVoltages(signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    this.#voltagesAskedAt = this.#now();
    this.#voltagesOf = this.#profile();
    const boards = this.#boards();
    for (const board of this.#isSingleVoltage() ? boards.slice(0, 1) : boards) {
      try {
        const voltage = await this.#hearVoltage(board, signal);
        const heard = { answer: voltage, at: this.#now() };
        for (const each of this.#isSingleVoltage() ? boards : [board]) {
          this.#voltages.set(each, heard);
        }
      } catch (error) {
        const problem = problemOf(`voltageget ${board}`, error);
        problems.push(problem);
        if (isSilence(problem.code)) return;
      }
    }
  }

  async #hearVoltage(board: number, signal: AbortSignal): Promise<Millivolts> {
    const answer = await this.#client.request(VoltageAnswer, "voltageget", [String(board)], signal);
    const refused = refusal("voltageget", answer);
    if (refused !== undefined) throw refused;
    const volts = toNumber(answer.VOLTAGE?.[0]?.Voltage);
    if (volts === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "voltageget: the answer has no Voltage");
    }
    return millivolts(Math.round(volts * 1000));
  }

  #keep(reports: { readonly [Name in ReportName]?: Report<Name> }): void {
    const at = this.#now();
    const heard = Object.entries(reports).map(([name, answer]) => [name, { answer, at }]);
    Object.assign(this.#reports, Object.fromEntries(heard));
  }

  #note(failures: ReadonlyMap<ReportName, DeviceError>, problems: ReadProblem[]): void {
    for (const [name, failure] of failures) {
      if (failure.code === "UNSUPPORTED") this.#missing.add(name);
      else problems.push(problemOf(name, failure));
    }
  }

  /** Those that are due, which are taken for asked. */
  #dueReports(): ReportName[] {
    const now = this.#now();
    return SIDE.flatMap(({ names, period }, place): readonly ReportName[] => {
      const asked = this.#sideAskedAt[place];
      if (asked !== undefined && now - asked < period) return [];
      this.#sideAskedAt[place] = now;
      return names.filter((name) => !this.#missing.has(name));
    });
  }

  #voltagesAreDue(): boolean {
    if (this.#voltagesOf !== this.#profile()) return true;
    const now = this.#now();
    const watched = now - (this.#wroteAt ?? 0) < VOLTAGE_WATCH.lasts;
    return now - (this.#voltagesAskedAt ?? 0) >= (watched ? VOLTAGE_WATCH.every : VOLTAGE_PERIOD);
  }

  #forgetSettings(): void {
    this.#sideAskedAt[0] = undefined;
    this.#voltagesAskedAt = undefined;
    this.#wroteAt = this.#now();
  }

  #config() {
    return this.#reports.config?.answer.CONFIG?.[0];
  }

  #profile(): string | undefined {
    return this.#config()?.Profile;
  }

  #isSingleVoltage(): boolean {
    return toBoolean(this.#config()?.IsSingleVoltage) === true;
  }

  /** Boards that are there and not switched off, from 0. */
  #boards(): number[] {
    return (this.#reports.devs?.answer.DEVS ?? [])
      .filter((dev) => toBoolean(dev.Enabled) !== false)
      .flatMap((dev) => toNumber(dev.ID) ?? [])
      .sort((a, b) => a - b);
  }

  #present({ setpoint }: Telemetry): Present {
    return {
      ...this.#plant,
      ...(setpoint.frequency === undefined ? {} : { frequency: setpoint.frequency.value }),
      ...(setpoint.boardOffsets === undefined ? {} : { offsets: setpoint.boardOffsets.value }),
      ...(setpoint.voltage === undefined ? {} : { voltage: setpoint.voltage.value }),
    };
  }
}

/**
 * Kept for minutes in each of a thousand sessions: machines of one model and setting tell the same, but for
 * the time in their STATUS, which only that of the events is read for.
 */
function lasting({ pools, events, ...others }: Reports): Reports {
  const alike = Object.entries(others).map(([name, answer]) => {
    const { STATUS: _status, ...tables } = answer;
    return [name, shared(tables)];
  });
  return { ...(pools && { pools }), ...(events && { events }), ...Object.fromEntries(alike) };
}

/** A side answer that failed is told with the rest; an abort ends the reading. */
function problemOf(source: string, error: unknown): ReadProblem {
  if (!isDeviceError(error) || error.code === "ABORTED") throw error;
  return { code: error.code, source, message: error.message };
}
