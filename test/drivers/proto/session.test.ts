import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Session } from "../../../drivers/contract/driver.ts";
import { isDeviceError } from "../../../drivers/contract/errors.ts";
import { celsius, epochMs, percent, watts } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/proto/decode.ts";
import { proto } from "../../../drivers/proto/index.ts";
import {
  CoolingReply,
  HardwareReply,
  MiningReply,
  PoolsReply,
  TelemetryReply,
} from "../../../drivers/proto/wire.ts";
import { shaped } from "../../../drivers/transport/json-http.ts";
import { ProtoMachine } from "../../sim/proto.ts";
import { codeOf, NEVER } from "../code-of.ts";
import { mutated, notNumbers } from "../mutate.ts";

let time = 1_800_000_000_000;
const now = () => epochMs(time);
let rig: ProtoMachine;
let session: Session;

const open = (password: string, deadlineSeconds = 10) =>
  proto.connect(
    proto.options.parse({ driver: "proto", ...rig.address, deadlineSeconds, password }),
    { now },
  );

beforeEach(async () => {
  rig = new ProtoMachine({ seed: 1, now, password: "secret" });
  await rig.start();
  session = open("secret");
});
afterEach(async () => {
  await session.close();
  await rig.stop();
});

describe("a rig", () => {
  test("one connection serves every reading", async () => {
    await session.read(NEVER);
    time += 10_000;
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(rig.connections).toBe(1);
    expect(telemetry.power?.value).toBeCloseTo(rig.plant.truth.wallPower, 0);
  });

  test("a new target is sent, told back and followed", async () => {
    await session.read(NEVER);
    const receipt = await session.write([{ knob: "powerLimit", value: watts(2600) }], NEVER);
    expect(receipt.answer).toBe("accepted");
    time += 600_000;
    for (let look = 0; look < 3; look += 1) {
      time += 60_000;
      await session.read(NEVER);
    }
    const telemetry = await session.read(NEVER);
    expect(telemetry.setpoint.powerLimit?.value).toBe(2600);
    expect(telemetry.power?.value).toBeLessThan(2600 * 1.04);
  });

  test("sleeps and wakes", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "sleep", value: true }], NEVER);
    const asleep = await session.read(NEVER);
    expect(asleep.activity?.value).toBe("stopped");
    expect(asleep.setpoint.sleep?.value).toBe(true);
    await session.write([{ knob: "sleep", value: false }], NEVER);
    expect((await session.read(NEVER)).activity?.value).toBe("starting");
  });

  test("hands its fans over and takes them back", async () => {
    await session.read(NEVER);
    await session.write([{ knob: "fan", value: percent(95) }], NEVER);
    expect((await session.read(NEVER)).setpoint.fan?.value).toBe(95);
    await session.write([{ knob: "fan", value: "auto" }], NEVER);
    expect((await session.read(NEVER)).setpoint.fan?.value).toBe("auto");
  });

  test("refuses what lies outside of the rig's bounds without a request", async () => {
    await session.read(NEVER);
    const before = rig.connections;
    for (const value of [1999, 4001, Number.NaN]) {
      const wish = { knob: "powerLimit", value: watts(value) } as const;
      await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
    }
    const wish = { knob: "temperatureOffset", value: celsius(1) } as const;
    await expect(session.write([wish], NEVER)).rejects.toMatchObject({ code: "INVALID_SETTING" });
    expect(rig.connections).toBe(before);
  });

  test("a write whose answer is lost is silent, and is not sent again", async () => {
    await session.read(NEVER);
    rig.web.fault = "lost-after-send";
    const receipt = await session.write([{ knob: "sleep", value: true }], NEVER);
    expect(receipt.answer).toBe("silent");
    rig.web.fault = undefined;
    expect((await session.read(NEVER)).setpoint.sleep?.value).toBe(true);
  });

  test("a wrong password is tried once in five minutes", async () => {
    const stranger = open("wrong");
    expect(await codeOf(stranger)).toBe("UNAUTHORIZED");
    await rig.web.stop();
    expect(await codeOf(stranger)).toBe("UNAUTHORIZED");
    time += 301_000;
    expect(["UNREACHABLE", "CONNECTION_LOST"]).toContain(await codeOf(stranger));
    await stranger.close();
  });

  test.each([
    ["truncate", "CONNECTION_LOST"],
    ["html", "HTML_REPLY"],
    ["empty", "EMPTY_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["huge", "REPLY_TOO_LARGE"],
    ["split", "read"],
    ["double", "read"],
  ] as const)("%s ends as %s", async (fault, code) => {
    rig.web.fault = fault;
    expect(await codeOf(session)).toBe(code);
  });

  test.each(["silent", "drip"] as const)("%s costs one deadline", async (fault) => {
    await session.read(NEVER);
    const impatient = open("secret", 0.5);
    rig.web.fault = fault;
    const start = performance.now();
    expect(await codeOf(impatient)).toBe("NO_REPLY");
    expect(performance.now() - start).toBeLessThan(2000);
    await impatient.close();
  });
});

describe("broken answers", () => {
  const AT = epochMs(1);
  const answers = {
    mining: {
      "mining-status": {
        status: "Mining",
        hashrate_ghs: 1,
        power_usage_watts: 2,
        mining_uptime_s: 3,
        power_target_watts: 4,
        ideal_hashrate_ghs: 5,
        average_asic_temp_c: 60,
      },
    },
    telemetry: {
      miner: { hashrate: { value: 1, unit: "TH/s" } },
      hashboards: [
        {
          index: 0,
          serial_number: "a",
          hashrate: { value: 1 },
          temperature: { inlet: 1, outlet: 2, average: 3 },
          voltage: { value: 14 },
        },
      ],
      psus: [{ power: { input: 1, output: 2 }, temperature: { hotspot: 3 } }],
    },
    cooling: {
      "cooling-status": {
        fan_mode: "Manual",
        speed_percentage: 60,
        fans: [{ slot: 1, rpm: 4000, speed_percentage: 60 }],
      },
    },
    hardware: {
      "hardware-info": {
        "cb-info": { serial_number: "x" },
        "hashboards-info": [{ slot: 1, hb_sn: "a", mining_asic_count: 120 }],
        "psus-info": [{ model: "m" }],
      },
    },
    pools: {
      pools: [{ id: 0, url: "u", user: "w", status: "Active", accepted: 1, difficulty: "2" }],
    },
  };

  test("end in a DeviceError or in readings that are numbers", () => {
    const decoded = (given: typeof answers) => {
      const held = <Value>(value: Value) => ({ value, at: AT, source: "s" });
      return decode(
        {
          mining: held(shaped(MiningReply, given.mining, "m")["mining-status"]),
          telemetry: held(shaped(TelemetryReply, given.telemetry, "t")),
          cooling: held(shaped(CoolingReply, given.cooling, "c")["cooling-status"]),
          hardware: held(shaped(HardwareReply, given.hardware, "h")["hardware-info"]),
          pools: held(shaped(PoolsReply, given.pools, "p").pools),
          target: undefined,
          errors: undefined,
          system: undefined,
          network: undefined,
        },
        AT,
      );
    };
    expect(decoded(answers).boards).toHaveLength(1);
    fc.assert(
      fc.property(mutated(answers), (broken) => {
        if (typeof broken !== "object" || broken === null) return;
        try {
          expect(notNumbers(decoded(broken as typeof answers))).toEqual([]);
        } catch (error) {
          if (!isDeviceError(error)) throw error;
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});
