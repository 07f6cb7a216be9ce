// `nockd subscribe`

import { systemClock } from "../clock.ts";
import { formatMessage } from "../report/format-message.ts";
import { EVERYTHING, subscribe as listen } from "../report/subscriber.ts";

export interface SubscribeOptions {
  readonly url: string;
  readonly filter?: string;
  readonly count?: number;
  readonly username?: string;
}

/** 0 when stopped or after `count` messages, 2 for an impossible URL. Counts go to standard error. */
export async function subscribe(options: SubscribeOptions): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  process.stdout.once("error", () => stop.abort());
  let seen = 0;
  try {
    const subscriber = listen(
      {
        url: options.url,
        filter: options.filter ?? EVERYTHING,
        username: options.username,
        password: process.env["NOCKD_PASSWORD"],
        keepAliveSeconds: 30,
        reconnectMinSeconds: 1,
        reconnectMaxSeconds: 10,
        version: "3.1.1",
      },
      (message) => {
        process.stdout.write(`${formatMessage(message)}\n`);
        seen += 1;
        if (seen === options.count) stop.abort();
      },
      {
        now: () => systemClock.now(),
        sleep: (duration, signal) => systemClock.sleep(duration, signal),
        log: () => undefined,
        onLink: ({ up, reason }) =>
          process.stderr.write(up ? `connected to ${options.url}\n` : `not connected: ${reason}\n`),
      },
      stop.signal,
    );
    await subscriber.done;
    process.stderr.write(`${seen} messages: ${JSON.stringify(subscriber.counts.byType)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`nockd: ${error.message}\n`);
    return 2;
  }
}
