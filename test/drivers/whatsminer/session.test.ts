import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { Setting } from "../../../drivers/contract/controls.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, watts } from "../../../drivers/contract/units.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { credentialOf, decrypt, encrypt } from "../../../drivers/whatsminer/crypto-v2.ts";
import { whatsminer } from "../../../drivers/whatsminer/index.ts";
import { type Interceptor, LOOK_UP, refusal, type Scripted, startScripted } from "./scripted.ts";

const NEVER = new AbortController().signal;
const PASSWORD = "Miner_42";
const SALTS = { time: "9876", salt: "Hs0pX2.a", newsalt: "q/Zk31nT" };
const { key, token } = credentialOf(PASSWORD, SALTS);
const GRANT = { STATUS: "S", When: 1, Code: 134, Msg: SALTS, Description: "" };
const M53 = JSON.parse(readFileSync(new URL("fixtures/m53-api-2.0.json", import.meta.url), "utf8"));
const LIMIT: Setting = { knob: "powerLimit", value: watts(7000) };

let time = 1_800_000_000_000;
let machine: Scripted | undefined;
afterEach(() => machine?.stop());

async function connect(
  script: Readonly<Record<string, unknown>>,
  joins: boolean,
  intercept?: Interceptor,
) {
  machine = await startScripted(script, {
    joins,
    ...(intercept === undefined ? {} : { intercept }),
  });
  const options = whatsminer.options.parse({
    driver: "whatsminer",
    host: "127.0.0.1",
    port: machine.port,
    password: PASSWORD,
    deadlineSeconds: 0.5,
  });
  const session = whatsminer.connect(options, { now: () => epochMs(time) });
  return { machine, session, asked: () => machine!.requests.splice(0).map(commandOf) };
}

const commandOf = (request: Readonly<Record<string, unknown>>): string =>
  request["enc"] === 1 ? "(encrypted)" : String(request["cmd"] ?? request["command"]);

/** Answers writes with what `answer` gives for the decrypted order; reads from the table. */
function writer(answer: (order: Record<string, string>, count: number) => unknown) {
  const orders: Record<string, string>[] = [];
  const intercept: Interceptor = (request) => {
    if (request["cmd"] === "get_token") return GRANT;
    if (request["enc"] !== 1) return LOOK_UP;
    const order = JSON.parse(decrypt(String(request["data"]), key) ?? "");
    orders.push(order);
    return answer(order, orders.length);
  };
  return { orders, intercept };
}

const sealed = (answer: object) => ({ enc: encrypt(JSON.stringify(answer), key) });
const YES = { STATUS: "S", When: 1, Code: 131, Msg: "API command OK", Description: "" };

