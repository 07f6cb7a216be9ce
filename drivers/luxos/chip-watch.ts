// Asks for the chips of a machine that stands at a manual point. 25 kB and a connection a board: seldom,
// and never of a machine that the firmware tunes, which most are.

import type { ReadProblem } from "../contract/telemetry.ts";
import type { EpochMs } from "../contract/units.ts";
import { problemOf } from "./answers.ts";
import { type ChipTable, chipTable, WINDOWS } from "./chips.ts";
import { type LuxosClient, refusal } from "./client.ts";
import type { Heard } from "./known.ts";
import { ChipAnswer } from "./wire.ts";

const MINUTE = 60_000;
/** Shorter than the average behind the rates, so that all hashes are counted. */
const PERIOD = 10 * MINUTE;
const RETRY = MINUTE;
/** A build that has no such command may get it with an update. */
const ABSENT = 30 * MINUTE;

/** The machine as it stands, for whether its chips are to be asked. */
export interface Standing {
  /** Boards that hash, from 0. */
  readonly boards: readonly number[];
  readonly ramping: boolean;
  /** MHz of the boards: chips that were told at others are old. */
  readonly clocks: string;
  /** Seconds since the program started, which forgets what chips were set to. */
  readonly elapsed: number;
}

export class ChipWatch {
  /** By board, from 0. */
  readonly tables = new Map<number, Heard<ChipTable>>();
  readonly #client: LuxosClient;
  readonly #now: () => EpochMs;
  #last: Standing | undefined;
  #movedAt = 0;
  #dueAt = 0;

  constructor(client: LuxosClient, now: () => EpochMs) {
    this.#client = client;
    this.#now = now;
  }

  /** Chips were ordered: they are asked at the next look. */
  expire(): void {
    this.#dueAt = 0;
    this.#movedAt = this.#now();
  }

  /**
   * Whether the chips are to be asked now. `standing` is undefined while the machine's own tuner moves it or
   * while it does not hash: what is known of its chips is forgotten then.
   */
  isDue(standing: Standing | undefined): boolean {
    const last = this.#last;
    this.#last = standing;
    if (standing === undefined || standing.elapsed < (last?.elapsed ?? 0)) this.tables.clear();
    if (standing === undefined) return false;
    // Also the end of a ramp: what was told during it is not what was ordered.
    if (last?.clocks !== standing.clocks || last.ramping) this.expire();
    return !standing.ramping && this.#now() >= this.#dueAt;
  }

  /** Resolves with what went wrong; throws ABORTED and bugs only. */
  async ask(boards: readonly number[], signal: AbortSignal): Promise<readonly ReadProblem[]> {
    this.#dueAt = this.#now() + PERIOD;
    const calm = this.#now() - this.#movedAt >= WINDOWS.long.length;
    const window = calm ? WINDOWS.long : WINDOWS.short;
    for (const board of boards) {
      try {
        const table = chipTable(await this.#hear(board, signal), board, window);
        this.tables.set(board, { answer: table, at: this.#now() });
      } catch (error) {
        return this.#failed(board, error);
      }
    }
    return [];
  }

  async #hear(board: number, signal: AbortSignal): Promise<ChipAnswer> {
    const answer = await this.#client.request(ChipAnswer, "healthchipget", [String(board)], signal);
    const refused = refusal("healthchipget", answer);
    if (refused !== undefined) throw refused;
    return answer;
  }

  /** Boards are worth something together only. */
  #failed(board: number, error: unknown): readonly ReadProblem[] {
    const problem = problemOf(`healthchipget ${board}`, error);
    const absent = problem.code === "UNSUPPORTED";
    this.#dueAt = this.#now() + (absent ? ABSENT : RETRY);
    if (absent) this.tables.clear();
    return absent ? [] : [problem];
  }
}
