// Who answers in a range of addresses: many addresses at a time, one question at a time to each.

import { setTimeout as pause } from "node:timers/promises";
import type { Probe, Sighting } from "../../drivers/contract/driver.ts";
import { identify } from "../../drivers/index.ts";
import { openProbe } from "../../drivers/transport/probe.ts";

export interface ScanRequest {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly httpPort: number;
  readonly apiPort3: number;
  /** For each question, in milliseconds of real time. */
  readonly deadline: number;
  /** For each connection, in milliseconds of real time: what an empty address costs. */
  readonly connectDeadline: number;
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
  // All of the drivers' code is loaded before: while it loads, every deadline would pass unseen.
  await identify(NOBODY);
  const left = request.addresses.values();
  let done = 0;
  const worker = async (signal: AbortSignal) => {
    for (const address of left) {
      if (signal.aborted) return;
      const found = await ask(address, request, signal);
      done += 1;
      if (found !== undefined) onFound(found);
      onProgress(done);
    }
  };
  const parallel = Math.min(request.parallel, request.addresses.length);
  // A signal each: thousands of listeners on one would take longer than the sockets.
  const stops = Array.from({ length: parallel }, () => new AbortController());
  const stopAll = () => {
    for (const stop of stops) stop.abort();
  };
  request.signal.addEventListener("abort", stopAll, { once: true });
  if (request.signal.aborted) stopAll();
  const workers: Promise<void>[] = [];
  for (const [index, { signal }] of stops.entries()) {
    if (index > 0 && index % RAMP === 0) await pause(RAMP_PAUSE);
    workers.push(worker(signal));
  }
  await Promise.all(workers);
  request.signal.removeEventListener("abort", stopAll);
}

/** Begun at once, so that a burst of refusals does not hold up the program; more follow after a pause. */
const RAMP = 64;
/** Of real time, milliseconds. */
const RAMP_PAUSE = 50;

const NOBODY: Probe = { api: async () => undefined, web: async () => undefined };

async function ask(
  address: string,
  request: ScanRequest,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const { port, httpPort, apiPort3, deadline, connectDeadline } = request;
  const limits = { deadline, connectDeadline, signal };
  const probe = openProbe({ host: address, port, httpPort, apiPort3, ...limits });
  try {
    const sighting = await identify(probe);
    if (sighting !== undefined) return { address, sighting };
  } catch (error) {
    // One odd answer must not end the scan of all the others.
    return { address, problem: String(error) };
  }
  return probe.answered() ? { address } : undefined;
}
