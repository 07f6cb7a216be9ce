// Sessions with machines that the simulation is not: older generations, strangers, sleeping S21.

import { afterEach, describe, expect, test } from "vitest";
import { antminer } from "../../../drivers/antminer/index.ts";
import type { Probe, Session } from "../../../drivers/contract/driver.ts";
import { epochMs, megahertz } from "../../../drivers/contract/units.ts";
import { CREDENTIALS, type Recording, type Replay, replay } from "./replay.ts";

const SIGNAL = new AbortController().signal;
const NOW = epochMs(1_800_000_000_000);
let machine: Replay;
let session: Session;

async function open(recording: Recording): Promise<void> {
  machine = await replay(recording);
  const options = antminer.options.parse({
    driver: "antminer",
    ...machine.address,
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

const S9: Recording = {
  api: {
    version: version({
      BMMiner: "2.0.0",
      API: "3.1",
      Miner: "16.8.1.3",
      CompileTime: "Fri Nov 17 17:37:49 CST 2017",
      Type: "Antminer S9",
    }),
    // No comma between the elements, as on many images.
    stats: `{"STATS":[{"BMMiner":"2.0.0","Type":"Antminer S9"}{"STATS":0,"ID":"BC50","Elapsed":8000,"GHS 5s":"13883.81","GHS av":13800.5,"fan_num":2,"fan1":0,"fan3":5880,"fan6":5760,"temp2_6":76,"temp2_7":77,"temp2_8":75,"chain_acn6":63,"chain_acn7":63,"chain_acn8":63,"chain_rate6":"4627.90","chain_rate7":"4627.90","chain_rate8":"4628.01"}],"id":1}\0`,
    summary: '{"SUMMARY":[{"Elapsed":8000,"Accepted":12,"Rejected":1}]}',
    pools: '{"POOLS":[]}',
  },
  pages: {
    "get_system_info.cgi": '{"minertype":"Antminer S9","macaddr":"02:00:00:00:00:09"}',
    "get_miner_conf.cgi":
      '{"pools":[{"url":"stratum+tcp://a:1","user":"w","pass":"x"}],"bitmain-freq":"550","bitmain-nobeeper":true}',
    "set_miner_conf.cgi": "ok",
    "blink.cgi": '{"isBlinking":true}',
    "get_blink_status.cgi": '{"isBlinking":false}',
  },
};

describe("an S9", () => {
  test("is read in its own slots, without asking the pages that it has not", async () => {
    await open(S9);
    const telemetry = await session.read(SIGNAL);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity).toMatchObject({ model: "Antminer S9", modelKnown: true });
    expect(telemetry.hashrate?.now?.value).toBe(13_883.81e9);
    expect(telemetry.boards.map((board) => board.chipTemperature?.value)).toEqual([76, 77, 75]);
    expect(telemetry.fans.map((fan) => [fan.index, fan.speed?.value])).toEqual([
      [2, 5880],
      [5, 5760],
    ]);
    expect(telemetry.setpoint).toMatchObject({
      frequency: { value: 550 },
      fan: { value: "auto" },
      locate: { value: false },
    });
    expect(telemetry.power).toBeUndefined();
  });

  test("takes its settings as a form", async () => {
    await open(S9);
    await session.read(SIGNAL);
    const receipt = await session.write([{ knob: "frequency", value: megahertz(600) }], SIGNAL);
    expect(receipt).toEqual({
      answer: "accepted",
      detail: "ok, but the configuration still has another frequency",
    });
    expect(machine.posts).toHaveLength(1);
    const { body, type } = machine.posts[0]!;
    expect(type).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
      _ant_pool1url: "stratum+tcp://a:1",
      _ant_nobeeper: "true",
      _ant_freq: "600",
    });
    await session.write([{ knob: "locate", value: true }], SIGNAL);
    expect(machine.posts[1]?.body).toBe("action=startBlink");
  });
});

const S21_ASLEEP: Recording = {
  api: {
    version: version({ BMMiner: "1.0.0", API: "3.1", Type: "Antminer S21" }),
    stats: '{"STATS":[{"BMMiner":"1.0.0","Type":"Antminer S21"}]}',
    summary: '{"SUMMARY":[{"Elapsed":1,"GHS 5s":0,"GHS av":0}]}',
    pools: '{"POOLS":[]}',
  },
  pages: {
    "get_system_info.cgi": '{"minertype":"Antminer S21"}',
    "get_miner_conf.cgi":
      '{"pools":[],"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"100","miner-mode":1}',
  },
};

