// A session with the simulated S19: every knob moves the plant and is read back; every fault has its code.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { antminer } from "../../drivers/antminer/index.ts";
import type { Setting } from "../../drivers/contract/controls.ts";
import type { Session } from "../../drivers/contract/driver.ts";
import type { Telemetry } from "../../drivers/contract/telemetry.ts";
import { epochMs, percent } from "../../drivers/contract/units.ts";
import { openProbe } from "../../drivers/transport/probe.ts";
import { AntminerMachine, type AntminerOptions } from "./antminer.ts";

const SIGNAL = new AbortController().signal;
const MINUTE = 60_000;

let time: number;
let machine: AntminerMachine;
let session: Session;

const now = () => epochMs(time);
const pass = (duration: number) => {
  for (let left = duration; left > 0; left -= MINUTE / 2) {
    time += Math.min(left, MINUTE / 2);
    machine.settle();
  }
};

async function open(
  extra: Partial<AntminerOptions> = {},
  device: Readonly<Record<string, unknown>> = { username: "root", password: "root" },
): Promise<void> {
  machine = new AntminerMachine({ seed: 19, now, ...extra });
  await machine.start();
  pass(30 * MINUTE);
  session = antminer.connect(
    antminer.options.parse({
      driver: "antminer",
      ...machine.address,
      deadlineSeconds: 1,
      writeDeadlineSeconds: 1,
      ...device,
    }),
    { now },
  );
}

const read = () => session.read(SIGNAL);
const write = (...settings: Setting[]) => session.write(settings, SIGNAL);

/** Reads until it succeeds, as the agent would: ports open a moment after the simulated clock moved. */
async function readWhenUp(): Promise<Telemetry> {
  return await expect
    .poll(() => read().catch(() => undefined), { timeout: 5000 })
    .toBeDefined()
    .then(() => read());
}

beforeEach(() => {
  time = 1_800_000_000_000;
});
afterEach(async () => {
  await session?.close();
  await machine?.stop();
});

