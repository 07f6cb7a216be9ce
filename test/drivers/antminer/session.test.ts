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
  ).rejects.toMatchObject({ code: "INVALID_SETTING" });
  expect(machine.posts).toEqual([]);
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