describe("reading", () => {
  test("a steady reading is one joined question and at most one other", async () => {
    const { session, asked } = await connect(M53, true);
    await session.read(NEVER);
    expect(asked().sort()).toEqual([
      "devdetails",
      "get_error_code",
      "get_miner_info",
      "get_psu",
      "get_version",
      "status",
      "summary+pools+edevs",
    ]);
    const others = new Set<string>();
    for (let poll = 0; poll < 40; poll += 1) {
      time += 30_000;
      await session.read(NEVER);
      const questions = asked();
      expect(questions[0]).toBe("summary+pools+edevs");
      expect(questions.length).toBeLessThanOrEqual(2);
      if (questions[1] !== undefined) others.add(questions[1]);
    }
    expect([...others].sort()).toEqual(["get_error_code", "get_miner_info", "get_psu", "status"]);
  });

  test("firmware that does not join is asked one by one, two connections a reading", async () => {
    const { session, asked } = await connect(M53, false);
    const first = await session.read(NEVER);
    expect(first.boards).toHaveLength(4);
    asked();
    for (let poll = 0; poll < 10; poll += 1) {
      time += 30_000;
      const { boards, problems } = await session.read(NEVER);
      expect(problems).toEqual([]);
      expect(boards).toHaveLength(4);
      const questions = asked();
      expect(questions[0]).toBe("summary");
      expect(questions.length).toBeLessThanOrEqual(2);
    }
  });

  test("firmware before 2020 wants the key command: code 24, once", async () => {
    const old: Interceptor = (request) =>
      request["command"] === undefined ? refusal(24, "Missing JSON 'command'") : LOOK_UP;
    const { session } = await connect(M53, true, old);
    const { identity } = await session.read(NEVER);
    expect(identity.model).toBe("M53_VH30");
    expect(machine?.requests.filter((request) => request["cmd"] !== undefined)).toHaveLength(1);
  });

  test("escaped quotes around a version, as 20200917.22.REL sends them, are repaired", async () => {
    const text = JSON.stringify(M53["status"]).replace(
      '"20230714.15.Rel"',
      `"\\'20230714.15.Rel\\'"`,
    );
    const { session } = await connect(M53, true, (request) =>
      request["cmd"] === "status" ? text : LOOK_UP,
    );
    const { problems, setpoint } = await session.read(NEVER);
    expect(problems).toEqual([]);
    expect(setpoint.sleep?.value).toBe(false);
  });

  test("a side question that fails is a problem; one that is unknown is none, and not asked again", async () => {
    const { session, asked } = await connect(M53, true, (request) => {
      if (request["cmd"] === "get_psu") return "<html>";
      if (request["cmd"] === "get_miner_info") return refusal(14, "invalid cmd");
      return LOOK_UP;
    });
    const first = await session.read(NEVER);
    expect(first.problems.map(({ code, source }) => [code, source])).toEqual([
      ["HTML_REPLY", "get_psu"],
    ]);
    expect(first.power?.value).toBe(7206.6);
    asked();
    for (let hour = 0; hour < 10; hour += 1) {
      time += 3_600_000;
      await session.read(NEVER);
    }
    expect(asked()).not.toContain("get_miner_info");
  });

  test("a summary that is none is UNEXPECTED_SHAPE", async () => {
    const { session } = await connect(
      { ...M53, summary: { STATUS: "S", SUMMARY: [{ a: 1 }] } },
      true,
    );
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
  });

  test("a stopped miner program without a summary is asleep, and nothing old is repeated", async () => {
    let off = false;
    const { session } = await connect(M53, true, (request) => {
      if (!off) return LOOK_UP;
      if (request["cmd"] === "status") {
        return { STATUS: "S", Code: 131, Msg: { btmineroff: "true" } };
      }
      return String(request["cmd"]).startsWith("summary")
        ? refusal(132, "command failed")
        : LOOK_UP;
    });
    await session.read(NEVER);
    off = true;
    time += 30_000;
    const { activity, power, hashrate, problems, controls } = await session.read(NEVER);
    expect(activity?.value).toBe("sleeping");
    expect(power).toBeUndefined();
    expect(hashrate).toBeUndefined();
    expect(problems[0]?.code).toBe("REJECTED");
    expect(controls.sleep).toBeDefined();
  });

  test("a silent machine is NO_REPLY after one deadline, not one for each question", async () => {
    const { session } = await connect(M53, true);
    machine!.daemon.fault = "silent";
    const started = performance.now();
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "NO_REPLY" });
    expect(performance.now() - started).toBeLessThan(8000);
  });
});

