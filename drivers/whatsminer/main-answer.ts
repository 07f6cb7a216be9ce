// Summary, boards and pools: joined into one question where the firmware can, else asked one by one.

import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import type { ReadProblem } from "../contract/telemetry.ts";
import { CgminerPool } from "../transport/cgminer.ts";
import type { Known } from "./answers.ts";
import type { ApiV2 } from "./api-v2.ts";
import { parsed, partOf, recordsOf, refusalOf, summaryRecordOf } from "./reply.ts";
import { Device, type Envelope, Summary } from "./wire.ts";

export interface MainAnswer {
  readonly summary: Known<Summary>;
  /** Absent when the firmware does not join questions, or when this part failed. */
  readonly boards?: Known<readonly Device[]>;
  readonly pools?: Known<readonly CgminerPool[]>;
  readonly problems: readonly ReadProblem[];
}

/** How a firmware that does not join answers the joined question. */
const NOT_JOINED: readonly DeviceErrorCode[] = [
  "UNSUPPORTED",
  "REJECTED",
  "UNEXPECTED_SHAPE",
  "EMPTY_REPLY",
  "NOT_JSON",
  "TRUNCATED_REPLY",
];

export class MainQuestion {
  readonly #api: ApiV2;
  #joins: boolean | undefined;
  /** Firmware 1.x knows no `edevs`. */
  #boards: "edevs" | "devs" = "edevs";

  constructor(api: ApiV2) {
    this.#api = api;
  }

  /** False once the firmware has shown that each question needs its own connection. */
  get joins(): boolean {
    return this.#joins !== false;
  }

  /** Throws DeviceError when there is no summary. */
  async ask(signal: AbortSignal): Promise<MainAnswer> {
    if (this.#joins === false) return await this.#askSummary(signal);
    try {
      const joined = await this.#askJoined(signal);
      this.#joins = true;
      return joined;
    } catch (error) {
      // What joined before fails for another reason.
      if (this.#joins === true || !isDeviceError(error) || !NOT_JOINED.includes(error.code))
        throw error;
      const single = await this.#askSummary(signal);
      this.#joins = false;
      return single;
    }
  }

  async askBoards(signal: AbortSignal): Promise<Known<readonly Device[]>> {
    try {
      return await this.#askBoardsAs(this.#boards, signal);
    } catch (error) {
      const other =
        this.#boards === "edevs" && isDeviceError(error) && error.code === "UNSUPPORTED";
      if (!other) throw error;
      this.#boards = "devs";
      return await this.#askBoardsAs("devs", signal);
    }
  }

  async askPools(signal: AbortSignal): Promise<Known<readonly CgminerPool[]>> {
    const { envelope, at } = await this.#api.ask("pools", signal);
    return { value: poolsIn(envelope), at, source: "pools" };
  }

  async #askBoardsAs(source: "edevs" | "devs", signal: AbortSignal) {
    const { envelope, at } = await this.#api.ask(source, signal);
    return { value: boardsIn(envelope, source), at, source };
  }

  async #askSummary(signal: AbortSignal): Promise<MainAnswer> {
    const { envelope, at } = await this.#api.ask("summary", signal);
    return { summary: { value: summaryIn(envelope), at, source: "summary" }, problems: [] };
  }

  async #askJoined(signal: AbortSignal): Promise<MainAnswer> {
    const boards = this.#boards;
    const { envelope, at } = await this.#api.ask(`summary+pools+${boards}`, signal);
    const summary = { value: summaryIn(goodPart(envelope, "summary")), at, source: "summary" };
    const problems: ReadProblem[] = [];
    const part = <Value>(source: "pools" | "edevs" | "devs", read: (part: Envelope) => Value) => {
      try {
        return { value: read(goodPart(envelope, source)), at, source };
      } catch (error) {
        if (!isDeviceError(error)) throw error;
        // Asked by its older name at the next reading.
        if (source === "edevs" && error.code === "UNSUPPORTED") this.#boards = "devs";
        problems.push({ code: error.code, source, message: error.message });
        return undefined;
      }
    };
    const answer = {
      boards: part(boards, (inner) => boardsIn(inner, boards)),
      pools: part("pools", poolsIn),
    };
    return {
      summary,
      problems,
      ...(answer.boards === undefined ? {} : { boards: answer.boards }),
      ...(answer.pools === undefined ? {} : { pools: answer.pools }),
    };
  }
}

function goodPart(envelope: Envelope, command: "summary" | "pools" | "edevs" | "devs"): Envelope {
  const part = partOf(envelope, command);
  if (part === undefined) throw missing(command, "no part of the joined answer");
  const refusal = refusalOf(part, command, false);
  if (refusal !== undefined) throw refusal;
  return part;
}

function missing(command: string, what: string): DeviceError {
  return new DeviceError("UNEXPECTED_SHAPE", `${command}: ${what}`);
}

/** A summary without any of these is none. */
const SIGNS = ["Elapsed", "MHS av", "HS RT", "Power"] as const;

function summaryIn(envelope: Envelope): Summary {
  const record = Summary.safeParse(summaryRecordOf(envelope));
  if (!record.success || SIGNS.every((key) => record.data[key] === undefined)) {
    throw missing("summary", `expected a record with ${SIGNS.join(", ")}`);
  }
  return record.data;
}

function boardsIn(envelope: Envelope, source: "edevs" | "devs"): Device[] {
  const records = recordsOf(envelope, source);
  if (records === undefined) throw missing(source, "expected a list DEVS");
  return parsed(records, Device);
}

function poolsIn(envelope: Envelope): CgminerPool[] {
  const records = recordsOf(envelope, "pools");
  if (records === undefined) throw missing("pools", "expected a list POOLS");
  return parsed(records, CgminerPool);
}
