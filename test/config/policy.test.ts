import { describe, expect, expectTypeOf, test } from "vitest";
import { checkConfig, formatErrors } from "../../config/check.ts";
import {
  policyFor,
  type SafetyPolicy,
  safetyPolicy,
  type TuningPolicy,
} from "../../config/policy.ts";
import type { DeviceConfig } from "../../config/schema.ts";

function configOf(text: string) {
  const checked = checkConfig(text);
  if (!checked.ok) throw new Error(formatErrors(checked.errors, "test"));
  return checked.config;
}

describe("policyFor", () => {
  const config = configOf(`
tuning: { mode: observe, hashrateFloor: 0.8 }
safety: { powerMaxWatts: 4000, boardMaxCelsius: 70 }
devices:
  - { id: plain, driver: luxos, host: a }
  - id: special
    driver: luxos
    host: b
    tuning: { mode: act, levers: [profile] }
    safety: { powerMaxWatts: 3000 }
`);
  const [plain, special] = config.devices as [DeviceConfig, DeviceConfig];

  test("is the policy of the configuration where the device says nothing", () => {
    expect(policyFor(config, plain)).toEqual({ tuning: config.tuning, safety: config.safety });
  });

  test("takes the keys that the device overrides, and only those", () => {
    const { tuning, safety } = policyFor(config, special);
    expect(tuning).toEqual({ ...config.tuning, mode: "act", levers: ["profile"] });
    expect(safety).toEqual({ ...config.safety, powerMaxWatts: 3000 });
  });

  test("an override never brings a default of its own", () => {
    expect(special.tuning).toEqual({ mode: "act", levers: ["profile"] });
    expect(special.safety).toEqual({ powerMaxWatts: 3000 });
  });

  test("changes neither the configuration nor the device", () => {
    const before = structuredClone({ config, special });
    policyFor(config, special);
    expect({ config, special }).toEqual(before);
  });

  test("overrides obey the same ranges and know the same keys", () => {
    const wrong = (override: string) =>
      checkConfig(`devices: [{ id: a, driver: luxos, host: h, ${override} }]`);
    expect(wrong("tuning: { hashrateFloor: 0.1 }").ok).toBe(false);
    expect(wrong("safety: { crashesPerDay: 1.5 }").ok).toBe(false);
    expect(wrong("safety: { chipMax: 80 }").ok).toBe(false);
    expect(wrong("tuning: { hashrateFloor: 0.5 }").ok).toBe(true);
  });

  test("has the exact types", () => {
    expectTypeOf(policyFor(config, special)).toExtend<{
      tuning: TuningPolicy;
      safety: SafetyPolicy;
    }>();
    expectTypeOf<SafetyPolicy["powerMaxWatts"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<TuningPolicy["mode"]>().toEqualTypeOf<"observe" | "suggest" | "act">();
  });
});

test("the defaults agree with each other", () => {
  const safety = safetyPolicy.parse({});
  expect(safety.chipSoftCelsius).toBeLessThan(safety.chipMaxCelsius);
  expect(safety.hashRatioRevert).toBeLessThan(safety.hashRatioFloor);
  expect(checkConfig("{}").ok).toBe(true);
});
