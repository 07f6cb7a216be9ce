// What is asked, where, and how often.

import type * as z from "zod";
import type { DeviceError, DeviceErrorCode } from "../contract/errors.ts";
import type { ReadProblem, Telemetry } from "../contract/telemetry.ts";
import { type EpochMs, type Milliseconds, milliseconds } from "../contract/units.ts";
import { Answer, type Question } from "../transport/answer.ts";
import { type Answers, slotsHaveRates } from "./answers.ts";
import { compose, configOf, recogniseAnswers } from "./compose.ts";
import type { ConfigView } from "./config.ts";
import { type Recognised, seriesOf } from "./decode-identity.ts";
import { generationOf } from "./firmware.ts";
import { askApi, askPower, type LinkOptions, Web } from "./links.ts";
import {
  BlinkStatus,
  ChainStatsReply,
  LampsReply,
  MinerType,
  PAGES,
  StatsReply,
  SummaryReply,
  SystemInfo,
  VersionReply,
  WarningReply,
} from "./wire.ts";
import { MinerConf } from "./wire-config.ts";
import { PagePools, PoolsReply } from "./wire-pools.ts";

/** 4028 bears a question every 10 s; 2 s less, so that a poll that comes early is no poll lost. */
const STATS_EVERY = milliseconds(8_000);
/** Pages start a shell on a slow board: not more often than every 30 s each. */
const SIDE_EVERY = milliseconds(28_000);
const LAMPS_EVERY = milliseconds(60_000);
/** Who it is changes with a new image only. */
const IDENTITY_EVERY = milliseconds(600_000);

/** Not every build answers everything. */
const MEANS_ABSENT: ReadonlySet<DeviceErrorCode> = new Set([
  "HTTP_STATUS",
  "NOT_JSON",
  "HTML_REPLY",
  "EMPTY_REPLY",
  "UNREACHABLE",
]);

type Sides = { readonly [Name in keyof Answers]: Answer<NonNullable<Answers[Name]>["value"]> };

export class Questions {
  readonly web: Web;
  readonly #options: LinkOptions;
  readonly #now: () => EpochMs;
  readonly #sides: Sides;

