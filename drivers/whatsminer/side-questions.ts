// Which of the slow-changing questions is asked now: all at first, then at most one a reading, so that a
// steady reading costs two connections of a daemon that serves one client at a time.

import type { EpochMs } from "../contract/units.ts";

/** Seconds after which an answer is old. */
const PERIODS = {
  /** Only asked for by firmware that does not join questions. */
  boards: 10,
  pools: 60,
  status: 60,
  /** Codes come with the events they explain. */
  errors: 60,
  info: 600,
  psu: 600,
  /** Change with a firmware update, which restarts the machine and makes them due. */
  version: 21_600,
  details: 21_600,
} as const;

export type SideQuestion = keyof typeof PERIODS;

/** In the vendor's words. */
export const COMMANDS: { readonly [Question in SideQuestion]: string } = {
  boards: "edevs",
  pools: "pools",
  status: "status",
  errors: "get_error_code",
  info: "get_miner_info",
  psu: "get_psu",
  version: "get_version",
  details: "devdetails",
};

/** After a write a machine may follow late: what reads it back is asked often for a while, in seconds. */
const WATCH = { every: 20, lasts: 120 } as const;

/** While nothing is hashed, `status` is what tells why. */
const IDLE_STATUS_PERIOD = 10;

export class SideQuestions {
  readonly #askedAt = new Map<SideQuestion, EpochMs>();
  readonly #watchedUntil = new Map<SideQuestion, number>();
  readonly #dropped = new Set<SideQuestion>();

  /** Never asked, or made due: all of them. Else the one that is most overdue, if any. */
  due(among: readonly SideQuestion[], idle: boolean, now: EpochMs): readonly SideQuestion[] {
    const open = among.filter((question) => !this.#dropped.has(question));
    const urgent = open.filter((question) => !this.#askedAt.has(question));
    if (urgent.length > 0) return urgent;
    let most: SideQuestion | undefined;
    let overdue = 1;
    for (const question of open) {
      const period = this.#period(question, idle, now);
      const share = (now - (this.#askedAt.get(question) ?? 0)) / (period * 1000);
      if (share < overdue) continue;
      overdue = share;
      most = question;
    }
    return most === undefined ? [] : [most];
  }

  asked(question: SideQuestion, at: EpochMs): void {
    this.#askedAt.set(question, at);
  }

  /** This firmware does not know the question. */
  drop(question: SideQuestion): void {
    this.#dropped.add(question);
  }

  /** Their answers change now or soon: ask at the next reading, and again for two minutes. */
  watch(now: EpochMs, ...questions: readonly SideQuestion[]): void {
    this.renew(...questions);
    for (const question of questions) {
      this.#watchedUntil.set(question, now + WATCH.lasts * 1000);
    }
  }

  /** Their answers may have changed: ask again at the next reading. */
  renew(...questions: readonly SideQuestion[]): void {
    for (const question of questions) {
      this.#askedAt.delete(question);
      this.#dropped.delete(question);
    }
  }

  /** Seconds. */
  #period(question: SideQuestion, idle: boolean, now: EpochMs): number {
    const usual = question === "status" && idle ? IDLE_STATUS_PERIOD : PERIODS[question];
    const watched = now < (this.#watchedUntil.get(question) ?? 0);
    return watched ? Math.min(usual, WATCH.every) : usual;
  }
}
