import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, watts } from "../../../drivers/contract/units.ts";
import { amountOf, runtimeOf } from "../../../drivers/iceriver/amount.ts";
import { decode } from "../../../drivers/iceriver/decode.ts";
import { iceriver } from "../../../drivers/iceriver/index.ts";
import { PanelReply } from "../../../drivers/iceriver/wire.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { IceriverMachine } from "../../sim/iceriver.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: IceriverMachine;
let session: Session;

const open = (password: string, deadlineSeconds = 10) =>
  iceriver.connect(
    iceriver.options.parse({ driver: "iceriver", ...machine.address, deadlineSeconds, password }),
    { now },
  );

beforeEach(async () => {
  machine = new IceriverMachine({ seed: 1, now, password: "secret" });
  await machine.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("a KS5L", () => {
  test("is recognised by the title of its page", async () => {
    const probe = openProbe({ ...machine.address, deadline: 2000 });
    expect(await iceriver.identify(probe)).toMatchObject({ driver: "iceriver", confidence: 3 });
  });

  test("is read from its panel, in the unit that it writes", async () => {
    time += 90_061_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry).toMatchObject({ algorithm: "kheavyhash", problems: [] });
    expect(telemetry.identity).toMatchObject({ model: "KS5L", modelKnown: true });
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(machine.plant.truth.hashrate, -8);
    expect(telemetry.uptime?.value).toBe(90_061_000);
    expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([18, 18, 18]);
    expect(telemetry.fans).toHaveLength(4);
    expect(telemetry.pools).toMatchObject([{ status: "alive", active: true, index: 0 }]);
    expect(Object.keys(telemetry.controls)).toEqual(["locate"]);
  });

  test("blinks, and refuses what its firmware has not", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "locate", value: true }], NEVER);
    expect((await session.read(NEVER)).setpoint.locate?.value).toBe(true);
    const wish = { knob: "powerLimit", value: watts(3000) } as const;
    await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  test("logs in again when its session has ended", async () => {
    await session.read(NEVER);
    time += 1000;
    machine.endSession();
    expect(await codeOf(session)).toBe("read");
    expect(machine.connections).toBe(1);
  });

  test("no error tells the password, though it is part of an address", async () => {
    const stranger = open("wrong word");
    const error = await stranger.read(NEVER).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "UNAUTHORIZED" });
    machine.web.fault = "reset";
    time += 301_000;
    const second = await stranger.read(NEVER).catch((reason: unknown) => reason);
    expect(second).toMatchObject({ code: "CONNECTION_LOST" });
    expect(`${error} ${second}`).not.toMatch(/wrong/);
    await stranger.close();
  });

  test.each([
    ["truncate", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
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

test.each([
  ["12.5 G", "G", 12.5e9],
  ["8.5T", "G", 8.5e12],
  ["100", "M", 100e6],
  [7, "T", 7e12],
  ["12.5", undefined, undefined],
  ["", "G", undefined],
  [null, "G", undefined],
])("%j in %j are %j H/s", (raw, unit, rate) => {
  expect(amountOf(raw, unit)).toBe(rate);
});

test.each([
  ["1:2:3:4", 93_784_000],
  ["0:0:0:0", 0],
  ["1:2", undefined],
  [5, undefined],
])("a run time of %j is %j ms", (raw, duration) => {
  expect(runtimeOf(raw)).toBe(duration);
});

const SOURCE = {
  error: 0,
  data: {
    model: "KS5L",
    softver1: "BM_KS5Lminer",
    mac: "02-00-00-00-05-01",
    rtpow: "12000.5 G",
    avgpow: "12000.5 G",
    unit: "G",
    runtime: "0:1:0:0",
    locate: false,
    powstate: true,
    fans: [3000, "3100"],
    pools: [{ no: 1, addr: "u", user: "w", connect: true, state: 1, accepted: 1 }],
    boards: [
      { no: 1, chipnum: 18, chipsuc: 18, freq: 900, rtpow: "4000 G", intmp: 30, outtmp: 60 },
    ],
  },
};

test("a version that names its machine by a number", () => {
  const softver1 = "ICM1_02_10306_miner";
  const value = shaped(PanelReply, { data: { ...SOURCE.data, model: "none", softver1 } }, "").data;
  const { identity, algorithm } = decode(
    { value, at: epochMs(1), source: "userpanel" },
    epochMs(1),
  );
  expect(identity).toMatchObject({ model: "AL3", modelKnown: true });
  expect(algorithm).toBe("blake3");
});

test("broken answers end in a DeviceError or in readings that are numbers", () => {
  const decoded = (given: unknown) => {
    const value = shaped(PanelReply, given, "").data;
    return decode({ value, at: epochMs(1), source: "userpanel" }, epochMs(1));
  };
  expect(decoded(SOURCE).hashrate?.now?.value).toBe(12_000.5e9);
  fc.assert(
    fc.property(mutated(SOURCE), (broken) => {
      try {
        expect(notNumbers(decoded(broken))).toEqual([]);
      } catch (error) {
        if (!isDeviceError(error)) throw error;
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
