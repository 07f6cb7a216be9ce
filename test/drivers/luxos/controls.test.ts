import { describe, expect, it } from "vitest";
import { changed, fixture, telemetryOf } from "./canned.ts";

describe("what LuxOS lets be set", () => {
  it("reaches from the machine's lowest profile to the end of the maker's window or the supply", () => {
    const { controls } = telemetryOf(fixture());
    expect(controls.frequency).toMatchObject({ min: 190, max: 690, step: 5 });
    expect(controls.voltage).toMatchObject({ min: 11_880, max: 14_100, step: 50 });
    const weak = telemetryOf(changed("limits", "LIMITS", { VoltageMax: 13.2, FrequencyMax: 600 }));
    expect(weak.controls).toMatchObject({ voltage: { max: 13_200 }, frequency: { max: 600 } });
  });

  it("offers the profiles in the order of power, none beyond the window", () => {
    const choices = telemetryOf(fixture()).controls.profile?.choices ?? [];
    expect(choices.map((choice) => choice.name)).toEqual([
      "190MHz",
      "290MHz",
      "340MHz",
      "default",
      "690MHz",
    ]);
    expect(choices[1]).toEqual({
      name: "290MHz",
      frequency: 290,
      voltage: 11_880,
      power: 1188,
      hashrate: 59.8e12,
      tuned: true,
    });
  });

  it("offers nothing on a model that is not in the table, or when another firmware answers", () => {
    expect(telemetryOf(changed("config", "CONFIG", { Model: "Antminer S99" })).controls).toEqual(
      {},
    );
    const flashed = changed("config", "CONFIG", { OS: "" });
    const status = (flashed["summary"] as { STATUS: { Description: string }[] }).STATUS[0]!;
    status.Description = "cgminer 1.0.0";
    expect(telemetryOf(flashed).controls).toEqual({});
  });

  it("has a power limit instead of frequency and voltage where the firmware holds a power", () => {
    const power = { PowerLimit: 3500, PowerMin: 2800, PowerTarget: 3320 };
    const { controls, setpoint } = telemetryOf(changed("atm", "ATM", power));
    expect(controls.powerLimit).toMatchObject({ min: 2800, max: 3500 });
    expect(setpoint.powerLimit?.value).toBe(3320);
    expect(controls.frequency).toBeUndefined();
    expect(controls.voltage).toBeUndefined();
  });

  it("has no fan knob in oil or water, or where it could not be read back", () => {
    const untold = telemetryOf(changed("tempctrl", "TEMPCTRL", { Mode: null }));
    expect(untold.controls.fan).toBeUndefined();
    expect(untold.setpoint.fan).toBeUndefined();
    const oil = telemetryOf(changed("config", "CONFIG", { ImmersionMode: true }));
    expect(oil.controls.fan).toBeUndefined();
    expect(telemetryOf(fixture()).controls.fan).toMatchObject({ min: 20, max: 100, auto: true });
  });
});
