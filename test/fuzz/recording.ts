// What a machine said to one session, in its order: the true replies that are then twisted.

import { type Asked, type Reply, restoreNetwork, tapNetwork } from "./network.ts";

export interface Exchange {
  readonly asked: Asked;
  readonly reply: Reply;
}

/** The replies to one question, first to last. */
export type Recording = ReadonlyMap<string, readonly Exchange[]>;

/** What `talk` hears. */
export async function record(talk: () => Promise<unknown>): Promise<Recording> {
  const heard = new Map<string, Exchange[]>();
  tapNetwork((asked, reply) => {
    const before = heard.get(asked.key);
    if (before === undefined) heard.set(asked.key, [{ asked, reply }]);
    else before.push({ asked, reply });
  });
  try {
    await talk();
    // Sockets tell their last reply when they are closed, which is after the session has ended.
    await new Promise((resolve) => setTimeout(resolve, 50));
  } finally {
    restoreNetwork();
  }
  return heard;
}

/** Answers as recorded: the first time with the first reply, and then on; the last is repeated. */
export class Playback {
  readonly #recording: Recording;
  readonly #asked = new Map<string, number>();

  constructor(recording: Recording) {
    this.#recording = recording;
  }

  answer(asked: Asked): Exchange | undefined {
    const list = this.#recording.get(asked.key);
    if (list === undefined) return undefined;
    const turn = this.#asked.get(asked.key) ?? 0;
    this.#asked.set(asked.key, turn + 1);
    return list[Math.min(turn, list.length - 1)];
  }
}
