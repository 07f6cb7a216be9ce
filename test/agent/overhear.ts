// What a command says, to both streams, without its saying it.

import { vi } from "vitest";

/** Until `vi.restoreAllMocks()`. */
export function overhear(hear: (text: string) => void): void {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      hear(String(text));
      return true;
    });
}
