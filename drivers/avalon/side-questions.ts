// Which of the slow-changing questions is asked now: all at first, then at most one a reading, so that a
// steady reading costs two or three connections of a daemon that serves one client at a time.

import type { EpochMs } from "../contract/units.ts";

/** Seconds after which an answer is old. */
const PERIODS = {
  pools: 120,
  /** Change with a firmware update, which restarts the machine and makes them due. */
  version: 21_600,
  help: 21_600,
} as const;

export type SideQuestion = keyof typeof PERIODS;
const ALL = ["version", "help", "pools"] as const satisfies readonly SideQuestion[];

export class SideQuestions {
  readonly #askedAt = new Map<SideQuestion, EpochMs>();

  /** Never asked, or made due: all of them. Else the one that is most overdue, if any. */
  due(now: EpochMs): readonly SideQuestion[] {
    const urgent = ALL.filter((question) => !this.#askedAt.has(question));
    if (urgent.length > 0) return urgent;
    let most: SideQuestion | undefined;
    let overdue = 1;
    for (const question of ALL) {
      const share = (now - (this.#askedAt.get(question) ?? 0)) / (PERIODS[question] * 1000);
      if (share < overdue) continue;
      overdue = share;
      most = question;
    }
    return most === undefined ? [] : [most];
  }

  asked(question: SideQuestion, at: EpochMs): void {
    this.#askedAt.set(question, at);
  }

  /** Their answers may have changed: ask again at the next reading. */
  renew(...questions: readonly SideQuestion[]): void {
    for (const question of questions) this.#askedAt.delete(question);
  }
}
