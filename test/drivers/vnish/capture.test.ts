// Recorded answers of real machines; they lie beside the checkout. The recorded answers to writes and to
// unlock are stand-ins of their recorder, so only reading is compared.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { identify } from "../../../drivers/vnish/identify.ts";
import type { Answers } from "./answers.ts";
import { connect, NEVER, type Scripted, serve } from "./scripted.ts";

const ROOT = new URL("../../../../shared/captures/", import.meta.url);
const S21_PRO = new URL("antminer/s21-pro--vnish--1.2.7/", ROOT);
const L9 = new URL("antminer/l9--vnish--1.2.6/", ROOT);
const present = existsSync(S21_PRO) && existsSync(L9);
const missing = present ? "" : " (not beside this checkout)";

/** `api_v1_autotune_presets.json` is `autotune/presets`; `pools.json` is `4028 pools`. */
function recorded(set: URL): Answers {
  const entries = readdirSync(set)
    .filter((file) => file.endsWith(".json") && !file.includes("__post"))
    .map((file) => [nameOf(file), JSON.parse(readFileSync(new URL(file, set), "utf8"))]);
  return Object.fromEntries(entries);
}

function nameOf(file: string): string {
  const name = file.replace(".json", "");
  if (!name.startsWith("api_v1_")) return `4028 ${name}`;
  return name.replace("api_v1_", "").replace("autotune_", "autotune/");
}

let machine: Scripted;
afterEach(() => machine.stop());

async function read(set: URL): Promise<Telemetry> {
  machine = await serve(recorded(set));
  const { session } = connect(machine);
  const telemetry = await session.read(NEVER);
  await session.close();
  return telemetry;
}

describe.skipIf(!present)(`capture of an S21 Pro on 1.2.7${missing}`, () => {
  test("is recognised over the web, and over 4028 alone", async () => {
    machine = await serve(recorded(S21_PRO));
    const both = await identify(openProbe({ ...machine.address, deadline: 1000 }));
    expect(both).toMatchObject({
      driver: "vnish",
      identity: { model: "S21 Pro", firmwareVersion: "1.2.7", mac: "02:95:23:B3:E0:79" },
    });
    await machine.web.stop();
    const api = await identify(openProbe({ ...machine.address, deadline: 1000 }));
    expect(api?.identity).toMatchObject({ model: "S21 Pro", firmwareVersion: "1.2.7" });
  });

  test("agrees with what the same machine said on 4028 a second later", async () => {
    const telemetry = await read(S21_PRO);
    const data = (recorded(S21_PRO)["4028 stats"] as { STATS: Record<string, number | string>[] })
      .STATS[1]!;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(Number(data["GHS 5s"]) * 1e9, -6);
    expect(telemetry.hashrate?.average?.value).toBeCloseTo(Number(data["GHS av"]) * 1e9, -6);
    expect(telemetry.hashrate?.ideal?.value).toBeCloseTo(Number(data["total_rateideal"]) * 1e9, -6);
    expect(telemetry.uptime?.value).toBe(4_423_000);
    expect(telemetry.fans).toHaveLength(Number(data["fan_num"]));
    expect(telemetry.fans[0]?.duty?.value).toBe(data["fan_pwm"]);
    for (const [index, board] of telemetry.boards.entries()) {
      const chain = (key: string) => Number(data[`${key}${index + 1}`]);
      expect(board.chips?.value).toBe(chain("chain_acn"));
      expect(board.frequency?.value).toBe(chain("freq_avg"));
      expect(board.voltage?.value).toBe(chain("chain_vol"));
      expect(board.hardwareErrors?.value).toBe(chain("chain_hw"));
      expect(board.boardTemperature?.value).toBe(chain("temp"));
      expect(board.chipTemperature?.value).toBe(chain("temp2_"));
      expect(board.hashrate?.value).toBeCloseTo(chain("chain_rate") * 1e9, -6);
      expect(board.ideal?.value).toBeCloseTo(chain("chain_rateideal") * 1e9, -6);
    }
  });

  test("counts the same shares as 4028", async () => {
    const { shares } = await read(S21_PRO);
    const [summary] = (recorded(S21_PRO)["4028 summary"] as { SUMMARY: Record<string, number>[] })
      .SUMMARY;
    expect(shares).toMatchObject({
      accepted: { value: summary!["Accepted"] },
      rejected: { value: summary!["Rejected"] },
      difficultyAccepted: { value: summary!["Difficulty Accepted"] },
    });
  });

  test("tells the preset at work from the stored one, and offers what the machine bears", async () => {
    const { setpoint, controls, power, activity } = await read(S21_PRO);
    expect(activity?.value).toBe("ramping");
    expect(power).toMatchObject({ value: 2583, basis: "psu" });
    expect(setpoint).toMatchObject({
      profile: { value: "2800" },
      frequency: { value: 495 },
      voltage: { value: 13_000 },
      autotune: { value: true },
      fan: { value: "auto" },
    });
    expect(controls.frequency).toMatchObject({ min: 50, max: 600 });
    expect(controls.voltage).toMatchObject({ min: 11_700, max: 15_300 });
    expect(controls.profile?.choices).toHaveLength(12);
    expect(controls.profile?.choices.at(-1)).toMatchObject({ name: "3520", hashrate: 236e12 });
    // /status was not recorded, so that the light cannot be read back.
    expect(controls).not.toHaveProperty("locate");
  });
});

describe.skipIf(!present)(`capture of an L9 on 1.2.6${missing}`, () => {
  test("has its rates in MH/s", async () => {
    const telemetry = await read(L9);
    expect(telemetry.identity).toMatchObject({ model: "L9", modelKnown: true });
    expect(telemetry.algorithm).toBe("scrypt");
    expect(telemetry.hashrate).toMatchObject({
      now: { value: 17_265.559e6 },
      average: { value: 17_198.357e6 },
      nameplate: { value: 16_500e6 },
    });
    const { miner } = recorded(L9)["summary"] as { miner: Record<string, number> };
    // The recorder calls `instant_hashrate` GH/s: it is the same rate.
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(miner["instant_hashrate"]! * 1e9, -5);
  });

  test("an abridged capture gives what it has, and no zero", async () => {
    const telemetry = await read(L9);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry).not.toHaveProperty("power");
    expect(telemetry).not.toHaveProperty("temperature");
    expect(telemetry.boards).toEqual([]);
    expect(telemetry.controls).toEqual({});
  });
});
