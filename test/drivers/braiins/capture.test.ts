// Recorded answers of real machines with values that their source states; they lie beside the checkout.

import { beforeAll, describe, expect, it } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { type Captured, capturesPresent, RECORDED, readCapture } from "./captured.ts";

const beside = capturesPresent ? "" : " (not beside this checkout)";

/** The words of the index for what a Telemetry holds. */
const MEANINGS: Readonly<Record<string, (telemetry: Telemetry) => unknown>> = {
  hashboards: ({ boards }) => boards.length,
  total_chips: ({ boards }) => boards.reduce((sum, board) => sum + (board.chips?.value ?? 0), 0),
  fans: ({ fans }) => fans.length,
  fans_nonzero: ({ fans }) => fans.filter((fan) => (fan.speed?.value ?? 0) > 0).length,
  wattage_w: ({ power }) => power?.value,
  power_target_w: ({ setpoint }) => setpoint.powerLimit?.value,
  // The target that Dynamic Performance Scaling left; it was off in the capture.
  scaled_power_target_w: ({ setpoint }) => setpoint.powerLimit?.value,
  is_mining: ({ activity }) => activity?.value === "hashing",
  api_version: ({ identity }) => identity.apiVersion,
  firmware_version: ({ identity }) => identity.firmwareVersion,
  pools: ({ pools }) => pools.length,
  pool_groups: ({ pools }) => new Set(pools.map((pool) => pool.group)).size,
  expected_hashrate_ths: ({ hashrate }) => (hashrate?.ideal?.value ?? 0) / 1e12,
  hashrate_ths: ({ hashrate }) => (hashrate?.now?.value ?? 0) / 1e12,
  hostname: ({ identity }) => identity.hostname,
  mac: ({ identity }) => identity.mac,
  light_flashing: ({ setpoint }) => setpoint.locate?.value,
};

describe
  .skipIf(!capturesPresent)
  .each(["s19-xp--braiins-os+--25.07", "s21+--braiins-os+--25.03", "s9--braiins-os+--22.08"])(
  `capture %s${beside}`,
  (set) => {
    let captured: Captured;
    beforeAll(async () => {
      captured = await readCapture(set);
    });

    it("gives every value that its source states", () => {
      const { expected, telemetry } = captured;
      expect(Object.keys(expected).length).toBeGreaterThan(5);
      for (const [name, value] of Object.entries(expected)) {
        const meaning = MEANINGS[name];
        if (meaning === undefined) throw new Error(`nobody knows what ${name} means`);
        const found = meaning(telemetry);
        if (typeof value === "number") expect(found, name).toBeCloseTo(value, 9);
        else expect(found, name).toBe(value);
      }
    });

    it("reads every part of it", () => {
      expect(captured.telemetry.problems).toEqual([]);
    });
  },
);

describe.skipIf(!capturesPresent)(`S19 XP on 25.07, by hand${beside}`, () => {
  it("counts in our units", async () => {
    const { telemetry } = await readCapture("s19-xp--braiins-os+--25.07");
    expect(telemetry.identity).toMatchObject({
      model: "S19 XP",
      modelKnown: true,
      firmware: "Braiins OS+",
      firmwareVersion: "2025-08-06-0-3881c51d-25.07-plus",
      controlBoard: "Amlogic",
      psu: "APW121215d/e",
    });
    expect(telemetry.hashrate).toMatchObject({
      now: { value: expect.closeTo(141_463.5654e9, -8), window: 5000 },
      average: { value: expect.closeTo(138_207.05294e9, -8), window: 69_685_000 },
      nameplate: { value: 141e12 },
    });
    expect(telemetry.power).toMatchObject({ value: 3137, basis: "formula" });
    expect(telemetry.boards.map((board) => board.index)).toEqual([0, 1, 2]);
    expect(telemetry.boards[0]).toMatchObject({
      serial: "NGSBYPDBCJBAG8562",
      frequency: { value: 486.704545 },
      chips: { value: 110 },
      chipsExpected: 110,
      chipTemperature: { value: 70.5 },
      boardTemperature: { value: 55.5 },
      inletTemperature: { value: 41 },
      enabled: true,
    });
    expect(telemetry.boards[0]?.voltage?.value).toBeCloseTo(12_938.265, 2);
    expect(telemetry.fans[0]).toMatchObject({ speed: { value: 5904 }, duty: { value: 100 } });
    expect(telemetry.temperature?.chip?.value).toBe(70.5);
    expect(telemetry.pools[0]).toMatchObject({ status: "alive", active: true, accepted: 10_460 });
    expect(telemetry.shares?.lastShareAt?.value).toBe(1_776_446_524_000);
  });

  it("offers no range that the machine did not tell", async () => {
    const { telemetry } = await readCapture("s19-xp--braiins-os+--25.07");
    // The capture holds neither constraints nor tuned profiles.
    expect(Object.keys(telemetry.controls).sort()).toEqual([
      "locate",
      "pools",
      "reboot",
      "restart",
      "sleep",
    ]);
  });

  it("keeps a history of months out of the faults", async () => {
    const { telemetry } = await readCapture("s19-xp--braiins-os+--25.07", RECORDED);
    expect(telemetry.faults).toEqual([]);
  });
});