describe("reading", () => {
  test("tells what the plant does", async () => {
    await open();
    const telemetry = await read();
    const truth = machine.plant.truth;
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.identity).toMatchObject({
      vendor: "Bitmain",
      firmware: "Antminer stock",
      firmwareVersion: "Fri Nov 17 17:37:21 CST 2023",
      model: "Antminer S19",
      modelKnown: true,
      mac: "02:B3:B9:00:00:19",
      hostname: "Antminer",
    });
    expect(telemetry.algorithm).toBe("sha256");
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.hashrate?.now?.value ?? 0).toBeGreaterThan(truth.hashrate * 0.9);
    expect(telemetry.hashrate?.now?.value ?? 0).toBeLessThan(truth.hashrate * 1.1);
    expect((telemetry.hashrate?.average?.value ?? 0) / truth.hashrate).toBeCloseTo(1, 1);
    const ideal = truth.boards.reduce((sum, board) => sum + board.ideal, 0);
    expect((telemetry.hashrate?.ideal?.value ?? 0) / ideal).toBeCloseTo(1, 4);
    expect(telemetry.hashrate?.nameplate?.value).toBe(95e12);
    expect(telemetry.power).toMatchObject({ basis: "psu", value: Math.round(truth.wallPower) });
    expect(telemetry.boards.map((board) => board.serial)).toEqual([
      "SIMHASH01",
      "SIMHASH02",
      "SIMHASH03",
    ]);
    for (const [index, board] of telemetry.boards.entries()) {
      expect(board.chips?.value).toBe(76);
      expect(board.chipTemperature?.value).toBe(Math.round(truth.boards[index]!.chipTemperature));
      expect(board.frequency?.value).toBeCloseTo(truth.boards[index]!.frequency, 1);
    }
    expect(telemetry.fans).toHaveLength(4);
    expect(telemetry.pools.map((pool) => pool.status)).toEqual(["alive", "alive", "alive"]);
    expect(telemetry.shares?.accepted?.value).toBeGreaterThan(0);
    expect(telemetry.uptime?.value).toBe(30 * MINUTE);
  });

  test("opens two connections for a steady reading, and pages only every half minute", async () => {
    await open();
    await read();
    const before = machine.connections;
    const pages = machine.visits.length;
    time += 10_000;
    await read();
    expect(machine.connections - before).toBe(2);
    expect(machine.visits.length).toBe(pages);
    time += 20_000;
    await read();
    expect(machine.visits.slice(pages)).toEqual(["GET /cgi-bin/get_miner_conf.cgi"]);
  });

  test("asks 4028 at most every 8 s, however often it is read", async () => {
    await open();
    const first = await read();
    const before = machine.connections;
    time += 1000;
    const second = await read();
    expect(machine.connections).toBe(before);
    expect(second.hashrate?.now?.at).toBe(first.hashrate?.now?.at);
  });

  test("a machine without port 6060 tells no power, and is asked for it once", async () => {
    await open({ powerPort: false });
    // Nothing listens on the discard port of this address.
    await session.close();
    session = antminer.connect(
      antminer.options.parse({
        driver: "antminer",
        ...machine.address,
        powerPort: 9,
        username: "root",
        password: "root",
      }),
      { now },
    );
    const telemetry = await read();
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.problems).toEqual([]);
  });

  test("a supply that answers something else is named, and the rest is read", async () => {
    await open();
    machine.supply!.fault = "html";
    const { power, boards, problems } = await read();
    expect(power).toBeUndefined();
    expect(boards).toHaveLength(3);
    expect(problems).toMatchObject([{ source: "miner_power", code: "UNEXPECTED_SHAPE" }]);
  });

  test("without credentials everything of 4028 is read, nothing of the pages, no knob", async () => {
    await open({}, {});
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.boards).toHaveLength(3);
    expect(telemetry.power?.basis).toBe("psu");
    expect(telemetry.controls).toEqual({});
    expect(telemetry.setpoint).toEqual({});
    expect(telemetry.problems).toEqual([]);
    expect(machine.web.connections).toBe(0);
    await expect(write({ knob: "sleep", value: true })).rejects.toMatchObject({
      code: "UNAUTHORIZED",
    });
    expect(machine.orders).toEqual([]);
  });

  test("a wrong password is one problem, offers nothing and is not repeated at once", async () => {
    await open({ password: "changed" });
    const telemetry = await read();
    expect(telemetry.problems.map((problem) => problem.code)).toEqual(["UNAUTHORIZED"]);
    expect(telemetry.problems[0]?.message).not.toContain("root");
    expect(telemetry.controls).toEqual({});
    expect(telemetry.activity?.value).toBe("hashing");
    const before = machine.web.connections;
    time += MINUTE;
    await read();
    expect(machine.web.connections).toBe(before);
  });

  test("with 4028 closed to the network the pages are enough", async () => {
    await open();
    machine.apiClosed = true;
    machine.settle();
    const telemetry = await read();
    expect(telemetry.hashrate?.now?.source).toBe("stats.cgi");
    expect(telemetry.hashrate?.now?.value ?? 0).toBeGreaterThan(80e12);
    expect(telemetry.identity.model).toBe("Antminer S19");
    expect(telemetry.boards.every((board) => board.hashrate !== undefined)).toBe(true);
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.problems.map(({ source, code }) => [source, code])).toEqual([
      ["stats", "UNREACHABLE"],
    ]);
  });
});

test("is recognised without credentials, with the model", async () => {
  await open();
  const probe = openProbe({ ...machine.address, deadline: 1000 });
  const sighting = await antminer.identify(probe);
  expect(sighting).toMatchObject({
    driver: "antminer",
    confidence: 4,
    identity: { firmware: "Antminer stock", model: "Antminer S19", modelKnown: true },
  });
});

