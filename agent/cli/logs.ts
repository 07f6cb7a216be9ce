// `nockd logs [-f] [FILE]`

import { viewLog } from "../log-view.ts";

export async function logs(file: string, follow: boolean): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  // A closed pipe (`nockd logs | head`) is an end like any other.
  process.stdout.once("error", () => stop.abort());
  await viewLog({
    file,
    follow,
    out: process.stdout,
    signal: stop.signal,
    // Who follows wants what happens now, with a page of what came before.
    ...(follow ? { lines: 50 } : {}),
  });
  return 0;
}
