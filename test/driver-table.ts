// The README's table of drivers: what each covers, and what its simulated machine lets read and set.

import type { Telemetry } from "../drivers/contract/telemetry.ts";
import { connectDevice, type DriverKind, drivers } from "../drivers/index.ts";
import { startBench } from "./sim/bench.ts";
import { SIMULATED, type Simulated, VARIANTS } from "./sim/simulated.ts";

export const TABLE_START =
  "<!-- drivers: made by scripts/readme-table.mjs, checked by test/readme.test.ts -->";
export const TABLE_END = "<!-- end of drivers -->";

/** Markdown, without its markers. */
export async function driverTable(): Promise<string> {
  const rows: string[] = ["| driver | machines | read | can be set |", "| --- | --- | --- | --- |"];
  for (const driver of drivers) {
    const kind = driver.kind as DriverKind;
    const telemetry = await readSimulated(kind, SIMULATED[kind]);
    const knobs = new Set(Object.keys(telemetry.controls));
    for (const variant of VARIANTS.filter((each) => each.kind === kind)) {
      // Some knobs are offered in one state of a machine and not in another.
      const { controls } = await readSimulated(kind, variant);
      for (const knob of Object.keys(controls)) knobs.add(knob);
    }
    const settable = [...knobs].sort().join(", ") || "nothing";
    rows.push(`| \`${driver.kind}\` | ${driver.covers} | ${readWords(telemetry)} | ${settable} |`);
  }
  return rows.join("\n");
}

async function readSimulated(kind: DriverKind, simulated: Simulated): Promise<Telemetry> {
  const bench = await startBench(kind, 1, { simulated });
  const session = connectDevice(bench.options, { now: bench.now });
  try {
    return await session.read(new AbortController().signal);
  } finally {
    await session.close();
    await bench.machine.stop();
  }
}

function readWords(telemetry: Telemetry): string {
  const { hashrate, power, temperature, boards, fans, pools, shares } = telemetry;
  const parts = [
    hashrate?.now !== undefined || hashrate?.average !== undefined ? "hashrate" : "",
    hashrate?.ideal !== undefined ? "expected hashrate" : "",
    power === undefined ? "" : `power (${power.basis})`,
    temperature?.chip === undefined ? "" : "chip",
    temperature?.board === undefined ? "" : "board",
    temperature?.inlet === undefined ? "" : "inlet",
    boards.length > 0 ? "boards" : "",
    fans.length > 0 ? "fans" : "",
    pools.length > 0 ? "pools" : "",
    shares?.accepted === undefined ? "" : "shares",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** The README with the table put between its markers. */
export function withTable(readme: string, table: string): string {
  const start = readme.indexOf(TABLE_START);
  if (start < 0) throw new Error(`README.md lacks the line ${TABLE_START}`);
  const end = readme.indexOf(TABLE_END);
  const rest =
    end < 0 ? readme.slice(start + TABLE_START.length) : readme.slice(end + TABLE_END.length);
  return `${readme.slice(0, start)}${TABLE_START}\n\n${table}\n\n${TABLE_END}${rest}`;
}
