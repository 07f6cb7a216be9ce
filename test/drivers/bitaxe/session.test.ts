import { afterEach, describe, expect, test } from "vitest";
import { megahertz, millivolts } from "../../../drivers/contract/units.ts";
import { ASIC_GAMMA, type Board, boardOf, GAMMA_V2_14, NEVER, SUPRA_V2_4 } from "./canned.ts";

const INFO = "GET /api/system/info";
const ASIC = "GET /api/system/asic";
const MINUTE = 60_000;

let board: Board;
afterEach(() => board.daemon.stop());

describe("how much it asks", () => {
  test("one request a reading where the answer has the chip count", async () => {
    board = await boardOf(SUPRA_V2_4);
    const session = board.session();
    for (let round = 0; round < 3; round += 1) await session.read(NEVER);
    expect(board.requests).toEqual([INFO, INFO, INFO]);
    expect(board.daemon.connections).toBe(3);
  });

  test("the chip count is asked on the same connection, once in six hours", async () => {
    board = await boardOf(GAMMA_V2_14, ASIC_GAMMA);
    const session = board.session();
    const telemetry = await session.read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(board.requests).toEqual([INFO, ASIC]);
    expect(board.daemon.connections).toBe(1);
    board.time += 5 * 60 * MINUTE;
    await session.read(NEVER);
    expect(board.requests).toHaveLength(3);
    board.time += 60 * MINUTE;
    await session.read(NEVER);
    expect(board.requests).toEqual([INFO, ASIC, INFO, INFO, ASIC]);
  });

  test("a side answer that fails is a problem and is left alone for a while", async () => {
    board = await boardOf(GAMMA_V2_14, () => ({ status: 500, body: "Out of memory" }));
    const session = board.session();
    const first = await session.read(NEVER);
    expect(first.problems).toMatchObject([{ code: "HTTP_STATUS", source: "/api/system/asic" }]);
    expect(first.hashrate?.now?.value).toBeGreaterThan(0);
    expect((await session.read(NEVER)).problems).toEqual([]);
    expect(board.requests).toEqual([INFO, ASIC, INFO]);
  });

  test("a build without the side answer lacks nothing", async () => {
    board = await boardOf({ ...GAMMA_V2_14, version: "v2.6.0" });
    const telemetry = await board.session().read(NEVER);
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.identity.modelKnown).toBe(true);
  });

  test("a chip count that contradicts the board takes the knobs away", async () => {
    board = await boardOf(GAMMA_V2_14, { ...ASIC_GAMMA, asicCount: 9 });
    const telemetry = await board.session().read(NEVER);
    expect(telemetry.identity.modelKnown).toBe(false);
    expect(telemetry.controls).toEqual({});
  });

  test("no origin is told, which the firmware would refuse", async () => {
    board = await boardOf(SUPRA_V2_4);
    board.answers["/api/system/info"] = () => ({ status: 401, body: "Unauthorized" });
    await expect(board.session().read(NEVER)).rejects.toMatchObject({
      code: "UNAUTHORIZED",
      message: expect.stringContaining("private addresses only"),
    });
  });
});

describe("a write", () => {
  const lower = [
    { knob: "voltage", value: millivolts(1100) },
    { knob: "frequency", value: megahertz(500) },
  ] as const;

  test("downwards waits for the ramp between two requests", async () => {
    board = await boardOf(GAMMA_V2_14, ASIC_GAMMA);
    const pauses: number[] = [];
    const session = board.session({ pauses });
    await session.read(NEVER);
    board.requests.length = 0;
    expect(await session.write(lower, NEVER)).toEqual({ answer: "accepted", detail: "no words" });
    expect(board.requests).toEqual([
      'PATCH /api/system {"frequency":500}',
      'PATCH /api/system {"coreVoltage":1100}',
    ]);
    expect(pauses).toEqual([2_900]);
  });

  test("whose answer is lost is silent, sent once, and nothing follows it", async () => {
    board = await boardOf(GAMMA_V2_14, ASIC_GAMMA);
    const session = board.session();
    await session.read(NEVER);
    board.requests.length = 0;
    board.daemon.fault = "lost-after-send";
    expect(await session.write(lower, NEVER)).toMatchObject({ answer: "silent" });
    expect(board.requests).toEqual(['PATCH /api/system {"frequency":500}']);
  });

  test("that is not answered in time is silent too", async () => {
    board = await boardOf(SUPRA_V2_4);
    const session = board.session({ deadline: 150 });
    await session.read(NEVER);
    board.daemon.fault = "silent";
    const receipt = await session.write([{ knob: "restart", value: true }], NEVER);
    expect(receipt.answer).toBe("silent");
  });

  test("to a machine that is away was not sent", async () => {
    board = await boardOf(SUPRA_V2_4);
    const session = board.session();
    await session.read(NEVER);
    board.daemon.refusing = true;
    await expect(session.write([{ knob: "restart", value: true }], NEVER)).rejects.toMatchObject({
      code: "UNREACHABLE",
    });
  });

  test.each([
    [400, "REJECTED", "Wrong API input"],
    [401, "UNAUTHORIZED", "OTP/Session required"],
    [404, "UNSUPPORTED", "Nothing matches"],
    [500, "HTTP_STATUS", "content too long"],
  ])("refused with %i is %s, in the machine's words", async (status, code, body) => {
    board = await boardOf(SUPRA_V2_4);
    board.answers["PATCH /api/system"] = () => ({ status, body });
    const session = board.session();
    await expect(
      session.write([{ knob: "frequency", value: megahertz(450) }], NEVER),
    ).rejects.toMatchObject({ code, message: expect.stringContaining(body) });
  });

  test("stopped between two settings says that the first one acts", async () => {
    board = await boardOf(GAMMA_V2_14, ASIC_GAMMA);
    const { BitaxeSession } = await import("../../../drivers/bitaxe/session.ts");
    const stop = new AbortController();
    const session = new BitaxeSession(
      { host: "127.0.0.1", httpPort: board.port, deadline: 2000 },
      { now: board.now },
    );
    await session.read(NEVER);
    board.answers["PATCH /api/system"] = () => {
      setTimeout(() => stop.abort(), 50);
      return { body: "" };
    };
    await expect(session.write(lower, stop.signal)).rejects.toMatchObject({ code: "ABORTED" });
    expect(board.requests.filter((request) => request.startsWith("PATCH"))).toHaveLength(1);
  });
});
