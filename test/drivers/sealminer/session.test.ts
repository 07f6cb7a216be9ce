import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, watts } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/sealminer/decode.ts";
import { encode } from "../../../drivers/sealminer/encode.ts";
import { sealminer } from "../../../drivers/sealminer/index.ts";
import { StatsReply } from "../../../drivers/sealminer/wire.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { SealminerMachine } from "../../sim/sealminer.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: SealminerMachine;
let session: Session;

const open = (password: string | undefined, deadlineSeconds = 10) =>
  sealminer.connect(
    sealminer.options.parse({
      driver: "sealminer",
      ...machine.address,
      deadlineSeconds,
      ...(password === undefined ? {} : { password }),
    }),
    { now },
  );

beforeEach(async () => {
  machine = new SealminerMachine({ seed: 1, now, password: "secret" });
  await machine.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("an A2", () => {
  test("a second reading takes two questions", async () => {
    await session.read(NEVER);
    const before = machine.connections;
    time += 10_000;
    expect((await session.read(NEVER)).problems).toEqual([]);
    expect(machine.connections - before).toBe(2);
  });

  test("without a password it is read, and nothing is offered", async () => {
    const guest = open(undefined);
    const telemetry = await guest.read(NEVER);
    expect(telemetry.identity.modelKnown).toBe(true);
    expect(telemetry.controls).toEqual({});
  });

  test("a new limit is taken up by the reboot that follows it", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "powerLimit", value: watts(3000) }], NEVER);
    expect(await codeOf(session)).toBe("EMPTY_REPLY");
    time += 130_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.setpoint.powerLimit?.value).toBe(3000);
    expect(telemetry.activity?.value).toBe("starting");
  });

  test("with a wrong password nothing is offered, and the reason is told", async () => {
    const stranger = open("wrong");
    const telemetry = await stranger.read(NEVER);
    expect(telemetry.controls).toEqual({});
    expect(telemetry.problems).toMatchObject([{ code: "UNAUTHORIZED" }]);
    await stranger.close();
  });

  test("the limit in bdminer's own words", () => {
    expect(encode([{ knob: "powerLimit", value: watts(3500) }])).toEqual([
      { kind: "ascset", parameter: '0,powerlimit,{"value":"3500"}' },
      { kind: "reboot" },
    ]);
  });

  test.each([
    ["truncate", "TRUNCATED_REPLY"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["double", "read"],
    ["nan", "read"],
  ] as const)("%s ends as %s", async (fault, code) => {
    machine.api.fault = fault;
    expect(await codeOf(session)).toBe(code);
  });

  test("silence costs one deadline", async () => {
    const impatient = open("secret", 0.5);
    machine.api.fault = "silent";
    const start = performance.now();
    expect(await codeOf(impatient)).toBe("NO_REPLY");
    expect(performance.now() - start).toBeLessThan(2000);
    await impatient.close();
  });
});

const SOURCE = {
  STATS: [
    {
      Model: "A2",
      "Board Count": 2,
      "Fan Count": 2,
      "0 Chip Count": 153,
      "0 Bad Chip Count": 0,
      "0 Freq": 349,
      "0 Temp 0": 55,
      "0 Temp 1": 52,
      "0 Temp 2": 70,
      "0 Temp 3": 69,
      "0 MHS(Ideal)": 74_342_544,
      "0 Speed": 3723,
      Elapsed: 2481,
      "Power Limit": 3500,
      "PSU Input Power": 3504,
      "MHS(30s)": 220_407_636,
      "PM State": "Running",
    },
  ],
};

function decoded(given: typeof SOURCE) {
  const value = shaped(StatsReply, given, "").STATS[0];
  return decode(
    {
      stats: { value, at: epochMs(1), source: "stats" },
      summary: undefined,
      pools: undefined,
      version: undefined,
      system: undefined,
      mayReboot: true,
    },
    epochMs(1),
  );
}

test("broken answers end in a DeviceError or in readings that are numbers", () => {
  expect(decoded(SOURCE).boards).toHaveLength(2);
  fc.assert(
    fc.property(mutated(SOURCE), (broken) => {
      try {
        expect(notNumbers(decoded(broken as typeof SOURCE))).toEqual([]);
      } catch (error) {
        if (!isDeviceError(error)) throw error;
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
