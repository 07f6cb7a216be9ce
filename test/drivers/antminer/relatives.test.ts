// Firmwares that keep the replies of stock, and stock machines whose 4028 is closed.

import { afterEach, describe, expect, test } from "vitest";
import { antminer } from "../../../drivers/antminer/index.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { epochMs, megahertz } from "../../../drivers/contract/units.ts";
import { CREDENTIALS, type Recording, type Replay, replay } from "./replay.ts";

const SIGNAL = new AbortController().signal;
const NOW = epochMs(1_800_000_000_000);
let machine: Replay;
let session: Session;

async function open(recording: Recording, elsewhere: { port?: number } = {}): Promise<void> {
  machine = await replay(recording);
  const options = antminer.options.parse({
    driver: "antminer",
    ...machine.address,
    ...elsewhere,
    ...CREDENTIALS,
    deadlineSeconds: 2,
  });
  session = antminer.connect(options, { now: () => NOW });
}

afterEach(async () => {
  await session?.close();
  await machine?.stop();
});

const version = (fields: Record<string, string>) =>
  JSON.stringify({ STATUS: [{ STATUS: "S", Code: 22 }], VERSION: [fields] });

const S9 = {
  api: {
    stats: JSON.stringify({
      STATS: [
        { Type: "Antminer S9" },
        { Elapsed: 8000, "GHS 5s": "13800.00", chain_acn6: 63, chain_rate6: "13800.00" },
      ],
    }),
    summary: '{"SUMMARY":[{"Elapsed":8000,"Accepted":12,"Rejected":1}]}',
    pools: '{"POOLS":[]}',
  },
  pages: {
    "get_system_info.cgi": '{"minertype":"Antminer S9"}',
    "get_miner_conf.cgi":
      '{"pools":[{"url":"stratum+tcp://a:1","user":"w","pass":"x"}],"bitmain-freq":"550"}',
  },
};

test("a relative of stock is read and offers nothing", async () => {
  await open({
    ...S9,
    api: { ...S9.api, version: version({ BMMiner: "4.11.1 rwglr", Type: "Antminer S9 Hiveon" }) },
  });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.identity).toMatchObject({ firmware: "Hiveon", modelKnown: false });
  expect(telemetry.activity?.value).toBe("hashing");
  expect(telemetry.controls).toEqual({});
  await expect(
    session.write([{ knob: "frequency", value: megahertz(600) }], SIGNAL),
  ).rejects.toMatchObject({ code: "INVALID_SETTING" });
  expect(machine.posts).toEqual([]);
});

test("a relative that names itself in the date of its build offers nothing", async () => {
  const CompileTime = "Sat May 23 19:07:17 CST 2020 (Chipless v3.0)";
  await open({ ...S9, api: { ...S9.api, version: version({ Type: "Antminer S9", CompileTime }) } });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.identity).toMatchObject({ firmware: "chipless", modelKnown: false });
  expect(telemetry.controls).toEqual({});
});

test("a relative's total_power is its power", async () => {
  const stats =
    '{"STATS":[{"Type":"Antminer S19x88 Hiveon"},{"Elapsed":900,"GHS 5s":64000.0,"GHS av":63000.0,' +
    '"chain_acn1":88,"chain_rate1":64000.0,"chain_power1":1150,"total_power":1150}]}';
  await open({ api: { version: version({ Type: "Antminer S19x88 Hiveon" }), stats } });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.identity).toMatchObject({ firmware: "Hiveon", model: "Antminer S19 No PIC" });
  expect(telemetry.power).toMatchObject({ value: 1150, basis: "unknown", source: "stats" });
});

test.each([
  ["VNish 3", { chain_vol6: 920, chain_consumption6: 495, chain_consumption7: 5 }, 500, 9200],
  ["Hiveon", { chain_power6: 322.5, chain_power: "967.50 (AB)" }, 967.5, undefined],
  ["asicseer", { voltage6: 880 }, undefined, 8800],
  ["MSKMiner", { total_power: 1135, chain_voltage6: 15.7 }, 1135, 15_700],
])("watts and volts as %s tells them", async (_firmware, told, power, voltage) => {
  const Type = "Antminer S9 (vnish 3.8.6)";
  const row = {
    Elapsed: 900,
    "GHS 5s": "12000.00",
    chain_acn6: 63,
    chain_rate6: "12000.00",
    ...told,
  };
  await open({
    api: { version: version({ Type }), stats: JSON.stringify({ STATS: [{ Type }, row] }) },
  });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.power?.value).toBe(power);
  expect(telemetry.boards[0]?.voltage?.value).toBe(voltage);
});

test("35 W with all boards at work is not believed", async () => {
  const row = { Elapsed: 69, "GHS 5s": 11_781, "GHS av": 11_609, chain_power: "34.65 (AB)" };
  const stats = JSON.stringify({ STATS: [{ Type: "Antminer S9 Hiveon" }, row] });
  await open({ api: { version: version({ Type: "Antminer S9 Hiveon" }), stats } });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.power).toMatchObject({ value: 34.65, quality: "implausible" });
});

test("T17+ sleeps by the mode in its stats where the configuration cannot be read", async () => {
  const Type = "Antminer T17+";
  const row = { Elapsed: 900, "GHS 5s": "0.00", "GHS av": 0, Mode: 254 };
  const stats = JSON.stringify({ STATS: [{ Type }, row] });
  await open({ api: { version: version({ Type }), stats } });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.activity?.value).toBe("sleeping");
});

describe("a machine whose 4028 is closed", () => {
  const closed = (mode: 0 | 1): Recording => {
    const INFO = { type: "Antminer S19" };
    const page = { index: 0, url: "stratum+tcp://one.example:3333", user: "w", status: "Alive" };
    const counts = { priority: 0, accepted: 12, rejected: 1, stale: 0, diff: "65.5K" };
    const row = { elapsed: 900, rate_5s: 95_000, rate_avg: 95_000, rate_unit: "GH/s", chain: [] };
    const pages = {
      "get_system_info.cgi": { minertype: "Antminer S19" },
      "get_miner_conf.cgi": { pools: [], "bitmain-work-mode": `${mode}` },
      "stats.cgi": { STATUS: {}, INFO, STATS: mode === 1 ? [] : [row] },
      "pools.cgi": { STATUS: {}, INFO, POOLS: [{ ...page, ...counts, lstime: "0:00:05" }] },
    };
    const texts = Object.entries(pages).map(([name, value]) => [name, JSON.stringify(value)]);
    return { pages: Object.fromEntries(texts) };
  };

  test("is read from its pages, pools and shares included", async () => {
    await open(closed(0), { port: 9 });
    const telemetry = await session.read(SIGNAL);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.pools).toMatchObject([
      { status: "alive", accepted: 12, rejected: 1, difficulty: 65_500, lastShareAt: NOW - 5000 },
    ]);
    expect(telemetry.shares).toMatchObject({ accepted: { value: 12 }, stale: { value: 0 } });
  });

  test("sleeps by its configuration when its page of statistics is empty", async () => {
    await open(closed(1), { port: 9 });
    const telemetry = await session.read(SIGNAL);
    expect(telemetry.activity?.value).toBe("sleeping");
    expect(telemetry.hashrate).toBeUndefined();
  });
});
