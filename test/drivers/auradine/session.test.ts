import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Answers } from "../../../drivers/auradine/answers.ts";
import { decode } from "../../../drivers/auradine/decode.ts";
import { auradine } from "../../../drivers/auradine/index.ts";
import * as wire from "../../../drivers/auradine/wire.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, watts } from "../../../drivers/contract/units.ts";
import { PoolsReply, SummaryReply } from "../../../drivers/transport/cgminer.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { AuradineMachine } from "../../sim/auradine.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: AuradineMachine;
let session: Session;

const open = (password: string | undefined, deadlineSeconds = 10) =>
  auradine.connect(
    auradine.options.parse({
      driver: "auradine",
      ...machine.address,
      deadlineSeconds,
      ...(password === undefined ? {} : { password }),
    }),
    { now },
  );

beforeEach(async () => {
  machine = new AuradineMachine({ seed: 1, now, password: "secret" });
  await machine.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("an AT1500", () => {
  test("a second reading takes two questions to GCMiner and the kept connection", async () => {
    await session.read(NEVER);
    const before = machine.connections;
    time += 10_000;
    expect((await session.read(NEVER)).problems).toEqual([]);
    expect(machine.connections - before).toBe(2);
  });

  test("without a password 4028 is read, and nothing can be changed", async () => {
    const guest = open(undefined);
    const telemetry = await guest.read(NEVER);
    expect(telemetry.identity).toMatchObject({ model: "AT1500", modelKnown: true });
    expect(telemetry.hashrate?.now?.value).toBeGreaterThan(100e12);
    expect(telemetry.power).toBeUndefined();
    expect(telemetry.controls).toEqual({});
    const wish = { knob: "sleep", value: true } as const;
    await expect(guest.write([wish], NEVER)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("a new power is set as its custom mode and told back", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "powerLimit", value: watts(2500) }], NEVER);
    time += 600_000;
    expect((await session.read(NEVER)).setpoint.powerLimit?.value).toBe(2500);
  });

  test("is read while GCMiner does not run, if it sleeps", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "sleep", value: true }], NEVER);
    machine.api.refusing = true;
    const telemetry = await session.read(NEVER);
    expect(telemetry.activity?.value).toBe("sleeping");
    expect(telemetry.hashrate?.now).toBeUndefined();
    expect(telemetry.problems).toMatchObject([{ code: "UNREACHABLE", source: "summary" }]);
  });

  test("is an error while GCMiner does not run and it should", async () => {
    machine.api.refusing = true;
    expect(await codeOf(session)).toBe("UNREACHABLE");
  });

  test("a wrong password is an error of its own", async () => {
    const stranger = open("wrong");
    expect(await codeOf(stranger)).toBe("UNAUTHORIZED");
    await stranger.close();
  });

  test.each([
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["split", "read"],
    ["double", "read"],
    ["nan", "read"],
    ["control-characters", "read"],
  ] as const)("%s on 4028 ends as %s", async (fault, code) => {
    machine.api.fault = fault;
    expect(await codeOf(session)).toBe(code);
  });

  test("silence on 4028 costs one deadline", async () => {
    const impatient = open("secret", 0.5);
    machine.api.fault = "silent";
    const start = performance.now();
    expect(await codeOf(impatient)).toBe("NO_REPLY");
    expect(performance.now() - start).toBeLessThan(2000);
    await impatient.close();
  });
});

const SOURCE = {
  summary: { SUMMARY: [{ Elapsed: 5, "MHS 5s": 1e8, "MHS 5m": 1e8, "MHS av": 1e8, Accepted: 1 }] },
  devs: { DEVS: [{ ID: 1, Enabled: true, "MHS 5s": 1e7, Temperature: 30 }] },
  count: { ASCCount: [{ AsicCount: 396, BoardCount: 3 }] },
  pools: { POOLS: [{ POOL: 0, URL: "u", User: "w", Status: "Alive", "Last Share Time": 5 }] },
  fan: { Fan: [{ ID: 1, Max: 7700, Speed: 7000, Target: 7000 }] },
  mode: { Mode: [{ Mode: "custom", Power: 2000, Sleep: "off", Ths: 160 }] },
  psu: { PSU: [{ PowerIn: "58.94W", PoutMax: "3452.00W" }] },
  temperature: {
    Temperature: [
      { ID: 1, BoardTemp: [{ Temperature: 20 }], ChipTemp: [{ Temperature: 45 }] },
      { ID: 0, BoardTemp: [{ Temperature: 24 }], ChipTemp: null },
    ],
  },
  voltage: { Voltage: [{ ID: 1, ChipVoltage: [{ Voltage: 0.24 }] }] },
  frequency: { Frequency: [{ ID: 1, ChipFrequency: [{ Frequency: 281 }] }] },
};

function decoded(given: typeof SOURCE) {
  const held = <Value>(value: Value) => ({ value, at: epochMs(1), source: "s" });
  const answers: Answers = {
    summary: held(shaped(SummaryReply, given.summary, "").SUMMARY[0]),
    devs: held(shaped(wire.DevsReply, given.devs, "").DEVS),
    count: held(shaped(wire.CountReply, given.count, "").ASCCount[0]),
    pools: held(shaped(PoolsReply, given.pools, "").POOLS),
    fan: held(shaped(wire.FanReply, given.fan, "").Fan),
    mode: held(shaped(wire.ModeReply, given.mode, "").Mode[0]),
    psu: held(shaped(wire.PsuReply, given.psu, "").PSU[0]),
    temperature: held(shaped(wire.TemperatureReply, given.temperature, "").Temperature),
    voltage: held(shaped(wire.VoltageReply, given.voltage, "").Voltage),
    frequency: held(shaped(wire.FrequencyReply, given.frequency, "").Frequency),
    led: undefined,
    report: undefined,
    version: undefined,
    model: undefined,
  };
  return decode(answers, epochMs(1));
}

test("broken answers end in a DeviceError or in readings that are numbers", () => {
  expect(decoded(SOURCE).boards).toHaveLength(1);
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
