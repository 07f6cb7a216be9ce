// Sessions with the simulated T3H+: its token, its faults, and what a write does or does not.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { innosilicon } from "../../../drivers/innosilicon/index.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { InnosiliconMachine, type InnosiliconOptions } from "../../sim/innosilicon.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";

const SIGNAL = new AbortController().signal;
const MINUTE = 60_000;
let time: number;
let machine: InnosiliconMachine;
let session: Session;
const now = (): EpochMs => epochMs(time);

async function start(options: Partial<InnosiliconOptions> = {}, more: object = {}): Promise<void> {
  time = 1_800_000_000_000;
  machine = new InnosiliconMachine({ seed: 5, now, ...options });
  await machine.start();
  time += 60 * MINUTE;
  machine.settle();
  connect(more);
}

function connect(more: object): void {
  const options = innosilicon.options.parse({
    driver: "innosilicon",
    ...machine.address,
    password: "admin",
    deadlineSeconds: 1,
    ...more,
  });
  session = innosilicon.connect(options, { now });
}

beforeEach(() => start());
afterEach(async () => {
  await session.close();
  await machine.stop();
});

const visits = (page: string) => machine.visits.filter((path) => path === `/api/${page}`).length;

test("is read whole with one login and one connection to each port", async () => {
  const telemetry = await session.read(SIGNAL);
  const { truth } = machine.plant;
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.identity).toEqual({
    vendor: "Innosilicon",
    firmware: "Innosilicon stock",
    firmwareVersion: "t3h_20210615_091723",
    model: "Innosilicon T3H+",
    modelKnown: true,
    mac: "A0:B0:45:00:04:B2",
    controlBoard: "g19",
  });
  expect(telemetry.power?.value).toBe(Math.round(truth.wallPower));
  expect(Math.abs((telemetry.hashrate?.recent?.value ?? 0) / truth.hashrate - 1)).toBeLessThan(
    0.05,
  );
  expect(telemetry.boards.map((board) => board.chips?.value)).toEqual([114, 114, 114]);
  expect(telemetry.setpoint.profile?.value).toBe("factory 2");
  expect(telemetry.setpoint.pools?.value).toEqual([
    { url: "stratum+tcp://pool.test:3333", user: "farm.t3", password: "" },
  ]);
  expect(JSON.stringify(telemetry)).not.toContain("secret-word");
  expect(machine.web.connections).toBe(1);
  expect(machine.api.connections).toBe(1);
  expect(visits("auth")).toBe(1);
});

test("slow answers keep their own time", async () => {
  await session.read(SIGNAL);
  const first = now();
  time += 10_000;
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.setpoint.profile?.at).toBe(first);
  expect(telemetry.power?.at).toBe(now());
  expect(visits("overview")).toBe(1);
});

describe("the token", () => {
  test("is renewed once when it has expired", async () => {
    await session.read(SIGNAL);
    machine.expireTokens();
    time += 10_000;
    await session.read(SIGNAL);
    expect(visits("auth")).toBe(2);
    time += 61 * MINUTE;
    await session.read(SIGNAL);
    expect(visits("auth")).toBe(3);
  });

  test("a refused password is not tried again for five minutes", async () => {
    connect({ password: "wrong" });
    await expect(session.read(SIGNAL)).rejects.toMatchObject({
      code: "UNAUTHORIZED",
      message: "auth: invalid password",
    });
    const before = machine.connections;
    time += 4 * MINUTE;
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(machine.connections).toBe(before);
    time += 2 * MINUTE;
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(visits("auth")).toBe(2);
  });

  test("without a password nothing is sent", async () => {
    connect({ password: undefined });
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
    expect(machine.connections).toBe(0);
  });
});

test("a build without getAll and with a closed 4028 has no watts and no problem", async () => {
  machine.missing.add("getAll").add("getErrorDetail");
  machine.apiClosed = true;
  machine.settle();
  const telemetry = await session.read(SIGNAL);
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.power).toBeUndefined();
  expect(telemetry.temperature?.chip).toBeUndefined();
  expect(telemetry.temperature?.board?.value).toBeGreaterThan(30);
  time += 10_000;
  await session.read(SIGNAL);
  expect(visits("getAll")).toBe(1);
});

test("an error code of the machine becomes a fault", async () => {
  machine.errorCode = 24;
  const { faults } = await session.read(SIGNAL);
  expect(faults).toEqual([{ code: "24", text: "SPI missing on some hash boards" }]);
});

