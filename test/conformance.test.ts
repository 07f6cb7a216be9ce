// What every registered driver must do with its simulated machine: be recognised, be read, and have each
// knob that it offers move the machine and be judged "applied" by the agent's own judge.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Controls, KnobName, Setting } from "../drivers/contract/controls.ts";
import type { Session } from "../drivers/contract/driver.ts";
import { type OffsetsName, offsetsFrom } from "../drivers/contract/offsets.ts";
import { connectDevice, drivers, identify } from "../drivers/index.ts";
import { openProbe } from "../drivers/transport/probe.ts";
import { type Bench, startBench } from "./sim/bench.ts";
import type { SimulatedMachine } from "./sim/machine.ts";
import { SIMULATED, VARIANTS } from "./sim/simulated.ts";
import { NEVER, tryOut, wishes } from "./write-trial.ts";

describe.each(VARIANTS)("driver $name", (variant) => {
  const { kind } = variant;
  let bench: Bench;
  let machine: SimulatedMachine;
  let session: Session;

  beforeEach(async () => {
    bench = await startBench(kind, 1, { simulated: variant });
    machine = bench.machine;
    session = connectDevice(bench.options, { now: bench.now });
  });
  afterEach(async () => {
    await session.close();
    await machine.stop();
  });

  test("is recognised by its own answers, without credentials", async () => {
    const probe = openProbe({ ...machine.address, deadline: 2000 });
    const sighting = await identify(probe);
    expect(sighting?.driver).toBe(kind);
    expect(sighting?.identity.vendor).not.toBe("");
  });

  test("reads power basis, rate, heat, boards and fans with their source and time", async () => {
    const telemetry = await session.read(NEVER);
    expect(telemetry.identity.modelKnown).toBe(true);
    expect(telemetry.algorithm).toBe(machine.plant.spec.algorithm);
    expect(telemetry.activity?.value).toBe("hashing");
    const { wallPower, boards } = machine.plant.truth;
    const truth = boards.reduce((sum, board) => sum + board.hashrate, 0);
    expect(telemetry.hashrate?.average?.value ?? 0).toBeGreaterThan(truth * 0.9);
    expect(telemetry.boards).toHaveLength(boards.length);
    // No source gives the fan keys of Goldshell.
    if (kind !== "goldshell") expect(telemetry.fans.length).toBeGreaterThan(0);
    if (telemetry.power?.basis === "psu") {
      expect(Math.abs(telemetry.power.value / wallPower - 1)).toBeLessThan(0.05);
    }
    for (const reading of [
      telemetry.hashrate?.now,
      telemetry.power,
      telemetry.temperature?.board,
    ]) {
      if (reading === undefined) continue;
      expect(reading.source).not.toBe("");
      expect(reading.at).toBeLessThanOrEqual(telemetry.at);
    }
    expect(telemetry.problems).toEqual([]);
  });

  test("a second reading opens at most three connections", async () => {
    await session.read(NEVER);
    const before = bench.connections();
    bench.advance(10_000);
    await session.read(NEVER);
    expect(bench.connections() - before).toBeLessThanOrEqual(3);
  });

  test("offers nothing that it does not read back or cannot describe", async () => {
    const { controls, setpoint } = await session.read(NEVER);
    expect(Object.keys(controls).length).toBeGreaterThan(0);
    for (const [knob, control] of Object.entries(controls)) {
      expect(control.effect.settles, knob).toBeGreaterThan(0);
      if (knob === "restart" || knob === "reboot") continue;
      expect(Object.keys(setpoint), `${knob} has no read-back`).toContain(knob);
    }
  });

  test("refuses a value outside of the envelope before anything is sent", async () => {
    const { controls } = await session.read(NEVER);
    const before = bench.connections();
    let tried = 0;
    for (const [knob, control] of Object.entries(controls)) {
      const wish = beyond(knob, control);
      if (wish === undefined) continue;
      tried += 1;
      await expect(session.write([wish], NEVER), knob).rejects.toMatchObject({
        code: "INVALID_SETTING",
      });
    }
    const switches = ["sleep", "locate", "restart", "reboot", "autotune"];
    const bounded = Object.keys(controls).filter((knob) => !switches.includes(knob));
    expect(tried > 0, `${bounded.join(", ")} can leave their envelope`).toBe(bounded.length > 0);
    expect(bench.connections()).toBe(before);
  });

  test("each knob acts on the machine and is judged applied", { timeout: 120_000 }, async () => {
    const { controls } = await session.read(NEVER);
    const verdicts: Record<string, string> = {};
    for (const knob of Object.keys(controls) as KnobName[]) {
      for (const wish of wishes(knob, controls)) {
        const state = await tryOut(bench, session, wish);
        verdicts[`${knob} ${JSON.stringify(wish.value)}`] =
          `${state.outcome?.verdict ?? "no verdict"}${state.outcome?.verdict === "applied" ? "" : `: ${state.outcome?.detail}`}`;
      }
    }
    const failed = Object.entries(verdicts).filter(([, verdict]) => verdict !== "applied");
    expect(failed).toEqual([]);
  });
});

test("every registered driver has its simulated machine", () => {
  expect(Object.keys(SIMULATED).sort()).toEqual(drivers.map((driver) => driver.kind).sort());
});

/** A value that the control rules out; undefined for a switch, which has none. */
function beyond(knob: string, control: NonNullable<Controls[KnobName]>): Setting | undefined {
  if ("choices" in control) return { knob, value: "no such choice" } as Setting;
  if ("parts" in control) {
    const most = control.max + 1000 * control.step;
    const rows = control.parts.map((parts) => Array.from({ length: parts }, () => most));
    return { knob, value: offsetsFrom(knob as OffsetsName, rows) } as Setting;
  }
  if (!("max" in control)) return undefined;
  if ("step" in control) {
    return { knob, value: control.max + 1000 * control.step } as Setting;
  }
  const pool = { url: "stratum+tcp://pool.test:3333", user: "worker.1", password: "x" };
  return { knob, value: Array.from({ length: control.max + 1 }, () => pool) } as Setting;
}