describe("knobs", () => {
  test("are those that this model has", async () => {
    await open();
    const { controls } = await read();
    expect(Object.keys(controls).sort()).toEqual(["fan", "locate", "pools", "reboot", "sleep"]);
    expect(controls.fan).toMatchObject({ min: 35, max: 100, auto: true });
    expect(controls.fan?.effect.restarts).toBe(false);
    expect(controls.sleep?.effect).toMatchObject({ restarts: true, persists: true });
  });

  test("sleep and wake: minutes of silence, then what was asked", async () => {
    await open();
    expect((await read()).setpoint.sleep?.value).toBe(false);
    const receipt = await write({ knob: "sleep", value: true });
    expect(receipt).toEqual({ answer: "accepted", detail: "M000 OK!, read back" });
    pass(20_000);
    await expect(read()).rejects.toMatchObject({ code: "UNREACHABLE" });
    pass(2 * MINUTE);
    const asleep = await readWhenUp();
    expect(asleep.activity?.value).toBe("sleeping");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    expect(asleep.hashrate?.now?.value).toBe(0);
    expect(machine.plant.truth.hashing).toBe(false);
    expect(asleep.power!.value).toBeLessThan(100);
    expect(asleep.fans.every((fan) => (fan.speed?.value ?? 0) < 1600)).toBe(true);

    await write({ knob: "sleep", value: false });
    pass(80_000);
    const starting = await readWhenUp();
    expect(starting.activity?.value).toBe("starting");
    expect(starting.faults).not.toEqual([]);
    pass(2 * MINUTE);
    expect((await read()).activity?.value).toBe("ramping");
    pass(5 * MINUTE);
    const awake = await read();
    expect(awake.activity?.value).toBe("hashing");
    expect(awake.setpoint.sleep?.value).toBe(false);
    expect(machine.plant.truth.hashrate).toBeGreaterThan(85e12);
  });

  test("fan: fixed and automatic again, without a restart", async () => {
    await open();
    const before = await read();
    expect(before.setpoint.fan?.value).toBe("auto");
    await write({ knob: "fan", value: percent(100) });
    pass(MINUTE);
    const fixed = await read();
    expect(fixed.setpoint.fan?.value).toBe(100);
    expect(fixed.fans[0]?.duty?.value).toBe(100);
    expect(fixed.fans[0]!.speed!.value).toBeGreaterThan(before.fans[0]!.speed!.value * 1.2);
    expect(fixed.uptime!.value).toBeGreaterThan(before.uptime!.value);
    await write({ knob: "fan", value: "auto" });
    pass(10 * MINUTE);
    const auto = await read();
    expect(auto.setpoint.fan?.value).toBe("auto");
    expect(auto.fans[0]?.duty).toBeUndefined();
    expect(auto.fans[0]!.speed!.value).toBeLessThan(fixed.fans[0]!.speed!.value);
    expect(machine.plant.truth.hashing).toBe(true);
  });

  test("pools change live, and the rest of the configuration stays", async () => {
    await open();
    await write({ knob: "fan", value: percent(60) });
    await read();
    const pools = [{ url: "stratum+tcp://other.example:3333", user: "me.1", password: "secret" }];
    await write({ knob: "pools", value: pools });
    pass(MINUTE);
    const telemetry = await read();
    expect(telemetry.setpoint.pools?.value).toEqual(pools);
    expect(telemetry.pools.map((pool) => pool.url)).toEqual([pools[0]!.url]);
    expect(telemetry.setpoint.fan?.value).toBe(60);
    expect(machine.config).toMatchObject({ fanCtrl: "true", fanPwm: "60", workMode: "0" });
    expect(machine.plant.truth.hashing).toBe(true);
  });

  test("every write is one whole line without blanks, within the limit", async () => {
    await open();
    await write({ knob: "fan", value: percent(50) });
    await write({ knob: "sleep", value: true });
    for (const order of machine.orders) {
      expect(order).not.toMatch(/\s/);
      expect(Buffer.byteLength(order)).toBeLessThanOrEqual(1024);
      expect(Object.keys(JSON.parse(order))).toEqual([
        "pools",
        "bitmain-fan-ctrl",
        "bitmain-fan-pwm",
        "miner-mode",
        "freq-level",
        "bitmain-hashrate-percent",
      ]);
    }
    expect(JSON.parse(machine.orders[1]!)).toMatchObject({
      "bitmain-fan-ctrl": true,
      "bitmain-fan-pwm": "50",
      "miner-mode": 1,
      "freq-level": "100",
    });
  });

  test("locate is seen on the machine and read back", async () => {
    await open();
    expect((await read()).setpoint.locate?.value).toBe(false);
    expect((await write({ knob: "locate", value: true })).detail).toBe("B000");
    expect(machine.blinking).toBe(true);
    expect((await read()).setpoint.locate?.value).toBe(true);
    expect((await write({ knob: "locate", value: false })).detail).toBe("B100");
    expect((await read()).setpoint.locate?.value).toBe(false);
  });

  test("reboot: dark for minutes, then a young program", async () => {
    await open();
    await read();
    const receipt = await write({ knob: "reboot", value: true });
    expect(receipt).toEqual({ answer: "accepted", detail: "Status 200" });
    expect(machine.reboots).toBe(1);
    pass(MINUTE);
    await expect(read()).rejects.toMatchObject({ code: "UNREACHABLE" });
    expect(machine.web.refusing).toBe(true);
    pass(2 * MINUTE);
    expect((await readWhenUp()).uptime!.value).toBeLessThan(2 * MINUTE);
    pass(5 * MINUTE);
    expect((await read()).activity?.value).toBe("hashing");
  });
});

