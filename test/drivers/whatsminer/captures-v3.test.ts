// A real answer of API 3, when the shared folder lies beside the checkout. Its author masked what identifies
// the machine, and kept no get.miner.status: those questions are answered from our own fixture.

import { existsSync, readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { epochMs } from "../../../drivers/contract/units.ts";
import { whatsminer } from "../../../drivers/whatsminer/index.ts";
import { type ScriptedV3, startScriptedV3 } from "./scripted-v3.ts";

const FOLDER = new URL(
  "../../../../shared/captures/whatsminer/m50_vh84--20250915.16.Rel2/",
  import.meta.url,
);
const load = (url: URL) => JSON.parse(readFileSync(url, "utf8"));

let machine: ScriptedV3 | undefined;
afterEach(() => machine?.daemon.stop());

test.skipIf(!existsSync(FOLDER))(
  "M50_VH84, API 3.0.2 (skipped where ../shared is absent)",
  async () => {
    machine = await startScriptedV3({
      ...load(new URL("fixtures/m50-v3-api-3.0.json", import.meta.url)),
      "get.device.info": load(new URL("get.device.info.json", FOLDER)),
      "get.system.setting": load(new URL("get.system.setting.json", FOLDER)),
    });
    const options = whatsminer.options.parse({
      driver: "whatsminer",
      host: "127.0.0.1",
      port: 1,
      apiPort3: machine.port,
      password: "Miner_42",
    });
    const now = () => epochMs(1_800_000_000_000);
    const session = whatsminer.connect(options, { now });
    const telemetry = await session.read(new AbortController().signal);
    await session.close();
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({
      model: "M50_VH84",
      modelKnown: true,
      apiVersion: "3.0.2",
      firmwareVersion: "20250915.16.Rel2",
      controlBoard: "H616 CB6V10",
      hostname: "WhatsMiner",
      psu: "P221B",
    });
    // `**:**:**:**:**:**` is no address.
    expect(telemetry.identity.mac).toBeUndefined();
    expect(telemetry.boards).toHaveLength(3);
    expect(telemetry.boards[0]?.voltage?.value).toBe(12_220);
    expect(telemetry.temperature?.psu?.value).toBe(79);
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.setpoint.sleep?.value).toBe(false);
    expect(telemetry.setpoint.locate?.value).toBe(false);
    // One connection carried everything, and nothing was written.
    expect(machine.daemon.connections).toBe(1);
    expect(machine.requests.map(({ cmd }) => cmd)).toEqual([
      "get.device.info",
      "get.miner.status",
      "get.miner.setting",
      "get.fan.setting",
    ]);
  },
);