describe("writes", () => {
  test("a profile restarts the program, which looks for its point and finds it", async () => {
    const before = await session.read(SIGNAL);
    const receipt = await session.write([{ knob: "profile", value: "balanced 2" }], SIGNAL);
    expect(receipt).toEqual({ answer: "accepted", detail: "setAutoTune: success" });
    expect(machine.orders).toEqual([{ page: "setAutoTune", body: "autotune=balanced&level=2" }]);
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "BUSY" });
    time += 3 * MINUTE;
    const tuning = await session.read(SIGNAL);
    expect(tuning.activity?.value).toBe("ramping");
    expect(tuning.setpoint.profile).toMatchObject({ value: "balanced 2", at: now() });
    time += 30 * MINUTE;
    const after = await session.read(SIGNAL);
    expect(after.activity?.value).toBe("hashing");
    expect(after.power?.value ?? 0).toBeLessThan((before.power?.value ?? 0) * 0.9);
  });

  test("a level of balanced that the firmware does not store reads back as it was", async () => {
    await machine.stop();
    await start({ keepsBalanced: true });
    machine.profile = "balanced 1";
    await session.read(SIGNAL);
    const receipt = await session.write([{ knob: "profile", value: "balanced 3" }], SIGNAL);
    expect(receipt.answer).toBe("accepted");
    time += 20_000;
    const { setpoint } = await session.read(SIGNAL);
    expect(setpoint.profile).toMatchObject({ value: "balanced 1", at: now() });
  });

  test("all three pool places are sent, and a reboot comes last", async () => {
    await session.read(SIGNAL);
    const pool = { url: "stratum+tcp://b:1", user: "w", password: "p&p" };
    await session.write(
      [
        { knob: "reboot", value: true },
        { knob: "pools", value: [pool] },
      ],
      SIGNAL,
    );
    expect(machine.orders.map(({ page }) => page)).toEqual(["updatePools", "reboot"]);
    expect(Object.fromEntries(new URLSearchParams(machine.orders[0]?.body))).toEqual({
      Pool1: "stratum+tcp://b:1",
      UserName1: "w",
      Password1: "p&p",
      Pool2: "",
      UserName2: "",
      Password2: "",
      Pool3: "",
      UserName3: "",
      Password3: "",
    });
    expect(machine.pools).toEqual([{ url: "stratum+tcp://b:1", user: "w", pass: "p&p" }]);
  });

  test.each([
    [
      { knob: "profile", value: "performance 0" },
      /profile: performance 0: expected one of efficient 2/,
    ],
    [
      { knob: "pools", value: [{ url: "a", user: "b", password: "" }] },
      /number 1: .*password is blank/,
    ],
    [{ knob: "pools", value: [] }, /pools: 0: expected 1 to 3/],
    [{ knob: "frequency", value: 600 }, /frequency: 600: this machine does not offer it/],
  ] as const)("%j is refused before anything is sent", async (setting, message) => {
    await session.read(SIGNAL);
    const before = machine.visits.length;
    await expect(session.write([setting as never], SIGNAL)).rejects.toMatchObject({
      code: "INVALID_SETTING",
      message: expect.stringMatching(message),
    });
    expect(machine.visits).toHaveLength(before);
  });

  test("an order whose answer is lost is silent and sent once; the rest is not sent", async () => {
    await session.read(SIGNAL);
    machine.fault = "lost-after-send";
    const receipt = await session.write(
      [
        { knob: "profile", value: "factory 1" },
        { knob: "restart", value: true },
      ],
      SIGNAL,
    );
    expect(receipt.answer).toBe("silent");
    expect(receipt.detail).toMatch(/; 1 more not sent$/);
    expect(machine.orders.map(({ page }) => page)).toEqual(["setAutoTune"]);
  });

  test("an expired token costs an order nothing", async () => {
    await session.read(SIGNAL);
    machine.expireTokens();
    const receipt = await session.write([{ knob: "restart", value: true }], SIGNAL);
    expect(receipt.answer).toBe("accepted");
    expect(machine.orders.map(({ page }) => page)).toEqual(["restartCgMiner"]);
  });
});

describe("faults of the web server", () => {
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

  test.each(["split", "double", "control-characters", "nan"] as const)(
    "%s is read",
    async (fault) => {
      await session.read(SIGNAL);
      time += 10_000;
      machine.fault = fault;
      const telemetry = await session.read(SIGNAL);
      expect(JSON.stringify(telemetry)).not.toMatch(/null/);
    },
  );

  test("huge ends in REPLY_TOO_LARGE", async () => {
    connect({ deadlineSeconds: 20 });
    machine.fault = "huge";
    await expect(session.read(SIGNAL)).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
  });

  test("a page that hangs costs one deadline and is a problem", async () => {
    machine.api.fault = "silent";
    const began = performance.now();
    const telemetry = await session.read(SIGNAL);
    expect(performance.now() - began).toBeLessThan(1900);
    expect(telemetry.problems).toMatchObject([{ code: "NO_REPLY", source: "stats" }]);
    expect(telemetry.boards[0]).not.toHaveProperty("chips");
  });

  test("a broken answer does not show the passwords in it", async () => {
    machine.fault = "html";
    await expect(session.read(SIGNAL)).rejects.toMatchObject({
      message: expect.stringMatching(/^auth: \d+ characters, not readable$/),
    });
  });
});

describe("identification", () => {
  test("by the program's name, else by the title of its pages, else not", async () => {
    const probe = () => openProbe({ ...machine.address, deadline: 1000 });
    expect(await innosilicon.identify(probe())).toMatchObject({ confidence: 4 });
    machine.apiClosed = true;
    machine.settle();
    expect(await innosilicon.identify(probe())).toMatchObject({
      driver: "innosilicon",
      confidence: 3,
      identity: { vendor: "Innosilicon" },
    });
    machine.offline = true;
    machine.settle();
    expect(await innosilicon.identify(probe())).toBeUndefined();
  });
});
