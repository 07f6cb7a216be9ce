// `nockd logs [-f] [FILE]`

import { viewLog } from "../log-view.ts";

/** 0 after the file, or when stopped; 2 for a file that cannot be read. */
export async function logs(file: string, follow: boolean): Promise<number> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  // A closed pipe (`nockd logs | head`) is an end like any other.
  process.stdout.once("error", () => stop.abort());
  try {
    await viewLog({
      file,
      follow,
      out: process.stdout,
      signal: stop.signal,
      // Who follows wants what happens now, with a page of what came before.
      ...(follow ? { lines: 50 } : {}),
    });
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    process.stderr.write(
      `nockd: cannot read ${file}: ${code}; expected the file that log.file of the configuration names\n`,
    );
    return 2;
  }
}