describe("writing", () => {
  test("is encrypted under a token that serves the next write too", async () => {
    const { orders, intercept } = writer(() => sealed(YES));
    const { session, asked } = await connect(M53, true, intercept);
    await session.read(NEVER);
    asked();
    const receipt = await session.write([LIMIT], NEVER);
    expect(receipt).toEqual({ answer: "accepted", detail: "adjust_power_limit: API command OK" });
    await session.write([{ knob: "mode", value: "low" }], NEVER);
    expect(asked()).toEqual(["get_token", "(encrypted)", "(encrypted)"]);
    expect(orders).toEqual([
      { token, cmd: "adjust_power_limit", power_limit: "7000" },
      { token, cmd: "set_low_power" },
    ]);
  });

  test("what restarts mining goes last", async () => {
    const { orders, intercept } = writer(() => sealed(YES));
    const { session } = await connect(M53, true, intercept);
    await session.read(NEVER);
    const pool = { url: "stratum+tcp://pool.example:3333", user: "w", password: "p" };
    await session.write([LIMIT, { knob: "pools", value: [pool] }], NEVER);
    expect(orders.map((order) => order["cmd"])).toEqual(["update_pools", "adjust_power_limit"]);
    expect(orders[0]).toMatchObject({ pool1: pool.url, worker1: "w", passwd1: "p", pool2: "" });
  });

  test.each([
    [135, "check token err"],
    [23, "enc json load err"],
  ])("a cached token refused with %i is renewed once", async (code, words) => {
    const { orders, intercept } = writer((_order, count) =>
      count === 2 ? refusal(code, words) : sealed(YES),
    );
    const { session, asked } = await connect(M53, true, intercept);
    await session.read(NEVER);
    await session.write([LIMIT], NEVER);
    asked();
    await session.write([LIMIT], NEVER);
    expect(asked()).toEqual(["(encrypted)", "get_token", "(encrypted)"]);
    expect(orders).toHaveLength(3);
  });

  test.each([
    [45, "permission denied", "WRITE_DISABLED", /default password.*WhatsMinerTool/],
    [135, "check token err", "WRITE_DISABLED", /Miner API/],
    [23, "enc json load err", "UNAUTHORIZED", /password/],
    [136, "over max connect", "BUSY", /over max connect/],
    [132, "power limit out of range", "REJECTED", /power limit out of range/],
    [132, "command is deprecated", "UNSUPPORTED", /deprecated/],
    [14, "invalid cmd", "UNSUPPORTED", /invalid cmd/],
  ])("code %i %s is %s", async (code, words, expected, message) => {
    const { orders, intercept } = writer(() => refusal(code, words));
    const { session } = await connect(M53, true, intercept);
    await session.read(NEVER);
    const failure = session.write([LIMIT], NEVER);
    await expect(failure).rejects.toMatchObject({ code: expected });
    await expect(failure).rejects.toThrow(message);
    expect(orders).toHaveLength(1);
  });

  test("no token to be had is BUSY", async () => {
    const { session } = await connect(M53, true, (request) =>
      request["cmd"] === "get_token"
        ? { STATUS: "S", When: 1, Code: 136, Msg: "over max connect", Description: "" }
        : LOOK_UP,
    );
    await session.read(NEVER);
    await expect(session.write([LIMIT], NEVER)).rejects.toMatchObject({ code: "BUSY" });
  });

  test.each([
    ["closed without a byte", () => undefined],
    ["an answer that cannot be decrypted", () => ({ enc: "AAAA" })],
    ["half of an answer", () => '{"enc":"'],
  ])("%s is silent, and is not sent again", async (_what, answer) => {
    const { orders, intercept } = writer(answer);
    const { session } = await connect(M53, true, intercept);
    await session.read(NEVER);
    const receipt = await session.write([{ knob: "restart", value: true }], NEVER);
    expect(receipt.answer).toBe("silent");
    expect(orders).toHaveLength(1);
  });

  test("a command that the firmware does not know is not offered again", async () => {
    const { intercept } = writer(() => refusal(14, "invalid cmd"));
    const { session } = await connect(M53, true, intercept);
    expect((await session.read(NEVER)).controls.powerLimit).toBeDefined();
    await expect(session.write([LIMIT], NEVER)).rejects.toMatchObject({ code: "UNSUPPORTED" });
    const { controls } = await session.read(NEVER);
    expect(controls.powerLimit).toBeUndefined();
    expect(controls.mode).toBeDefined();
  });

  test.each<[string, Setting, RegExp]>([
    ["above", { knob: "powerLimit", value: watts(8001) }, /powerLimit: 8001: .*4000 to 8000/],
    ["below", { knob: "powerLimit", value: watts(3999) }, /3999/],
    ["a fraction", { knob: "powerLimit", value: watts(7000.5) }, /7000.5: .*in steps of 1/],
    [
      "no such mode",
      { knob: "mode", value: "turbo" },
      /mode: turbo: expected one of low, normal, high/,
    ],
    ["not offered", { knob: "voltage", value: 12_000 as never }, /voltage: 12000: .*not offer/],
    ["no pools", { knob: "pools", value: [] }, /expected 1 to 3/],
    [
      "a pool without scheme",
      { knob: "pools", value: [{ url: "pool:3333", user: "w", password: "geheim" }] },
      /url "pool:3333"/,
    ],
  ])("%s is INVALID_SETTING, and nothing is sent", async (_what, setting, message) => {
    const { session, asked } = await connect(M53, true);
    await session.read(NEVER);
    asked();
    const failure = session.write([setting], NEVER);
    await expect(failure).rejects.toMatchObject({ code: "INVALID_SETTING" });
    await expect(failure).rejects.toThrow(message);
    expect(asked()).toEqual([]);
  });

  test("no password, key or token is in any message", async () => {
    const secrets = [PASSWORD, "geheim_9", token, key.toString("hex"), key.toString("base64")];
    const pools: Setting = {
      knob: "pools",
      value: [{ url: "stratum+tcp://p.example:1", user: "w", password: "geheim_9" }],
    };
    const answers = [
      refusal(132, "bad passwd1 geheim_9 for Miner_42"),
      sealed({ ...YES, Msg: "ok geheim_9" }),
      { enc: encrypt('{"passwd1":"geheim_9', key) },
      refusal(45, "permission denied"),
    ];
    for (const answer of answers) {
      const { intercept } = writer(() => answer);
      const { session } = await connect(M53, true, intercept);
      await session.read(NEVER);
      const said = await session.write([pools], NEVER).then(
        (receipt) => receipt.detail,
        (error: unknown) => (isDeviceError(error) ? `${error.message} ${error.stack}` : "bug"),
      );
      expect(said).not.toBe("bug");
      for (const secret of secrets) expect(said).not.toContain(secret);
      await machine?.stop();
    }
  });
});