describe("what must not happen", () => {
  test.each<[string, Setting, string]>([
    ["fan too low", { knob: "fan", value: percent(20) }, "fan: 20: expected 35 to 100"],
    ["fan between steps", { knob: "fan", value: percent(50.5) }, "in steps of 1"],
    ["no pools", { knob: "pools", value: [] }, "pools: 0: expected 1 to 3"],
    [
      "a blank in a user",
      { knob: "pools", value: [{ url: "stratum+tcp://a:1", user: "my worker", password: "x" }] },
      "pools[0].user",
    ],
    [
      "a quote in a password",
      { knob: "pools", value: [{ url: "stratum+tcp://a:1", user: "w", password: 'se"cret' }] },
      "pools[0].password",
    ],
    [
      "more than 1024 bytes",
      {
        knob: "pools",
        value: [{ url: `stratum+tcp://${"a".repeat(900)}:1`, user: "w", password: "x" }],
      },
      "expected at most 1024",
    ],
  ])("%s: INVALID_SETTING, and nothing is sent", async (_name, setting, words) => {
    await open();
    await read();
    const error = await write(setting).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "INVALID_SETTING" });
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain("cret");
    expect(machine.orders).toEqual([]);
  });

  test("a mode, which this model has not, is no valid setting", async () => {
    await open();
    await expect(write({ knob: "mode", value: "low" })).rejects.toMatchObject({
      code: "INVALID_SETTING",
    });
    expect(machine.orders).toEqual([]);
  });

  test("a destroyed configuration offers no knob and takes no write", async () => {
    await open();
    machine.config = { ...machine.config, fanCtrl: "", fanPwm: "", workMode: "" };
    const telemetry = await read();
    expect(telemetry.controls).toEqual({});
    await expect(write({ knob: "sleep", value: true })).rejects.toMatchObject({
      code: "UNSUPPORTED",
    });
    expect(machine.orders).toEqual([]);
  });

  test("M000 without effect is told as what it is, and the set-point shows the old", async () => {
    await open({ answersOkDoesNothing: true });
    await read();
    const receipt = await write({ knob: "sleep", value: true });
    expect(receipt.answer).toBe("accepted");
    expect(receipt.detail).toBe("M000 OK!, but the configuration still has another work mode");
    expect(machine.orders).toHaveLength(1);
    time += 10_000;
    const after = await read();
    expect(after.setpoint.sleep?.value).toBe(false);
    expect(after.activity?.value).toBe("hashing");
  });

  test("the lock of another writer is BUSY", async () => {
    await open();
    machine.locked = true;
    await expect(write({ knob: "fan", value: percent(60) })).rejects.toMatchObject({
      code: "BUSY",
    });
    expect(machine.orders).toHaveLength(1);
  });

  test("a connection lost after sending is silent, sent once, and seen at the next reading", async () => {
    await open();
    await read();
    // The page before the change breaks the answer to the change itself.
    machine.onVisit = (visit) => {
      const next = visit === "GET /cgi-bin/get_miner_conf.cgi" ? "lost-after-send" : undefined;
      machine.web.fault = next;
    };
    const receipt = await write({ knob: "fan", value: percent(70) });
    machine.onVisit = undefined;
    expect(receipt.answer).toBe("silent");
    expect(machine.orders).toHaveLength(1);
    expect((await read()).setpoint.fan?.value).toBe(70);
  });

  test("a stale nonce costs one more request and no error", async () => {
    await open();
    await read();
    machine.web.expireNonce();
    await write({ knob: "fan", value: percent(60) });
    expect(machine.orders).toHaveLength(1);
    expect((await read()).setpoint.fan?.value).toBe(60);
  });
});

