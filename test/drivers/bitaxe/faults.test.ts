// Every way in which the board's web server can spoil an answer ends in its own code, and costs no more
// than its own deadline.

import { afterEach, expect, test } from "vitest";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { type Board, boardOf, NEVER, SUPRA_V2_4 } from "./canned.ts";

const DEADLINE = 400;

let board: Board;
afterEach(() => board.daemon.stop());

async function readWith(fault: ReplyFault, deadline = DEADLINE) {
  board = await boardOf(SUPRA_V2_4);
  board.daemon.fault = fault;
  return board.session({ deadline }).read(NEVER);
}

test.each([
  ["drip", "NO_REPLY"],
  ["truncate", "CONNECTION_LOST"],
  ["html", "HTML_REPLY"],
  ["empty", "EMPTY_REPLY"],
  ["silent", "NO_REPLY"],
  ["reset", "CONNECTION_LOST"],
  ["lost-after-send", "CONNECTION_LOST"],
] as const)("%s ends in %s", async (fault, code) => {
  const before = performance.now();
  await expect(readWith(fault)).rejects.toMatchObject({ code });
  expect(performance.now() - before).toBeLessThan(DEADLINE + 1000);
});

test("huge ends in REPLY_TOO_LARGE", async () => {
  // The daemon takes a moment to write that much.
  await expect(readWith("huge", 10_000)).rejects.toMatchObject({ code: "REPLY_TOO_LARGE" });
});

test.each(["split", "without-nul", "double", "control-characters"] as const)(
  "%s is understood",
  async (fault) => {
    const telemetry = await readWith(fault);
    expect(telemetry.hashrate?.now?.value).toBe(612.4e9);
    expect(telemetry.problems).toEqual([]);
  },
);

test("a nan is absent and takes nothing with it", async () => {
  const telemetry = await readWith("nan");
  expect(telemetry).not.toHaveProperty("power");
  expect(telemetry).not.toHaveProperty("temperature");
  expect(telemetry.hashrate).not.toHaveProperty("now");
  expect(telemetry.setpoint.frequency?.value).toBe(490);
});

test.each(["[]", "{}", '{"STATUS":[]}', "7"])("JSON of another kind: %s", async (body) => {
  board = await boardOf(SUPRA_V2_4);
  board.answers["/api/system/info"] = () => ({ body });
  await expect(board.session().read(NEVER)).rejects.toMatchObject({ code: "UNEXPECTED_SHAPE" });
});

test("it recovers by itself", async () => {
  board = await boardOf(SUPRA_V2_4);
  const session = board.session({ deadline: DEADLINE });
  board.daemon.fault = "reset";
  await expect(session.read(NEVER)).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  board.daemon.fault = undefined;
  expect((await session.read(NEVER)).activity?.value).toBe("hashing");
});
