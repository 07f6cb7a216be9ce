// What is asked, where, and how often.

import { toText } from "../contract/decoding.ts";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { Answer, type Held } from "../transport/answer.ts";
import { parseReply } from "../transport/json.ts";
import { exchange } from "../transport/tcp.ts";
import type { Client } from "./client.ts";
import type { Answers } from "./decode.ts";
import {
  All,
  ErrorDetail,
  Overview,
  Pools,
  Stats,
  Summary,
  TuneStatus,
  TypeAnswer,
} from "./wire.ts";

/** Each page starts a script that asks cgminer: 2 s less than a usual poll of 10 s. */
const LIVE_EVERY = 8_000;
const SIDE_EVERY = 28_000;
const RARE_EVERY = 60_000;
/** Who it is changes with a new image only. */
const IDENTITY_EVERY = 600_000;

/** Not every build has every page. */
const MEANS_ABSENT: ReadonlySet<DeviceErrorCode> = new Set([
  "HTML_REPLY",
  "EMPTY_REPLY",
  "UNREACHABLE",
]);

export interface ApiOptions {
  readonly host: string;
  readonly port: number;
  readonly deadlineSeconds: number;
}

export class Questions {
  readonly #client: Client;
  readonly #now: () => EpochMs;
  readonly #all: Answer<All>;
  readonly #tune: Answer<TuneStatus>;
  readonly #overview: Answer<Overview>;
  readonly #type: Answer<TypeAnswer>;
  readonly #pools: Answer<Pools>;
  readonly #error: Answer<ErrorDetail>;
  readonly #stats: Answer<Stats>;

  constructor(client: Client, api: ApiOptions, now: () => EpochMs) {
    this.#client = client;
    this.#now = now;
    const page = <Value>(
      source: string,
      every: number,
      ask: (signal: AbortSignal) => Promise<Value>,
      live = false,
    ) => new Answer({ source, every, ask, live, absentOn: MEANS_ABSENT }, now);
    this.#all = page("getAll", LIVE_EVERY, (signal) => client.ask("getAll", All, signal), true);
    this.#tune = page("getAutoTuneStatus", SIDE_EVERY, (signal) =>
      client.ask("getAutoTuneStatus", TuneStatus, signal),
    );
    this.#overview = page("overview", IDENTITY_EVERY, (signal) =>
      client.ask("overview", Overview, signal),
    );
    this.#type = page("type", IDENTITY_EVERY, (signal) => client.ask("type", TypeAnswer, signal));
    this.#pools = page("pools", RARE_EVERY, (signal) => client.ask("pools", Pools, signal));
    this.#error = page("getErrorDetail", RARE_EVERY, (signal) =>
      client.ask("getErrorDetail", ErrorDetail, signal),
    );
    this.#stats = page("stats", SIDE_EVERY, (signal) => askStats(api, signal), true);
  }

  /** Throws the DeviceError of `summary`, without which there is no reading. */
  async read(signal: AbortSignal): Promise<Answers> {
    const summary = await this.#askSummary(signal);
    await this.#refreshPages(signal);
    await this.#stats.refresh(signal);
    return {
      summary,
      all: this.#all.held,
      tune: this.#tune.held,
      overview: this.#overview.held,
      type: this.#type.held,
      pools: this.#pools.held,
      error: this.#error.held,
      stats: this.#stats.held,
    };
  }

  problems(): readonly ReadProblem[] {
    const sides = [
      this.#all,
      this.#tune,
      this.#overview,
      this.#type,
      this.#pools,
      this.#error,
      this.#stats,
    ];
    return sides.flatMap((side) => side.problem ?? []);
  }

  /** After a write everything that it may have changed is asked anew. */
  expire(): void {
    for (const side of [this.#all, this.#tune, this.#pools, this.#error, this.#stats]) {
      side.expire();
    }
  }

  async #askSummary(signal: AbortSignal): Promise<Held<Summary>> {
    const value = await this.#client.ask("summary", Summary, signal);
    if (value.DEVS === undefined) {
      throw new DeviceError("UNEXPECTED_SHAPE", "summary: expected a list DEVS");
    }
    return { value, at: this.#now(), source: "summary" };
  }

  /** One page that hangs must not cost a deadline for each of the others. */
  async #refreshPages(signal: AbortSignal): Promise<void> {
    const sides = [this.#all, this.#tune, this.#overview, this.#pools, this.#error];
    for (const side of sides) {
      if (!(await side.refresh(signal))) return;
    }
    if (!this.#typeIsKnown()) await this.#type.refresh(signal);
  }

  #typeIsKnown(): boolean {
    const told = this.#overview.held?.value.type ?? this.#all.held?.value.all?.type;
    return toText(told) !== undefined;
  }
}

/** Closed to the network on many builds. */
async function askStats(api: ApiOptions, signal: AbortSignal): Promise<Stats> {
  const text = await exchange({
    host: api.host,
    port: api.port,
    payload: JSON.stringify({ command: "stats" }),
    deadline: api.deadlineSeconds * 1000,
    signal,
  });
  const parsed = Stats.safeParse(parseReply(text, "stats"));
  if (parsed.success) return parsed.data;
  throw new DeviceError("UNEXPECTED_SHAPE", "stats: an object was expected");
}
