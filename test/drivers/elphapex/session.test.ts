import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { epochMs, watts } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/elphapex/decode.ts";
import { elphapex } from "../../../drivers/elphapex/index.ts";
import { PoolsReply, StatsReply, SummaryReply } from "../../../drivers/elphapex/wire.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { ElphapexMachine } from "../../sim/elphapex.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let machine: ElphapexMachine;
let session: Session;

const open = (password: string, deadlineSeconds = 10) =>
  elphapex.connect(
    elphapex.options.parse({ driver: "elphapex", ...machine.address, deadlineSeconds, password }),
    { now },
  );

beforeEach(async () => {
  machine = new ElphapexMachine({ seed: 1, now, password: "secret" });
  await machine.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await machine.stop();
});

describe("a DG1+", () => {
  test("one connection serves every reading", async () => {
    await session.read(NEVER);
    time += 10_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.activity?.value).toBe("hashing");
    const { hashrate } = machine.plant.truth;
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(hashrate, -6);
    expect(machine.connections).toBe(1);
  });

  test("blinks and stops blinking", async () => {
    expect((await session.read(NEVER)).setpoint.locate?.value).toBe(false);
    const receipt = await session.write([{ knob: "locate", value: true }], NEVER);
    expect(receipt).toEqual({ answer: "accepted", detail: "blink.cgi: B000" });
    expect((await session.read(NEVER)).setpoint.locate?.value).toBe(true);
    await session.write([{ knob: "locate", value: false }], NEVER);
    expect((await session.read(NEVER)).setpoint.locate?.value).toBe(false);
  });

  test("reboots, and counts its time anew", async () => {
    time += 3_600_000;
    expect((await session.read(NEVER)).uptime?.value).toBeGreaterThan(3_000_000);
    await session.write([{ knob: "reboot", value: true }], NEVER);
    expect(await codeOf(session)).toBe("CONNECTION_LOST");
    time += 100_000;
    expect((await session.read(NEVER)).uptime?.value).toBe(10_000);
  });

  test("has no power limit to set", async () => {
    const wish = { knob: "powerLimit", value: watts(3000) } as const;
    await session.read(NEVER);
    await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
  });

  test("a wrong password is an error of its own", async () => {
    const stranger = open("wrong");
    expect(await codeOf(stranger)).toBe("UNAUTHORIZED");
    await stranger.close();
  });

  test.each([
    ["truncate", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["split", "read"],
    ["double", "read"],
  ] as const)("%s ends as %s", async (fault, code) => {
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
  stats: {
    STATUS: { api_version: "1.0.0" },
    INFO: { dev_sn: "a", type: "DG1+" },
    STATS: [
      {
        elapsed: 5,
        rate_unit: "MH/s",
        rate_5s: 14_000,
        rate_ideal: 14_229,
        fan: ["5340", 5400],
        chain: [
          {
            index: 0,
            sn: "x",
            asic_num: 204,
            freq_avg: 62_000,
            temp_pcb: [47],
            temp_chip: ["47125"],
          },
        ],
      },
    ],
  },
  summary: { SUMMARY: [{ status: [{ type: "fans", status: "e", code: 3, msg: "lost" }] }] },
  pools: { POOLS: [{ index: 0, url: "u", user: "w", status: "Alive", accepted: 1 }] },
};

function decoded(given: typeof SOURCE) {
  const held = <Value>(value: Value) => ({ value, at: epochMs(1), source: "s" });
  return decode(
    {
      stats: held(shaped(StatsReply, given.stats, "")),
      summary: held(shaped(SummaryReply, given.summary, "").SUMMARY[0]),
      pools: held(shaped(PoolsReply, given.pools, "").POOLS),
      power: undefined,
      conf: undefined,
      system: undefined,
      blink: undefined,
    },
    epochMs(1),
  );
}

test("board temperatures that the firmware makes up are no temperatures", () => {
  const given = structuredClone(SOURCE);
  const [chain] = given.stats.STATS[0]!.chain;
  chain!.temp_pcb = [47, 46, 67, 66];
  const { boards, temperature } = decoded(given);
  expect(boards[0]?.boardTemperature).toMatchObject({ value: 67, quality: "implausible" });
  expect(temperature?.board).toBeUndefined();
  expect(temperature?.chip?.value).toBe(47.125);
  chain!.temp_pcb = [47, 46, 67, 65];
  expect(decoded(given).temperature?.board?.value).toBe(67);
});

test("a status other than s is a fault", () => {
  expect(decoded(SOURCE).faults).toEqual([{ code: "fans 3", text: "lost", component: "fans" }]);
});

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