describe("an S21 asleep", () => {
  test("is asleep, although its stats have no data", async () => {
    await open(S21_ASLEEP);
    const telemetry = await session.read(SIGNAL);
    expect(telemetry.activity?.value).toBe("sleeping");
    expect(telemetry.setpoint.sleep?.value).toBe(true);
    expect(telemetry.setpoint.mode).toBeUndefined();
    expect(telemetry.boards).toEqual([]);
    expect(telemetry.problems).toEqual([]);
  });

  test("is not woken by a mode", async () => {
    await open(S21_ASLEEP);
    await session.read(SIGNAL);
    await expect(session.write([{ knob: "mode", value: "low" }], SIGNAL)).rejects.toMatchObject({
      code: "INVALID_SETTING",
    });
    expect(machine.posts).toEqual([]);
  });

  test("a code of failure is a refusal, whatever stats says", async () => {
    await open({
      ...S21_ASLEEP,
      pages: {
        ...S21_ASLEEP.pages,
        "set_miner_conf.cgi": '{"stats":"success","code":"M001","msg":"FAIL!"}',
      },
    });
    await expect(session.write([{ knob: "sleep", value: false }], SIGNAL)).rejects.toMatchObject({
      code: "REJECTED",
    });
    expect(machine.posts).toHaveLength(1);
    expect(JSON.parse(machine.posts[0]!.body)).toMatchObject({ "miner-mode": 0 });
  });
});

test("a broken configuration is a problem that does not tell what it holds", async () => {
  const broken = '{"pools":[{"pass":"hunter2","url":"a""user":"b"}]}';
  await open({ ...S9, pages: { ...S9.pages, "get_miner_conf.cgi": broken } });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.problems).toMatchObject([{ code: "NOT_JSON", source: "get_miner_conf.cgi" }]);
  expect(JSON.stringify(telemetry.problems)).not.toContain("hunter2");
  expect(telemetry.controls).toEqual({});
});

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
  ).rejects.toMatchObject({ code: "UNSUPPORTED" });
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

test("an unknown model is read as far as its series tells, and offers nothing", async () => {
  await open({
    api: {
      version: version({ BMMiner: "1.0.0", Type: "Antminer S99" }),
      stats: '{"STATS":[{"Type":"Antminer S99"},{"Elapsed":900,"GHS 5s":500000,"rate_unit":"GH"}]}',
    },
  });
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.identity).toMatchObject({ model: "Antminer S99", modelKnown: false });
  expect(telemetry.hashrate?.now?.value).toBe(500e12);
  expect(telemetry.controls).toEqual({});
  // What could not be read is told, and told once.
  expect(telemetry.problems.map((problem) => problem.source)).toEqual([
    "summary",
    "pools",
    "get_system_info.cgi",
    "get_miner_conf.cgi",
  ]);
});

describe("recognition", () => {
  const probe = (api: string | undefined, realm?: string, body = ""): Probe => ({
    api: () => Promise.resolve(api),
    web: () =>
      Promise.resolve(
        realm === undefined && body === ""
          ? undefined
          : {
              status: realm === undefined ? 200 : 401,
              headers:
                realm === undefined
                  ? {}
                  : { "www-authenticate": `Digest realm="${realm}", nonce="1"` },
              body,
            },
      ),
  });
  const STOCK = version({ BMMiner: "1.0.0", Type: "Antminer S21" });
  const REALM = "antMiner Configuration";

  test.each<[string, Probe, number | undefined]>([
    ["reply and realm", probe(STOCK, REALM), 4],
    ["reply alone", probe(STOCK), 3],
    ["realm alone, while the program starts", probe(undefined, REALM), 1],
    ["nothing", probe(undefined), undefined],
    ["another realm", probe(undefined, "router"), undefined],
    [
      "VNish: no version, its own page",
      probe('{"STATUS":[{"STATUS":"E","Code":0}]}', undefined, "AnthillOS"),
      undefined,
    ],
    [
      "stock's words under another's page",
      probe(STOCK, undefined, "<title>Braiins OS</title>"),
      undefined,
    ],
    ["LuxOS", probe(version({ LUXminer: "2024", Type: "Antminer S19" }), REALM), undefined],
    ["no JSON", probe("<html>", REALM), undefined],
    ["another maker", probe(version({ CGMiner: "4.11.1", Type: "AvalonMiner" })), undefined],
  ])("%s", async (_name, machine, confidence) => {
    expect((await antminer.identify(machine))?.confidence).toBe(confidence);
  });
});
