// Readings from the answers of an E9-class machine (EBAZ4303, 12.5 TH/s) as a public test has them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epochMs } from "../../../drivers/contract/units.ts";
import { decode, durationOf, rateOf } from "../../../drivers/ebang/decode.ts";
import {
  AdminInfo,
  AlarmLoop,
  MinerStatus,
  PoolValues,
  SystemStatus,
  sessionCookie,
} from "../../../drivers/ebang/wire.ts";

const NOW = epochMs(1_800_000_000_000);
const AT = epochMs(NOW - 4000);

const E9 = {
  status: {
    currentpooltime: "103:20:45",
    rejected: 265,
    findblock: 0,
    accepted: 2033,
    averfigure: "12.28T",
    currentaccident: 8192.0,
    getworks: 35361,
    fiveavg: "12.51T",
    harderrornumber: 0.0002,
    worktime: "123:6:37",
    fivesecfigure: "12.44T",
    cgminerstatus: "stratum+tcp://aaa.com:3001",
  },
  alarms: {
    eth1Alarm: 0,
    calValue: 12526.698,
    pllValue: 785,
    tmpValue: 60,
    calAlarm: 0,
    poolAlarm: 0,
    tempAlarm: 0,
  },
  system: {
    systemsoftwareversion: "soft_v9.1.0.32",
    devicefan: 5520,
    productname: "DWM_BTC1000",
    devicefan2: 5640,
    device4temp: 60,
    device3temp: 0,
    device1temp: "60,55|55,51",
    device2temp: "55,52|58,54",
    hardwareversion: "EBAZ4303-13-1.1.1.1",
  },
  pools: {
    Mpassword3: "",
    Mip3: "stratum+tcp://btc.ss.poolin.com:25",
    Mwork3: "",
    Mpassword2: "",
    Mip2: "stratum+tcp://yyy.com:1883",
    Mip1: "stratum+tcp://aaa.com:3001",
    Mwork2: "",
    Mpassword1: "",
    Mwork1: "111",
  },
  admin: { macaddr: "02-eb-a1-00-00-09" },
};

function read(wire: { readonly [Name in keyof typeof E9]?: unknown }) {
  const held = <Value>(parsed: { data?: Value | undefined }) =>
    parsed.data === undefined ? undefined : { value: parsed.data, at: AT, source: "" };
  const status = held(MinerStatus.safeParse(wire.status));
  if (status === undefined) return undefined;
  return decode(
    {
      status,
      alarms: held(AlarmLoop.safeParse(wire.alarms)),
      system: held(SystemStatus.safeParse(wire.system)),
      pools: held(PoolValues.safeParse(wire.pools)),
      admin: held(AdminInfo.safeParse(wire.admin)),
    },
    [],
    NOW,
  );
}

describe("an E9-class machine", () => {
  const telemetry = read(E9);

  test("rates with their windows", () => {
    const reading = { at: AT, source: "CgminerStatus", quality: "ok" };
    expect(telemetry?.hashrate).toEqual({
      now: { ...reading, value: 12.44e12, window: 5000 },
      recent: { ...reading, value: 12.51e12, window: 300_000 },
      average: { ...reading, value: 12.28e12, window: 443_197_000 },
    });
    expect(telemetry?.algorithm).toBe("sha256");
    expect(telemetry?.activity?.value).toBe("hashing");
    expect(telemetry?.uptime?.value).toBe(443_197_000);
  });

  test("the calculated rate serves where there is no other", () => {
    const { fivesecfigure: _, ...status } = E9.status;
    const now = read({ ...E9, status })?.hashrate?.now;
    expect(now?.value).toBeCloseTo(12.526698e12, 0);
    expect(now?.source).toBe("GetAlarmLoop");
  });

  test("fans, and a board for each pair of temperatures", () => {
    expect(telemetry?.fans.map((fan) => fan.speed?.value)).toEqual([5520, 5640]);
    expect(telemetry?.boards.map((board) => board.boardTemperature?.value)).toEqual([
      60, 55, 55, 58,
    ]);
    expect(telemetry?.boards.map((board) => board.frequency?.value)).toEqual([785, 785, 785, 785]);
    expect(telemetry?.temperature?.board?.value).toBe(60);
  });

  test("identity and pools, without a password", () => {
    expect(telemetry?.identity).toEqual({
      vendor: "Ebang",
      firmware: "Ebang stock",
      firmwareVersion: "soft_v9.1.0.32",
      model: "Ebit (DWM_BTC1000)",
      modelKnown: true,
      mac: "02:EB:A1:00:00:09",
      controlBoard: "EBAZ4303-13-1.1.1.1",
    });
    expect(telemetry?.pools).toMatchObject([
      {
        url: "stratum+tcp://aaa.com:3001",
        user: "111",
        status: "alive",
        active: true,
        difficulty: 8192,
      },
      { url: "stratum+tcp://yyy.com:1883", user: "", status: "unknown", active: false },
      { url: "stratum+tcp://btc.ss.poolin.com:25", status: "unknown", active: false },
    ]);
    expect(telemetry?.shares).toMatchObject({
      accepted: { value: 2033 },
      rejected: { value: 265 },
    });
  });

  test("pools and restart are all that can be set; watts are told nowhere", () => {
    expect(Object.keys(telemetry?.controls ?? {})).toEqual(["pools", "restart"]);
    expect(telemetry?.power).toBeUndefined();
    expect(telemetry?.faults).toEqual([]);
  });
});

