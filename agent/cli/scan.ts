// `nockd scan RANGE`

import { printable } from "../../config/printable.ts";
import { parseRange } from "../fleet/address-range.ts";
import { type Found, scanRange } from "../fleet/scan.ts";
import { table } from "./table.ts";

export interface ScanOptions {
  readonly port: number;
  readonly httpPort: number;
  readonly apiPort3: number;
  readonly deadline: number;
  readonly connectDeadline: number;
  readonly parallel: number;
  readonly json?: boolean;
}

/** 0 when at least one machine was identified, 1 when none, 2 for a wrong range. */
export async function scan(range: string, options: ScanOptions): Promise<number> {
  let addresses: string[];
  try {
    addresses = parseRange(range);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    process.stderr.write(`nockd: range ${error.message}\n`);
    return 2;
  }
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const found: Found[] = [];
  const began = performance.now();
  const show = progressLine(addresses.length, began);
  await scanRange(
    {
      addresses,
      port: options.port,
      httpPort: options.httpPort,
      apiPort3: options.apiPort3,
      deadline: options.deadline * 1000,
      connectDeadline: options.connectDeadline * 1000,
      parallel: options.parallel,
      signal: stop.signal,
    },
    (machine) => {
      found.push(machine);
      if (options.json === true) process.stdout.write(`${JSON.stringify(machine)}\n`);
    },
    (done) => show(done, found.length),
  );
  if (options.json !== true && found.length > 0) process.stdout.write(`${foundTable(found)}\n`);
  const known = found.filter((machine) => machine.sighting !== undefined).length;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  process.stderr.write(`${known} of ${addresses.length} addresses identified in ${seconds} s\n`);
  return known > 0 ? 0 : 1;
}

function foundTable(found: readonly Found[]): string {
  const rows = found.map(({ address, sighting, problem }) => {
    if (problem !== undefined) return [address, "?", `bug in a driver: ${printable(problem)}`];
    if (sighting === undefined) return [address, "?", "answers, but no driver knows it"];
    const { model, vendor, firmwareVersion, mac, serial } = sighting.identity;
    return [address, sighting.driver, model ?? vendor, firmwareVersion ?? "", mac ?? serial ?? ""];
  });
  return table([["address", "driver", "model", "firmware", "identity"], ...rows]);
}

/** Of real time, milliseconds: more often nobody can read. */
const REFRESH = 100;

/** On a terminal only: a log file needs no progress. The last call takes the line away. */
function progressLine(total: number, began: number): (done: number, found: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  let shownAt = -Infinity;
  return (done, found) => {
    const now = performance.now();
    if (done < total && now - shownAt < REFRESH) return;
    shownAt = now;
    const text = done < total ? progressText(done, total, found, (now - began) / 1000) : "";
    process.stderr.write(`\r${text}\u001b[K`);
  };
}

/** `512 of 1022 addresses, 17 found, about 12 s left`. `elapsed`: seconds. */
export function progressText(done: number, total: number, found: number, elapsed: number): string {
  const left = done === 0 ? "" : `, about ${Math.ceil((elapsed / done) * (total - done))} s left`;
  return `${done} of ${total} addresses, ${found} found${left}`;
}
