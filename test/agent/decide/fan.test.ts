import { describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { celsius, percent, watts } from "../../../drivers/contract/units.ts";
import { policies } from "../example.ts";
import { actions, runSeries } from "../series.ts";
import { Toy } from "../toy.ts";

/** Fans that cost the cube of their speed and cool by speed^0.8; chips that leak 0.9 % more a kelvin. */
class FanToy extends Toy {
  override read(at: number): Telemetry {
    const whole = super.read(at);
    const duty = this.fan === "auto" ? 0.6 : this.fan / 100;
    const cool = whole.power!.value;
    const chip = 25 + (cool / 70) * (0.6 / duty) ** 0.8;
    const power = cool * (1 + 0.009 * (chip - 60)) + 80 * duty ** 3;
    return {
      ...whole,
      power: { ...whole.power!, value: watts(power) },
      temperature: { chip: { ...whole.temperature!.chip!, value: celsius(Math.round(chip)) } },
      fans: [{ index: 0, duty: { ...whole.power!, value: percent(duty * 100) } }],
    };
  }
}

describe("fans as a lever", () => {
  const levers = ["voltage", "frequency", "fan"];

  test("beside a model of frequency and voltage they are tried, once, and left where they pay", () => {
    const machine = new FanToy();
    const entries = runSeries(machine, policies({ mode: "act", levers }), 20 * 60);
    expect(machine.voltage).toBeLessThan(12_900);
    expect(machine.fan).not.toBe("auto");
    const tried = actions(entries)
      .flatMap((entry) => entry.ruled.action?.settings ?? [])
      .filter((setting) => setting.knob === "fan");
    expect(tried[0]).toMatchObject({ value: 90 });
    expect(tried.length).toBeLessThanOrEqual(6);
    const { tuning } = entries.at(-1)!.state;
    expect(tuning.exhausted.fan).toBeDefined();
    expect(tuning.best!.efficiency).toBeLessThan(tuning.baseline!.efficiency * 0.93);
  });

  test("are left alone where they are not named", () => {
    const machine = new FanToy();
    runSeries(machine, policies({ mode: "act" }), 10 * 60);
    expect(machine.fan).toBe("auto");
  });
});
