// One conversation with one LuxOS machine.

import type { Setting } from "../contract/controls.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import type { EpochMs, Millivolts } from "../contract/units.ts";
import { isSilence } from "../transport/answer.ts";
import { filledPool, validate } from "../transport/order.ts";
import { lasting, problemOf } from "./answers.ts";
import { ChipWatch } from "./chip-watch.ts";
import { type Asked, type ClientOptions, LuxosClient } from "./client.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { type BoardClocks, boardsMeant } from "./encode-clocks.ts";
import type { Heard, Known } from "./known.ts";
import { Login } from "./login.ts";
import { clocksOf } from "./offsets.ts";
import { boardsAtWork, isSingleVoltage, standingOf } from "./standing.ts";
import type { Present } from "./step.ts";
import { hearVoltage } from "./voltage.ts";
import type { Report, ReportName } from "./wire.ts";
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
/** What moves chips, be it with their board. */
const MOVING: ReadonlySet<string> = new Set(["frequency", "boardOffsets", "chipOffsets"]);
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
  readonly #chips: ChipWatch;
  #voltagesAskedAt: EpochMs | undefined;
  #voltagesOf: string | undefined;
  #wroteAt: EpochMs | undefined;
  #last: Telemetry | undefined;
  /** Of an order for chips that did not come through: chips on their way may move the mean that is told. */
  #unfinished: BoardClocks | undefined;
  /** Of the last reading, for the next write. */
  #plant: Pick<Present, "boards" | "singleVoltage"> = { boards: [], singleVoltage: false };

  constructor(options: ClientOptions, ports: Ports) {
    this.#now = ports.now;
    this.#client = new LuxosClient(options);
    this.#chips = new ChipWatch(this.#client, ports.now);
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
    const quiet = everything || (!volts && side.length === 0);
    await this.#hearChips(quiet && !problems.some(({ code }) => isSilence(code)), signal, problems);
    return this.#take(problems);
  }

  #take(problems: readonly ReadProblem[]): Telemetry {
    const last = this.#decode(problems);
    this.#last = last;
    this.#plant = {
      boards: boardsAtWork(this.#known),
      singleVoltage: isSingleVoltage(this.#known),
    };
    // Decoded, and asked again at the next look: a thousand machines would keep all of it meanwhile.
    this.#dropLive();
    return last;
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const limits = { pool: filledPool("url", "user") };
    const known = this.#last ?? (await this.read(signal));
    validate(settings, known.controls, limits);
    const moves = settings.some(({ knob }) => MOVING.has(knob));
    const last = moves && known.controls.chipOffsets ? await this.#fresh(settings, signal) : known;
    validate(settings, last.controls, limits);
    const present = this.#present(last);
    const steps = encode(settings, present);
    if (moves) this.#unfinished = boardsMeant(settings, present);
    try {
      const receipt = await this.#writer.perform(steps, signal);
      if (receipt.answer === "accepted") this.#unfinished = undefined;
      return receipt;
    } finally {
      this.#forgetSettings();
      if (moves) this.#chips.expire();
    }
  }

  /**
   * An order that failed in the middle, or the machine itself, may have left chips elsewhere: what moves them
   * is compared with what they run at now.
   */
  async #fresh(settings: readonly Setting[], signal: AbortSignal): Promise<Telemetry> {
    const problems: ReadProblem[] = [];
    const ofChips: ReadProblem[] = [];
    await this.#hearLive(signal, problems);
    this.#chips.expire();
    await this.#hearChips(true, signal, ofChips);
    const last = this.#take([...problems, ...ofChips]);
    const [failure] = ofChips;
    if (failure !== undefined) {
      const words = `${failure.source}: ${failure.message}; nothing was sent`;
      throw new DeviceError(failure.code, words);
    }
    const chips = settings.some(({ knob }) => knob === "chipOffsets");
    if (!chips || last.activity?.value !== "ramping") return last;
    throw new DeviceError("BUSY", "chipOffsets: not sent, the frequency is still on its way");
  }

  async close(): Promise<void> {
    await this.#login.close();
  }

  #decode(problems: readonly ReadProblem[]): Telemetry {
    return decode(this.#known, this.#now(), problems);
  }

  get #known(): Known {
    return { reports: this.#reports, voltages: this.#voltages, chips: this.#chips.tables };
  }

  async #hearChips(mayAsk: boolean, signal: AbortSignal, problems: ReadProblem[]): Promise<void> {
    const boards = boardsAtWork(this.#known);
    const standing = standingOf(this.#known, boards);
    if (standing === undefined) this.#unfinished = undefined;
    const due = this.#chips.isDue(standing);
    if (due && mayAsk) problems.push(...(await this.#chips.ask(boards, signal)));
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
    const boards = boardsAtWork(this.#known);
    for (const board of isSingleVoltage(this.#known) ? boards.slice(0, 1) : boards) {
      try {
        const voltage = await hearVoltage(this.#client, board, signal);
        const heard = { answer: voltage, at: this.#now() };
        for (const each of isSingleVoltage(this.#known) ? boards : [board]) {
          this.#voltages.set(each, heard);
        }
      } catch (error) {
        const problem = problemOf(`voltageget ${board}`, error);
        problems.push(problem);
        if (isSilence(problem.code)) return;
      }
    }
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

  #profile(): string | undefined {
    return this.#reports.config?.answer.CONFIG?.[0]?.Profile;
  }

  #present({ setpoint }: Telemetry): Present {
    const { frequency, boardOffsets, chipOffsets, voltage } = setpoint;
    const clocks = clocksOf(this.#chips.tables, this.#plant.boards);
    return {
      ...this.#plant,
      ...(frequency === undefined ? {} : { frequency: frequency.value }),
      ...(boardOffsets === undefined ? {} : { offsets: boardOffsets.value }),
      ...(clocks && chipOffsets && { chips: { clocks, offsets: chipOffsets.value } }),
      ...(voltage === undefined ? {} : { voltage: voltage.value }),
      ...this.#unfinished,
    };
  }
}
