// One conversation with one Avalon.

import type { Controls, KnobName, Setting } from "../contract/controls.ts";
import { toNumber } from "../contract/decoding.ts";
import type { Ports, Receipt, Session } from "../contract/driver.ts";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { CgminerPool } from "../transport/cgminer.ts";
import { type Answered, type Answers, openStatistics, type Statistics } from "./answers.ts";
import { AvalonClient } from "./client.ts";
import { decodeSetpoint, offerControls } from "./controls.ts";
import { decode, whoIs } from "./decode.ts";
import { encode, REBOOT, rebootingKnobs, type Step } from "./encode.ts";
import { FanWatch } from "./fan-watch.ts";
import { figureOf } from "./module-text.ts";
import type { Reply } from "./reply.ts";
import { type SideQuestion, SideQuestions } from "./side-questions.ts";
import { checkTogether, validate } from "./validate.ts";
import { ascset, type Question, SECTIONS, Summary, Version } from "./wire.ts";

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly deadlineSeconds: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** estats is the full answer; some Q builds leave it empty, and old cgminer knows stats alone. */
const MAIN_QUESTIONS = ["estats", "litestats", "stats"] as const satisfies readonly Question[];
/** K210 counts `When` from its start; a Unix time is above. */
const LEAST_UNIX_SECONDS = 1_000_000_000;

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

export class AvalonSession implements Session {
  readonly #client: AvalonClient;
  readonly #ports: Ports;
  readonly #login:
    | { readonly username?: string | undefined; readonly password: string }
    | undefined;
  readonly #answers: Writable<Answers> = {};
  readonly #sides = new SideQuestions();
  readonly #fan = new FanWatch();
  readonly #unsupported = new Set<KnobName>();
  #question: Question | undefined;
  #options: ReadonlySet<string> | undefined;
  /** As of the last reading. */
  #controls: Controls = {};

  constructor(options: SessionOptions, ports: Ports) {
    const { host, port, username, password } = options;
    this.#client = new AvalonClient({ host, port, deadline: options.deadlineSeconds * 1000 });
    this.#ports = ports;
    this.#login = password === undefined ? undefined : { username, password };
  }

