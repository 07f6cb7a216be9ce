// Sessions with the simulated E11++: its cookie, its faults, its two orders.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { ebang } from "../../../drivers/ebang/index.ts";
import { PATHS } from "../../../drivers/ebang/wire.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { EbangMachine } from "../../sim/ebang.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";

const SIGNAL = new AbortController().signal;
const MINUTE = 60_000;
let time: number;
let machine: EbangMachine;
let session: Session;
const now = (): EpochMs => epochMs(time);

function connect(more: object): void {
  const options = ebang.options.parse({
    driver: "ebang",
    ...machine.address,
    password: "admin",
    deadlineSeconds: 1,
    ...more,
  });
  session = ebang.connect(options, { now });
}

beforeEach(async () => {
  time = 1_800_000_000_000;
  machine = new EbangMachine({ seed: 3, now });
  await machine.start();
  time += 60 * MINUTE;
  machine.settle();
  connect({});
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

const visits = (path: string) => machine.visits.filter((visit) => visit === path).length;

test("is read whole over one connection, and slow answers are kept", async () => {
  const telemetry = await session.read(SIGNAL);
  const { truth } = machine.plant;
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.identity).toMatchObject({ model: "Ebit E11++", modelKnown: true });
  expect(Math.abs((telemetry.hashrate?.recent?.value ?? 0) / truth.hashrate - 1)).toBeLessThan(
    0.05,
  );
  expect(telemetry.hashrate?.nameplate?.value).toBe(44e12);
  expect(JSON.stringify(telemetry)).not.toContain("secret-word");
  const first = now();
  time += 10_000;
  const later = await session.read(SIGNAL);
  expect(later.setpoint.pools?.at).toBe(first);
  expect(later.fans[0]?.speed?.at).toBe(now());
  expect(machine.connections).toBe(1);
  expect(visits(PATHS.login)).toBe(1);
  expect(visits(PATHS.pools)).toBe(1);
});

test("a lost session is opened again, once", async () => {
  await session.read(SIGNAL);
  machine.forgetSessions();
  time += 10_000;
  await session.read(SIGNAL);
  expect(visits(PATHS.login)).toBe(2);
});

test("a refused password is not tried again for five minutes; without one nothing is sent", async () => {
  connect({ password: "wrong" });
  for (const code of ["UNAUTHORIZED", "UNAUTHORIZED"]) {
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code });
  }
  expect(visits(PATHS.login)).toBe(1);
  time += 6 * MINUTE;
  await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(visits(PATHS.login)).toBe(2);
  connect({ password: undefined });
  await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(machine.visits).toHaveLength(2);
});

test("pools are sent in lower case, all places at once, and the restart comes last", async () => {
  await session.read(SIGNAL);
  const pool = { url: "stratum+tcp://b:1", user: "w", password: "p&p" };
  const receipt = await session.write(
    [
      { knob: "restart", value: true },
      { knob: "pools", value: [pool] },
    ],
    SIGNAL,
  );
  expect(receipt).toEqual({
    answer: "accepted",
    detail: "/Cgminer/CgminerConfig: status 1; /update/resetcgminer: status 1",
  });
  expect(Object.fromEntries(new URLSearchParams(machine.orders[0]?.body))).toMatchObject({
    mip1: "stratum+tcp://b:1",
    mwork1: "w",
    mpassword1: "p&p",
    mip2: "",
    mpassword3: "",
  });
  const starting = await session.read(SIGNAL);
  expect(starting.setpoint.pools?.value).toEqual([{ ...pool, password: "" }]);
  time += 2 * MINUTE;
  const after = await session.read(SIGNAL);
  expect(after.activity?.value).toBe("hashing");
  expect(after.uptime?.value).toBeLessThan(2 * MINUTE);
});

test.each([
  [{ knob: "frequency", value: 700 }, /frequency: 700: this machine does not offer it/],
  [{ knob: "powerLimit", value: 1500 }, /powerLimit: 1500: this machine does not/],
  [{ knob: "pools", value: [] }, /pools: 0: expected 1 to 3/],
  [{ knob: "pools", value: [{ url: "a", user: " ", password: "" }] }, /number 1: .*user is blank/],
] as const)("%j is refused before anything is sent", async (setting, message) => {
  await session.read(SIGNAL);
  const before = machine.visits.length;
  await expect(session.write([setting as never], SIGNAL)).rejects.toMatchObject({
    code: "INVALID_SETTING",
    message: expect.stringMatching(message),
  });
  expect(machine.visits).toHaveLength(before);
});

test("an order whose answer is lost is silent and sent once", async () => {
  await session.read(SIGNAL);
  machine.fault = "lost-after-send";
  const receipt = await session.write([{ knob: "restart", value: true }], SIGNAL);
  expect(receipt.answer).toBe("silent");
  expect(machine.orders).toHaveLength(1);
});

test("an order that is answered by another page is silent and sent once", async () => {
  await session.read(SIGNAL);
  machine.fault = "html";
  const receipt = await session.write([{ knob: "restart", value: true }], SIGNAL);
  expect(receipt).toMatchObject({ answer: "silent" });
  expect(machine.orders).toHaveLength(1);
});

test.each([
  ["drip", "NO_REPLY"],
  ["silent", "NO_REPLY"],
  ["truncate", "CONNECTION_LOST"],
  ["reset", "CONNECTION_LOST"],
  ["lost-after-send", "CONNECTION_LOST"],
  ["html", "HTML_REPLY"],
  ["empty", "EMPTY_REPLY"],
] as const)("%s ends in %s after one deadline", async (fault: ReplyFault, code) => {
  await session.read(SIGNAL);
  time += 10_000;
  machine.fault = fault;
  const began = performance.now();
  await expect(session.read(SIGNAL)).rejects.toMatchObject({ code });
  expect(performance.now() - began).toBeLessThan(1900);
});

test.each(["unauthorized", "key-refused"] as const)("HTTP 401 is %s", async (fault) => {
  machine.fault = fault;
  await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
});

test("an endless answer ends in REPLY_TOO_LARGE", async () => {
  connect({ deadlineSeconds: 20 });
  await session.read(SIGNAL);
  machine.fault = "huge";
  await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
});

test.each(["split", "double", "control-characters"] as const)("%s is read", async (fault) => {
  await session.read(SIGNAL);
  time += 10_000;
  machine.fault = fault;
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.boards).toHaveLength(4);
  expect(JSON.stringify(telemetry)).not.toMatch(/null/);
});

test("an answer whose status is no number is a problem, and its values are absent", async () => {
  await session.read(SIGNAL);
  time += 10_000;
  machine.fault = "nan";
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.problems).toMatchObject([{ code: "REJECTED", source: "getsystemstatus" }]);
  expect(telemetry.fans).toEqual([]);
  expect(telemetry.hashrate?.now?.value).toBeGreaterThan(0);
});

test("is recognised by the fields of its login form, and only by them", async () => {
  const probe = () => openProbe({ ...machine.address, deadline: 1000 });
  expect(await ebang.identify(probe())).toMatchObject({ driver: "ebang", confidence: 4 });
  machine.fault = "html";
  expect(await ebang.identify(probe())).toBeUndefined();
});