describe("the power ceiling", () => {
  const air = (limit: number, psu: string) => ({
    ...M53,
    summary: { STATUS: "S", SUMMARY: [{ ...M53.summary.SUMMARY[0], "Power Limit": limit }] },
    devdetails: { STATUS: "S", DEVDETAILS: [{ Model: "M50S_VJ30" }] },
    get_psu: { STATUS: "S", Code: 131, Msg: { model: psu } },
  });

  test("of an air-cooled unit whose limit was lowered before is its supply's rating", async () => {
    const { session } = await connect(air(2600, "P221B"), true);
    expect((await session.read(NEVER)).controls.powerLimit).toMatchObject({ min: 1800, max: 3600 });
  });

  test("is the rating that the supply has in its name", async () => {
    const { session } = await connect(air(2600, "P21-12-3300-E"), true);
    expect((await session.read(NEVER)).controls.powerLimit?.max).toBe(3300);
  });

  test("is never below a limit that was seen", async () => {
    const { session } = await connect(air(3800, "P221B"), true);
    expect((await session.read(NEVER)).controls.powerLimit?.max).toBe(3800);
  });

  test("falls to the largest limit seen when the machine refuses a higher one", async () => {
    const { intercept } = writer(() => sealed(refusal(132, "power limit out of range")));
    const { session } = await connect(air(2600, "P221B"), true, intercept);
    await session.read(NEVER);
    const above: Setting = { knob: "powerLimit", value: watts(3600) };
    await expect(session.write([above], NEVER)).rejects.toMatchObject({ code: "REJECTED" });
    expect((await session.read(NEVER)).controls.powerLimit?.max).toBe(2600);
  });
});

describe("identification", () => {
  const sight = async (script: Readonly<Record<string, unknown>>) => {
    machine = await startScripted(script, { joins: true });
    const { port } = machine;
    const probe = openProbe({ host: "127.0.0.1", port, httpPort: 9, deadline: 1000 });
    return await whatsminer.identify(probe);
  };

  test("by firmware, model and API version", async () => {
    expect(await sight(M53)).toMatchObject({
      driver: "whatsminer",
      confidence: 5,
      identity: { firmware: "btminer", model: "M53_VH30", modelKnown: true, apiVersion: "2.0.5" },
    });
  });

  test("is not what another firmware's version says", async () => {
    const version = { STATUS: [{ Description: "LUXminer 2025" }], VERSION: [{ LUXminer: "2025" }] };
    expect(await sight({ ...M53, version })).toBeUndefined();
  });

  test("of 2019, when the program was cgminer, is by the driver of its boards", async () => {
    const version = { STATUS: [{ Description: "cgminer 4.9.2" }], VERSION: [{ CGMiner: "4.9.2" }] };
    const board = { DEVDETAILS: 0, Name: "SM", Driver: "bitmicro", Model: "M20S" };
    const devdetails = { STATUS: [{ STATUS: "S" }], DEVDETAILS: [board] };
    expect(await sight({ version, devdetails })).toMatchObject({
      driver: "whatsminer",
      confidence: 4,
      identity: { vendor: "MicroBT" },
    });
    expect(await sight({ version })).toBeUndefined();
  });

  test("needs a version of btminer's form", async () => {
    const version = { STATUS: [{ Description: "cgminer 4.12" }], VERSION: [{ CGMiner: "4.12" }] };
    expect(await sight({ version })).toBeUndefined();
  });
});
