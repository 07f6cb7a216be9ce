import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/goldshell/decode.ts";
import { goldshell } from "../../../drivers/goldshell/index.ts";
import {
  DetailsReply,
  DevsReply,
  PoolsReply,
  SettingReply,
  StatusReply,
} from "../../../drivers/goldshell/wire.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { GoldshellMachine } from "../../sim/goldshell.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: GoldshellMachine;
let session: Session;

const open = (password: string, deadlineSeconds = 10) =>
  goldshell.connect(
    goldshell.options.parse({ driver: "goldshell", ...machine.address, deadlineSeconds, password }),
    { now },
  );

beforeEach(async () => {
  machine = new GoldshellMachine({ seed: 1, now, password: "secret" });
  await machine.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("a KD5", () => {
  test("is recognised by its page", async () => {
    const probe = openProbe({ ...machine.address, deadline: 2000 });
    expect(await goldshell.identify(probe)).toMatchObject({ driver: "goldshell", confidence: 4 });
  });

  test("is read in the unit of its coin, over one connection", async () => {
    await session.read(NEVER);
    time += 10_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.algorithm).toBe("blake2s");
    expect(telemetry.identity).toMatchObject({
      model: "Goldshell-KD5",
      modelKnown: true,
      mac: "28:E2:97:00:00:05",
    });
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(machine.plant.truth.hashrate, -8);
    expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([46, 46, 46, 46]);
    expect(telemetry.setpoint.profile?.value).toBe("0: 800 MHz 0.42 V 100 RPM");
    expect(machine.connections).toBe(1);
  });

  test("a login that is answered by no JSON is no refused password", async () => {
    machine.web.fault = "html";
    await expect(session.read(NEVER)).rejects.toMatchObject({ code: "HTML_REPLY" });
    machine.web.fault = undefined;
    expect((await session.read(NEVER)).problems).toEqual([]);
  });

  test("a plan is chosen by its index, and nothing else of the setting changes", async () => {
    const before = machine.setting;
    const { controls } = await session.read(NEVER);
    const name = controls.profile?.choices[1]?.name ?? "";
    await session.write([{ knob: "profile", value: name }], NEVER);
    expect(machine.setting).toEqual({ ...before, select: 1 });
    time += 120_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.setpoint.profile?.value).toBe("1: 640 MHz 0.40 V 60 RPM");
    expect(telemetry.hashrate?.now?.value).toBeLessThan(15.5e12);
  });

  test("the light goes on and off", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "locate", value: true }], NEVER);
    expect((await session.read(NEVER)).setpoint.locate?.value).toBe(true);
  });

  test("a plan that it has not is refused", async () => {
    await session.read(NEVER);
    const wish = { knob: "profile", value: "2: faster" } as const;
    await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  test("no error tells the password, though it is part of an address", async () => {
    const stranger = open("very/secret word");
    const error = await stranger.read(NEVER).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAUTHORIZED" });
    machine.web.fault = "reset";
    time += 301_000;
    const second = await stranger.read(NEVER).catch((reason: unknown) => reason);
    expect(second).toMatchObject({ code: "CONNECTION_LOST" });
    expect(`${error} ${second}`).not.toMatch(/secret/);
    await stranger.close();
  });

  test.each([
    ["truncate", "CONNECTION_LOST"],
    ["reset", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["split", "read"],
  ] as const)("%s ends as %s", async (fault, code) => {
    await session.read(NEVER);
    machine.web.fault = fault;
    expect(await codeOf(session)).toBe(code);
  });

  test("silence costs one deadline", async () => {
    const impatient = open("secret", 0.5);
    machine.web.fault = "silent";
    const start = performance.now();
    expect(await codeOf(impatient)).toBe("NO_REPLY");
    expect(performance.now() - start).toBeLessThan(2000);
    await impatient.close();
  });
});

const SOURCE = {
  devs: { DEVS: [{ ID: 0, "MHS 20s": 4.5e6, "tstemp-2": "62.5 C", Accepted: 1 }] },
  details: { DEVS: [{ ID: 0, "chips-nr": 46 }] },
  status: { model: "KD5", firmware: "2", hardware: "1" },
  setting: { name: "28E297000005", select: 0, powerplans: [{ level: 0, info: "a" }, { level: 1 }] },
  pools: [{ url: "u", user: "w", active: true, dragid: 0 }],
};

function decoded(given: typeof SOURCE) {
  const held = <Value>(value: Value) => ({ value, at: epochMs(1), source: "s" });
  return decode(
    {
      devs: held(shaped(DevsReply, given.devs, "").DEVS),
      details: held(shaped(DetailsReply, given.details, "").DEVS),
      status: held(shaped(StatusReply, given.status, "")),
      setting: held(shaped(SettingReply, given.setting, "")),
      pools: held(shaped(PoolsReply, given.pools, "")),
    },
    epochMs(1),
  );
}

test("a machine that is not in the table has no rate and no knob", () => {
  const { algorithm, hashrate, controls } = decoded({
    ...SOURCE,
    status: { ...SOURCE.status, model: "XT-Next" },
  });
  expect({ algorithm, hashrate, controls }).toEqual({ controls: {} });
});

test("broken answers end in a DeviceError or in readings that are numbers", () => {
  expect(decoded(SOURCE).boards[0]?.boardTemperature?.value).toBe(62.5);
  fc.assert(
    fc.property(mutated(SOURCE), (broken) => {
      if (typeof broken !== "object" || broken === null) return;
      try {
        expect(notNumbers(decoded(broken as typeof SOURCE))).toEqual([]);
      } catch (error) {
        if (!isDeviceError(error)) throw error;
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});

describe("other tables of boards", () => {
  const held = <Value>(value: Value) => ({ value, at: epochMs(1), source: "s" });
  const decoded = (devs: unknown, model = "Goldshell-CK5") =>
    decode(
      {
        devs: held(shaped(DevsReply, devs, "").DEVS),
        details: undefined,
        status: held({ model }),
        setting: undefined,
        pools: undefined,
      },
      epochMs(1),
    );

  test("the page's own, of 2020: rates in MH/s, two temperatures in one text, fans in another", () => {
    const row = { hashrate: 3e6, av_hashrate: 2.9e6, temp: "83.5\u00b0C/73.5\u00b0C", time: 1200 };
    const told = { fanspeed: "2940rpm/2880rpm", accepted: 5, rejected: 1, hwerrors: 9 };
    const { hashrate, boards, fans, shares, uptime } = decoded({
      status: 2,
      data: [
        { id: 0, ...row, ...told },
        { id: 1, ...row, ...told },
      ],
    });
    expect(hashrate?.now?.value).toBe(6e12);
    expect(hashrate?.average).toMatchObject({ value: 5.8e12, window: 1_200_000 });
    expect(boards[1]).toMatchObject({
      index: 1,
      chipTemperature: { value: 83.5 },
      boardTemperature: { value: 73.5 },
      hardwareErrors: { value: 9 },
    });
    expect(fans.map(({ speed }) => speed?.value)).toEqual([2940, 2880]);
    expect(shares).toMatchObject({ accepted: { value: 10 }, rejected: { value: 2 } });
    expect(uptime?.value).toBe(1_200_000);
  });

  test("one sensor a side, of which most are not there", () => {
    const sides = {
      l_temp: "0.0\u00b0C",
      m_temp: "0.0\u00b0C",
      r_temp: "77.5\u00b0C",
      t_temp: "0.0\u00b0C",
    };
    const { boards } = decoded({ data: [{ id: 0, hashrate: 500, ...sides }] }, "Goldshell-LT5");
    expect(boards[0]?.boardTemperature?.value).toBe(77.5);
    expect(boards[0]?.chipTemperature).toBeUndefined();
  });

  test("a coin that is not known has no rate, and hashes all the same", () => {
    const { activity, hashrate } = decoded({ DEVS: [{ ID: 0, "MHS 20s": 4e6 }] }, "Goldshell-X9");
    expect(activity?.value).toBe("hashing");
    expect(hashrate).toBeUndefined();
    expect(decoded({ DEVS: [{ ID: 0, "MHS 20s": 0 }] }).activity?.value).toBe("starting");
  });

  test("three sensors, four fans, a clock and a rail", () => {
    const sensors = { "tstemp-0": 86, "tstemp-1": 85, "tstemp-2": 74.5 };
    const turning = { fan0: 3300, fan1: 3360, fan2: 0, fan3: 3360 };
    const row = { ID: 0, "MHS 20s": 1, clock: 525, voltage: 12_600 };
    const { boards, fans } = decoded({ DEVS: [{ ...row, ...sensors, ...turning }] });
    expect(boards[0]).toMatchObject({
      chipTemperature: { value: 86 },
      boardTemperature: { value: 74.5 },
      frequency: { value: 525 },
      voltage: { value: 12_600 },
    });
    expect(fans.map(({ speed }) => speed?.value)).toEqual([3300, 3360, 0, 3360]);
  });
});
