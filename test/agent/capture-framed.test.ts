import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { epochMs } from "../../drivers/contract/units.ts";
import { connectDevice, DeviceOptions } from "../../drivers/index.ts";
import { captureBench } from "../sim/capture-bench.ts";
import { CaptureReplay } from "../sim/capture-replay.ts";
import { WhatsminerV3Machine } from "../sim/whatsminer-v3.ts";

test("frames with their length are captured, served again and read to the same values", async () => {
  const now = () => epochMs(1_800_000_000_000);
  const machine = new WhatsminerV3Machine({ host: "127.0.0.1", seed: 1, now });
  await machine.start();
  const folder = mkdtempSync(join(tmpdir(), "nockd-framed-"));
  const options = DeviceOptions.parse({
    driver: "whatsminer",
    ...machine.address,
    deadlineSeconds: 2,
  });
  const bench = { machine, options, now, advance: () => undefined, connections: () => 0 };
  const { out } = await captureBench(bench, join(folder, "out"));
  await machine.stop();
  const replay = new CaptureReplay(out);
  await replay.start();
  try {
    const framed = replay.index.exchanges.filter(({ transport }) => transport === "framed");
    expect(framed.length).toBeGreaterThan(2);
    const session = connectDevice(replay.optionsFor(options), { now });
    const reading = await session.read(new AbortController().signal);
    await session.close();
    expect(replay.index.reading).toEqual(JSON.parse(JSON.stringify(reading)));
    expect(reading.identity.mac).toMatch(/^02:/);
  } finally {
    replay.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
