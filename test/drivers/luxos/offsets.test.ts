// Boards of LuxOS apart from the common frequency.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { megahertz } from "../../../drivers/contract/units.ts";
import { connectDevice } from "../../../drivers/index.ts";
import { encode } from "../../../drivers/luxos/encode.ts";
import { type Bench, startBench } from "../../sim/bench.ts";
import { tryOut } from "../../write-trial.ts";

const APART = [20, -15, -5].map(megahertz);
const BOARDS: Setting = { knob: "boardOffsets", value: APART };

describe("on the wire", () => {
  const now = { boards: [0, 1, 2], singleVoltage: true, frequency: megahertz(290) };
  const fields = (settings: readonly Setting[], offsets?: typeof APART) =>
    encode(settings, { ...now, ...(offsets === undefined ? {} : { offsets }) }).map((step) =>
      step.kind === "command" ? [step.command, ...step.fields].join(" ") : step.kind,
    );

  test("each board is sent its own frequency", () => {
    expect(fields([BOARDS])).toEqual([
      "frequencyset 0 310",
      "frequencyset 1 275",
      "frequencyset 2 285",
    ]);
  });

  test("another common frequency leaves them apart", () => {
    expect(fields([{ knob: "frequency", value: megahertz(300) }], APART)).toEqual([
      "frequencyset 0 320",
      "frequencyset 1 285",
      "frequencyset 2 295",
    ]);
  });
});

describe("on the simulated machine", () => {
  let bench: Bench;
  let session: Session;
  beforeEach(async () => {
    bench = await startBench("luxos", 1);
    session = connectDevice(bench.options, { now: bench.now });
  });
  afterEach(async () => {
    await session.close();
    await bench.machine.stop();
  });

  test("boards run apart, are read back so, and keep it when all move", async () => {
    const state = await tryOut(bench, session, BOARDS);
    expect(state.outcome).toMatchObject({
      verdict: "applied",
      detail: "read back and effect seen",
    });
    const common = state.telemetry?.setpoint.frequency?.value ?? 0;
    expect(bench.machine.plant.truth.boards.map(({ frequency }) => frequency - common)).toEqual(
      APART,
    );
    const moved = await tryOut(bench, session, {
      knob: "frequency",
      value: megahertz(common - 50),
    });
    expect(moved.outcome?.verdict).toBe("applied");
    expect(moved.telemetry?.setpoint.boardOffsets?.value).toEqual(APART);
    expect(moved.telemetry?.setpoint.frequency?.value).toBe(common - 50);
  });
});
