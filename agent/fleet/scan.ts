// Who answers in a range of addresses: many addresses at a time, one question at a time to each.

import type { Sighting } from "../../drivers/contract/driver.ts";
import { identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";

export interface ScanRequest {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly httpPort: number;
  /** For each question, in milliseconds of real time. */
  readonly deadline: number;
  /** Addresses asked at the same time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
}

export interface Found {
  readonly address: string;
  /** Absent: something answers, but no driver knows it. */
  readonly sighting?: Sighting;
  /** A driver failed on its answers: a bug, to be told. */
  readonly problem?: string;
}

/** Calls `onFound` in the order in which machines answer, `onProgress` after each address. */
export async function scanRange(
  request: ScanRequest,
  onFound: (found: Found) => void,
  onProgress: (done: number) => void,
): Promise<void> {
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < request.addresses.length && !request.signal.aborted) {
      const address = request.addresses[next];
      next += 1;
      if (address === undefined) continue;
      const found = await ask(address, request);
      done += 1;
      if (found !== undefined) onFound(found);
      onProgress(done);
    }
  };
  const workers = Math.min(request.parallel, request.addresses.length);
  await Promise.all(Array.from({ length: workers }, worker));
}

async function ask(address: string, request: ScanRequest): Promise<Found | undefined> {
  const probe = openProbe({
    host: address,
    port: request.port,
    httpPort: request.httpPort,
    deadline: request.deadline,
    signal: request.signal,
  });
  try {
    const sighting = await identify(probe);
    if (sighting !== undefined) return { address, sighting };
  } catch (error) {
    // One odd answer must not end the scan of all the others.
    return { address, problem: String(error) };
  }
  return probe.answered() ? { address } : undefined;
}