  constructor(options: LinkOptions, now: () => EpochMs) {
    this.#options = options;
    this.#now = now;
    this.web = new Web(options, now);
    this.#sides = {
      stats: this.#side({
        source: "stats",
        every: STATS_EVERY,
        ask: (signal) => askApi(options, "stats", StatsReply, signal),
      }),
      version: this.#api("version", VersionReply, IDENTITY_EVERY),
      summary: this.#api("summary", SummaryReply, SIDE_EVERY),
      pools: this.#api("pools", PoolsReply, SIDE_EVERY),
      power: this.#side({
        source: "miner_power",
        every: STATS_EVERY,
        absentOn: MEANS_ABSENT,
        ask: (signal) => askPower(options, signal),
      }),
      system: this.#page(PAGES.system, SystemInfo, IDENTITY_EVERY),
      type: this.#page(PAGES.type, MinerType, IDENTITY_EVERY, true),
      conf: this.#page(PAGES.conf, MinerConf, SIDE_EVERY),
      chains: this.#page(PAGES.chains, ChainStatsReply, SIDE_EVERY, true),
      pagePools: this.#page(PAGES.pools, PagePools, SIDE_EVERY, true),
      lamps: this.#page(PAGES.lamps, LampsReply, LAMPS_EVERY, true),
      warning: this.#page(PAGES.warning, WarningReply, LAMPS_EVERY, true),
      blink: this.#page(PAGES.blinkStatus, BlinkStatus, LAMPS_EVERY, true),
    };
  }

  /** Throws DeviceError when neither 4028 nor the pages tell how the machine runs. */
  async read(signal: AbortSignal): Promise<Telemetry> {
    const sides = this.#sides;
    // The main answer: without it nothing waits.
    if (sides.stats.failure !== undefined) sides.stats.expire();
    await sides.stats.refresh(signal);
    const failure = sides.stats.failure;
    if (failure !== undefined) await this.#withoutStats(failure, signal);
    // A refusal in words comes from a program that may answer the rest; silence does not.
    if (!isClosed(sides.stats)) {
      for (const side of [sides.version, sides.summary, sides.pools]) {
        // One deadline is enough to know that 4028 hangs; the pages are another program's.
        if (!(await side.refresh(signal))) break;
      }
    }
    await sides.power.refresh(signal);
    if (this.web.configured) await this.#readPages(signal);
    return compose(this.#answers(), this.#problems(), this.#now());
  }

  /** 4028 can be closed to the network (`api-network: false`); then stats.cgi is the main answer. */
  async #withoutStats(failure: DeviceError, signal: AbortSignal): Promise<void> {
    if (!this.web.configured) throw failure;
    const { chains } = this.#sides;
    chains.expire();
    await chains.refresh(signal);
    if (chains.failure !== undefined || chains.held === undefined) throw failure;
  }

  async #readPages(signal: AbortSignal): Promise<void> {
    const sides = this.#sides;
    await sides.system.refresh(signal);
    await sides.conf.refresh(signal);
    if (generationOf(seriesOf(this.recognised())) === "json") {
      // Serials alone may wait; without the boards' rates it is part of every reading.
      const alone = slotsHaveRates(this.#answers()) ? IDENTITY_EVERY : SIDE_EVERY;
      await sides.chains.refresh(signal, alone);
      for (const side of [sides.type, sides.lamps, sides.warning]) await side.refresh(signal);
      if (isClosed(sides.stats)) await sides.pagePools.refresh(signal);
    }
    await sides.blink.refresh(signal);
  }

  recognised(): Recognised {
    return recogniseAnswers(this.#answers());
  }

  config(): ConfigView | undefined {
    return configOf(this.recognised(), this.#sides.conf.held);
  }

  /** The configuration as it is now. Throws the failure to read it. */
  async freshConfig(signal: AbortSignal): Promise<ConfigView | undefined> {
    const { conf } = this.#sides;
    conf.expire();
    await conf.refresh(signal);
    if (conf.failure !== undefined) throw conf.failure;
    return this.config();
  }

  /** After a write everything that it may have changed is asked anew. */
  expire(): void {
    const { stats, summary, pools, power, conf, chains, blink } = this.#sides;
    for (const side of [stats, summary, pools, power, conf, chains, blink]) side.expire();
  }

  #answers(): Answers {
    const sides = this.#sides;
    return {
      stats: sides.stats.failure === undefined ? sides.stats.held : undefined,
      version: sides.version.held,
      summary: sides.summary.held,
      pools: isClosed(sides.stats) ? undefined : sides.pools.held,
      pagePools: isClosed(sides.stats) ? sides.pagePools.held : undefined,
      power: sides.power.failure === undefined ? sides.power.held : undefined,
      system: sides.system.held,
      type: sides.type.held,
      conf: sides.conf.held,
      chains: sides.chains.held,
      lamps: sides.lamps.held,
      warning: sides.warning.held,
      blink: sides.blink.held,
    };
  }

  /** One refused password is one problem, however many pages it closes. */
  #problems(): readonly ReadProblem[] {
    const all = Object.values(this.#sides).flatMap((side) => side.problem ?? []);
    return all.filter(
      (problem, index) => all.findIndex((other) => other.message === problem.message) === index,
    );
  }

  #side<Value>(question: Question<Value>): Answer<Value> {
    return new Answer(question, this.#now);
  }

  #api<Shape extends z.ZodType>(command: string, shape: Shape, every: Milliseconds) {
    return this.#side({
      source: command,
      every,
      ask: (signal) => askApi(this.#options, command, shape, signal),
    });
  }

  #page<Shape extends z.ZodType>(
    path: string,
    shape: Shape,
    every: Milliseconds,
    optional = false,
  ) {
    return this.#side({
      source: path.replace("/cgi-bin/", ""),
      every,
      ...(optional ? { absentOn: MEANS_ABSENT } : {}),
      ask: (signal) => this.web.page(path, shape, signal),
    });
  }
}

/** A refusal in words comes from a program that may answer the rest; silence does not. */
const isClosed = ({ failure }: Sides["stats"]): boolean =>
  failure !== undefined && failure.code !== "UNEXPECTED_SHAPE";