test("alarms become faults", () => {
  const alarms = { ...E9.alarms, tempAlarm: 1, poolAlarm: "2" };
  const telemetry = read({ ...E9, alarms });
  expect(telemetry?.faults.map(({ code }) => code)).toEqual(["poolAlarm", "tempAlarm"]);
  expect(telemetry?.pools[0]?.status).toBe("unknown");
});

test("a longer product name wins, and a stranger has no knobs", () => {
  const model = (productname: string) =>
    read({ ...E9, system: { ...E9.system, productname } })?.identity.model;
  expect(model("EBIT E11++")).toBe("Ebit E11++");
  expect(model("EBIT E11+")).toBe("Ebit E11+");
  expect(model("e9.3")).toBe("Ebit E9.3");
  const stranger = read({ ...E9, system: { productname: "X1" } });
  expect(stranger?.identity).toMatchObject({ model: "X1", modelKnown: false });
  expect(stranger?.controls).toEqual({});
  expect(stranger?.algorithm).toBeUndefined();
});

test.each([
  ["12.28T", 12.28e12],
  ["980.5 GH/s", 980.5e9],
  ["1P", 1e15],
  ["0.00T", 0],
  ["12.28", undefined],
  ["nanT", undefined],
  ["1.2.3T", undefined],
  ["", undefined],
  [12.28, undefined],
])("the rate %j is %s", (text, rate) => {
  expect(rateOf(text)).toBe(rate);
});

test.each([
  ["123:6:37", 443_197_000],
  ["0:0:0", 0],
  ["6:37", undefined],
  ["-1:0:0", undefined],
])("the time %j is %s", (text, time) => {
  expect(durationOf(text)).toBe(time);
});

test("the session's cookie is found whatever stands around it", () => {
  const cookie = "-http-session-=1::http.session::647531ff4c6d47243a8ed9a41a26e473";
  expect(sessionCookie(`${cookie}; path=/; domain=127.0.0.1; httponly`)).toBe(cookie);
  expect(sessionCookie(`lang=1; path=/, ${cookie}; path=/`)).toBe(cookie);
  expect(sessionCookie("lang=1; path=/")).toBeUndefined();
  expect(sessionCookie(undefined)).toBeUndefined();
});

test("no mutation makes decoding throw or yield a number that is none", () => {
  const names = Object.keys(E9) as (keyof typeof E9)[];
  const odd = fc.constantFrom(
    undefined,
    null,
    "",
    "NaN",
    "nanT",
    "-",
    "1e999T",
    "|,|",
    -1,
    true,
    [],
    {},
    "9:99:99",
  );
  const mutation = fc.record({
    name: fc.constantFrom(...names),
    key: fc.nat(20),
    instead: odd,
    whole: fc.integer({ min: 0, max: 19 }),
  });
  const property = fc.property(fc.array(mutation, { minLength: 1, maxLength: 8 }), (mutations) => {
    const wire: Record<string, unknown> = structuredClone(E9);
    for (const { name, key, instead, whole } of mutations) {
      const part = wire[name];
      if (whole === 0 || typeof part !== "object" || part === null) {
        wire[name] = instead;
        continue;
      }
      const keys = Object.keys(part);
      wire[name] = { ...part, [keys[key % keys.length] ?? ""]: instead };
    }
    expect(numbersOf(read(wire)).filter((value) => !Number.isFinite(value))).toEqual([]);
  });
  fc.assert(property, { numRuns: 300, seed: 20_260_702 });
});

function numbersOf(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbersOf);
}