describe("faults of 4028", () => {
  test.each([
    ["split", undefined],
    ["without-nul", undefined],
    ["double", undefined],
    ["nan", undefined],
    ["control-characters", undefined],
    ["drip", "NO_REPLY"],
    ["silent", "NO_REPLY"],
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
  ] as const)("%s gives %s", async (fault, code) => {
    // Without the pages, which would step in.
    await open({}, {});
    machine.fault = fault;
    if (code === undefined) {
      const telemetry = await read();
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.boards).toHaveLength(3);
      if (fault !== "nan") expect(telemetry.activity?.value).toBe("hashing");
    } else {
      await expect(read()).rejects.toMatchObject({ code });
    }
    machine.fault = undefined;
    expect((await read()).boards).toHaveLength(3);
  });

  test("a fault of the pages is a problem of those readings only", async () => {
    await open();
    machine.web.fault = "html";
    const telemetry = await read();
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.controls).toEqual({});
    const sources = telemetry.problems.map((problem) => problem.source);
    expect(sources).toContain("get_miner_conf.cgi");
    expect(telemetry.problems.every((problem) => problem.code === "HTML_REPLY")).toBe(true);
  });

  test("an abort ends a reading", async () => {
    await open({}, {});
    machine.fault = "silent";
    const abort = new AbortController();
    const reading = session.read(abort.signal);
    setTimeout(() => abort.abort(), 50);
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("the script's accidents", () => {
  const post = (body: string) => {
    machine.config = { ...machine.config };
    return import("./antminer-config.ts").then(({ runScript }) => runScript(machine.config, body));
  };

  test("a blank in a value and a partial body destroy the file; other modes are dropped", async () => {
    await open();
    const pools = '"pools":[{"url":"a","user":"b","pass":"c"}]';
    const blank = await post(`{${pools.replace('"b"', '"b c"')},"miner-mode":0}`);
    expect(blank.config?.pools[0]).toEqual({ url: "", user: "", pass: "" });
    const partial = await post('{"miner-mode":1}');
    expect(partial.config).toMatchObject({ fanCtrl: "", fanPwm: "", workMode: "1" });
    expect(partial.consequence).toBe("restart");
    const unknown = await post(
      `{${pools},"bitmain-fan-ctrl":false,"bitmain-fan-pwm":"100","miner-mode":3}`,
    );
    expect(unknown).toMatchObject({ config: { workMode: "0" }, consequence: "reload" });
    expect(unknown.answer).toContain("M000");
    expect((await post("{")).answer).toContain("M001");
  });
});
