// Whatever a firmware makes of its answer: no bug, no NaN, no zero where nothing was read.

import fc from "fast-check";
import { expect, test } from "vitest";
import { decode } from "../../../drivers/bitaxe/decode.ts";
import { identify } from "../../../drivers/bitaxe/identify.ts";
import { Info } from "../../../drivers/bitaxe/wire.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { GAMMA_V2_14, NERD_V1_0, NOW, SUPRA_V2_4 } from "./canned.ts";

const FIXTURES = [SUPRA_V2_4, GAMMA_V2_14, NERD_V1_0];
const at = epochMs(NOW);

const odd = fc.oneof(
  fc.constantFrom(null, "", "NaN", "-nan", "inf", "0x", true, false, {}, [], [null], [{}], "-1"),
  fc.double(),
  fc.string(),
  fc.record({ asics: fc.array(fc.oneof(fc.constant(null), fc.object())) }),
);

const mutated = fc
  .record({
    fixture: fc.constantFrom(...FIXTURES),
    changes: fc.array(fc.record({ at: fc.nat(60), to: fc.option(odd, { nil: undefined }) }), {
      minLength: 1,
      maxLength: 12,
    }),
  })
  .map(({ fixture, changes }) => {
    const changed: Record<string, unknown> = { ...fixture };
    const keys = Object.keys(fixture);
    for (const { at: index, to } of changes) {
      const key = keys[index % keys.length] ?? "";
      if (to === undefined) delete changed[key];
      else changed[key] = to;
    }
    return changed;
  });

const SETTINGS = { numRuns: 300, seed: 20_260_601 };

test("decode throws nothing but a DeviceError and yields no NaN", () => {
  fc.assert(
    fc.property(mutated, (answer) => {
      const info = Info.safeParse(answer);
      if (!info.success) return;
      try {
        const telemetry = decode({ info: info.data, at }, at, []);
        expect(oddNumbers(telemetry)).toEqual([]);
      } catch (error) {
        if (!isDeviceError(error)) throw error;
      }
    }),
    SETTINGS,
  );
});

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

test("identification answers or says nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        mutated.map((value) => JSON.stringify(value)),
        fc.string(),
      ),
      async (body) => {
        const sighting = await identify({
          api: () => Promise.resolve(undefined),
          web: () => Promise.resolve({ status: 200, headers: {}, body }),
        });
        if (sighting !== undefined) expect(sighting.driver).toBe("bitaxe");
      },
    ),
    SETTINGS,
  );
});

function oddNumbers(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path}: ${value}`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => oddNumbers(each, `${path}.${key}`));
}