  async read(signal: AbortSignal): Promise<Telemetry> {
    const statistics = await this.#readMain(signal);
    this.#noteRestart(statistics);
    this.#answers.statistics = statistics;
    const problems = await this.#readSides(signal);
    const decoded = decode({ ...this.#answers, statistics }, this.#ports.now());
    const [module] = statistics.value.modules;
    if (module === undefined) return { ...decoded, setpoint: {}, controls: {}, problems };
    const activity = decoded.activity?.value;
    const duty = decoded.fans[0]?.duty;
    if (duty !== undefined && activity === "hashing") this.#fan.see(duty.value);
    const fan = this.#fan.setting;
    const who = whoIs(this.#answers);
    const { at } = statistics;
    const source = statistics.value.question;
    const setpoint = decodeSetpoint({
      ...{ who, module, activity, source, at, pools: this.#answers.pools },
      fan: fan === undefined ? undefined : { value: fan, at, source, quality: "ok" },
    });
    this.#controls = offerControls(
      {
        ...{ who, module, options: this.#options, unsupported: this.#unsupported },
        mayLogIn: this.#login !== undefined,
      },
      setpoint,
    );
    return { ...decoded, setpoint, controls: this.#controls, problems };
  }

  async write(settings: readonly Setting[], signal: AbortSignal): Promise<Receipt> {
    const controls = this.#controls;
    for (const setting of settings) validate(setting, controls);
    const steps = this.#stepsOf(settings);
    const words: string[] = [];
    try {
      for (const step of steps) {
        const answer = await this.#send(step, signal);
        this.#note(step.knob, settings);
        // It may restart by now: what was to follow would be sent into the dark.
        if (answer === undefined) return { answer: "silent", detail: words.join("; ") };
        words.push(answer);
      }
    } finally {
      this.#sides.renew("pools");
    }
    return { answer: "accepted", detail: words.join("; ") };
  }

  // The contract's session ends asynchronously; nothing here is open between requests.
  close(): Promise<void> {
    return Promise.resolve();
  }

  #stepsOf(settings: readonly Setting[]): Step[] {
    const statistics = this.#answers.statistics;
    const module = statistics?.value.modules[0];
    if (statistics === undefined || module === undefined) return [];
    const who = whoIs(this.#answers);
    const rebooting = rebootingKnobs(who);
    checkTogether(settings, rebooting);
    const clock = this.#machineClock(statistics);
    const context = { who, module, options: this.#options, clock, login: this.#login };
    const steps = settings.flatMap((setting) => encode(setting, context));
    const wakesByReboot = steps.some((step) => step.command === REBOOT.command);
    if (!settings.some((setting) => rebooting.has(setting.knob)) && !wakesByReboot) return steps;
    return [...steps.filter((step) => step.command !== REBOOT.command), REBOOT];
  }

  /** Unix seconds by the machine, which is what its schedule goes by. */
  #machineClock({ when, at }: Answered<unknown>): number {
    const now = this.#ports.now();
    if (when === undefined || when < LEAST_UNIX_SECONDS) return now / 1000;
    return when + (now - at) / 1000;
  }

  async #send(step: Step, signal: AbortSignal): Promise<string | undefined> {
    try {
      const words = await this.#client.order(step.command, step.secrets, signal);
      checkEcho(step, words);
      return words;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      if (error.code === "REJECTED" && step.otherwise !== undefined) {
        return await this.#client.order(step.otherwise, step.secrets, signal);
      }
      if (error.code === "UNSUPPORTED") this.#unsupported.add(step.knob);
      throw error;
    }
  }

  #note(knob: KnobName, settings: readonly Setting[]): void {
    if (knob === "reboot") this.#fan.restarted();
    for (const setting of settings) {
      if (knob === "fan" && setting.knob === "fan") this.#fan.commanded(setting.value);
    }
  }

  async #readMain(signal: AbortSignal): Promise<Answered<Statistics>> {
    const candidates = this.#question === undefined ? MAIN_QUESTIONS : [this.#question];
    let unknown: DeviceError | undefined;
    for (const question of candidates) {
      try {
        const reply = await this.#client.ask(question, signal);
        const statistics = openStatistics(reply, question);
        if (statistics === undefined) continue;
        this.#question = question;
        return this.#answered(statistics, reply);
      } catch (error) {
        if (!isDeviceError(error) || error.code !== "UNSUPPORTED") throw error;
        unknown = error;
      }
    }
    // Another build may answer after an update: start over with all of them.
    this.#question = undefined;
    if (unknown !== undefined && candidates.length === 1) throw unknown;
    throw new DeviceError("UNEXPECTED_SHAPE", `${candidates.join(", ")}: no MM ID in any answer`);
  }

  #noteRestart(statistics: Answered<Statistics>): void {
    const elapsed = (answer: Answered<Statistics> | undefined) =>
      figureOf(answer?.value.modules[0]?.Elapsed);
    const before = elapsed(this.#answers.statistics);
    const after = elapsed(statistics);
    if (before === undefined || after === undefined || after >= before) return;
    this.#sides.renew("version", "help", "pools");
    this.#fan.restarted();
  }

  async #readSides(signal: AbortSignal): Promise<readonly ReadProblem[]> {
    const problems: ReadProblem[] = [];
    for (const question of ["summary", ...this.#sides.due(this.#ports.now())] as const) {
      try {
        await this.#ask(question, signal);
      } catch (error) {
        if (!isDeviceError(error) || error.code === "ABORTED") throw error;
        // An old summary would show rates that nobody read.
        if (question === "summary") delete this.#answers.summary;
        problems.push({ code: error.code, source: question, message: error.message });
        // It hangs or is gone: the other questions would only wait for their deadlines too.
        if (error.code === "NO_REPLY" || error.code === "UNREACHABLE") break;
      }
    }
    return problems;
  }

  async #ask(question: SideQuestion | "summary", signal: AbortSignal): Promise<void> {
    if (question !== "summary") this.#sides.asked(question, this.#ports.now());
    if (question === "help") {
      await this.#askHelp(signal);
      return;
    }
    const reply = await this.#client.ask(question, signal);
    const records = reply.sections[SECTIONS[question]];
    if (records === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", `${question}: no ${SECTIONS[question]}`);
    }
    if (question === "pools") {
      const pools = records.map((pool) => CgminerPool.parse(pool));
      this.#answers.pools = this.#answered(pools, reply);
    } else if (question === "version") {
      this.#answers.version = this.#answered(Version.parse(records[0] ?? {}), reply);
    } else {
      this.#answers.summary = this.#answered(Summary.parse(records[0] ?? {}), reply);
    }
  }

  /** A refusal tells as much as a list: this build has none. */
  async #askHelp(signal: AbortSignal): Promise<void> {
    try {
      const words = await this.#client.inquire(ascset("help"), signal);
      const list = words.replace(/^.*?set info:\s*/i, "").split(/[|\s,]+/);
      const options = list.filter((word) => /^[a-z][\w-]+$/i.test(word));
      this.#options = options.includes("help") ? new Set(options) : undefined;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      if (error.code !== "UNSUPPORTED" && error.code !== "REJECTED") throw error;
      this.#options = undefined;
    }
  }

  #answered<Value>(value: Value, reply: Reply): Answered<Value> {
    const at = this.#ports.now();
    const when = toNumber(reply.status.When);
    return when === undefined ? { value, at } : { value, at, when };
  }
}

function checkEcho({ echo, knob }: Step, words: string | undefined): void {
  const said = echo?.pattern.exec(words ?? "")?.[1];
  if (echo === undefined || said === undefined || said === echo.value) return;
  throw new DeviceError("REJECTED", `${knob}: asked for ${echo.value}, the machine kept ${said}`);
}
