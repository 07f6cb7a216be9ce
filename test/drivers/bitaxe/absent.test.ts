// What was not told is not there.

import { expect, test } from "vitest";
import { decode } from "../../../drivers/bitaxe/decode.ts";
import { Info } from "../../../drivers/bitaxe/wire.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { GAMMA_V2_14, NERD_V1_0, NOW, SUPRA_V2_4 } from "./canned.ts";

const FIXTURES = [SUPRA_V2_4, GAMMA_V2_14, NERD_V1_0];
const at = epochMs(NOW);

test("a missing value leaves no reading", () => {
  for (const fixture of FIXTURES) {
    const info = Info.parse({ ASICModel: fixture.ASICModel, frequency: fixture.frequency });
    const telemetry = decode({ info, at }, at, []);
    expect(telemetry).not.toHaveProperty("power");
    expect(telemetry).not.toHaveProperty("temperature");
    expect(telemetry).not.toHaveProperty("hashrate");
    expect(telemetry).not.toHaveProperty("shares");
    expect(telemetry.fans).toEqual([]);
    expect(telemetry.pools).toEqual([]);
  }
});
