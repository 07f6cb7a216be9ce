import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DeviceErrorCode } from "../../../drivers/contract/errors.ts";
import { watts } from "../../../drivers/contract/units.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { NEVER, type Rig, startRig } from "./machine.ts";

const CODES: readonly (readonly [ReplyFault, DeviceErrorCode])[] = [
  ["drip", "NO_REPLY"],
  ["silent", "NO_REPLY"],
  ["reset", "CONNECTION_LOST"],
  ["lost-after-send", "CONNECTION_LOST"],
  ["truncate", "CONNECTION_LOST"],
  ["empty", "EMPTY_REPLY"],
  ["html", "HTML_REPLY"],
];

describe("faults of the web server", () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
    await rig.read();
    rig.advance(10_000);
  });
  afterEach(() => rig.stop());

  test.each(CODES)("%s ends in %s", async (fault, code) => {
    rig.machine.fault = fault;
    await expect(rig.read()).rejects.toMatchObject({ code });
    rig.machine.fault = undefined;
    rig.advance(60_000);
    expect((await rig.read()).problems).toEqual([]);
  });

  test.each(["split", "double", "without-nul", "control-characters"] as const)(
    "%s is read all the same",
    async (fault) => {
      rig.machine.fault = fault;
      const telemetry = await rig.read();
      expect(telemetry.problems).toEqual([]);
      expect(telemetry.boards).toHaveLength(3);
    },
  );

  test("numbers that are none are absent, never zero", async () => {
    rig.machine.fault = "nan";
    const telemetry = await rig.read();
    for (const board of telemetry.boards) {
      for (const reading of [board.frequency, board.voltage, board.hashrate, board.ideal]) {
        expect(reading?.value ?? 1).not.toBe(0);
        expect(Number.isNaN(reading?.value ?? 1)).toBe(false);
      }
    }
  });

  test("a hung machine costs one deadline, not one a question", async () => {
    rig.machine.fault = "silent";
    const begin = performance.now();
    await expect(rig.read()).rejects.toMatchObject({ code: "NO_REPLY" });
    expect(performance.now() - begin).toBeLessThan(1800);
  });

  test("a write whose answer is lost is silent and not sent again", async () => {
    rig.machine.fault = "lost-after-send";
    const before = rig.machine.requests.length;
    const receipt = await rig.session.write([{ knob: "powerLimit", value: watts(2500) }], NEVER);
    expect(receipt.answer).toBe("silent");
    expect(rig.machine.requests.length - before).toBe(1);
    rig.machine.fault = undefined;
    rig.advance(60_000);
    expect((await rig.read()).setpoint.powerLimit?.value).toBe(2500);
  });

  test("a board that boots drops what comes, and is found again", async () => {
    const receipt = await rig.session.write([{ knob: "reboot", value: true }], NEVER);
    expect(receipt.answer).toBe("accepted");
    rig.advance(20_000);
    await expect(rig.read()).rejects.toMatchObject({ code: "CONNECTION_LOST" });
    rig.advance(120_000);
    const telemetry = await rig.read();
    expect(telemetry.uptime?.value).toBeLessThan(150_000);
  });

  test("an abort ends the reading at once", async () => {
    rig.machine.fault = "silent";
    const abort = new AbortController();
    const reading = rig.session.read(abort.signal);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: "ABORTED" });
  });
});

test("an answer without an end is given up", async () => {
  // 16 MB take their time on a busy bench.
  const rig = await startRig({ deadlineSeconds: 15 });
  await rig.read();
  rig.machine.fault = "huge";
  await expect(rig.read()).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
  await rig.stop();
});

test("a machine that is off is unreachable", async () => {
  const rig = await startRig();
  await rig.machine.stop();
  await expect(rig.read()).rejects.toMatchObject({ code: "UNREACHABLE" });
  await rig.session.close();
});
