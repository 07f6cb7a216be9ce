import { afterEach, expect, test } from "vitest";
import { braiins } from "../../../drivers/braiins/index.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";
import { BOSMINER } from "./bosminer.ts";
import { NEVER } from "./machine.ts";

let daemon: TcpDaemon;
afterEach(() => daemon.stop());

async function connect(reply: (request: string) => string) {
  daemon = new TcpDaemon({ host: "127.0.0.1", port: 0, reply });
  const port = await daemon.start();
  // Nothing listens on port 1: a machine whose web server is off.
  const options = { driver: "braiins", host: "127.0.0.1", port, httpPort: 1, deadlineSeconds: 1 };
  return braiins.connect(braiins.options.parse(options), { now: () => epochMs(1_800_000_000_000) });
}

const batch = (answers: Record<string, unknown>) => (request: string) => {
  const { command } = JSON.parse(request) as { command: string };
  const names = command.split("+").filter((name) => name in answers);
  return JSON.stringify({
    ...Object.fromEntries(names.map((name) => [name, [answers[name]]])),
    id: 1,
  });
};

test("BOSminer is read in one connection and offers nothing", async () => {
  const session = await connect(batch(BOSMINER));
  const telemetry = await session.read(NEVER);
  expect(daemon.connections).toBe(1);
  expect(telemetry.problems).toEqual([]);
  expect(telemetry.identity).toMatchObject({
    firmware: "Braiins OS+",
    apiVersion: "3.7",
    modelKnown: false,
  });
  expect(telemetry.hashrate).toMatchObject({
    now: { value: 13.2e12 },
    recent: { value: 13.1e12 },
    ideal: { value: 9e12 },
  });
  expect(telemetry.power).toMatchObject({ value: 1380, basis: "formula" });
  expect(telemetry.boards.map((board) => board.index)).toEqual([0, 2]);
  expect(telemetry.boards[0]).toMatchObject({
    chips: { value: 63 },
    frequency: { value: 650 },
    voltage: { value: 9100 },
    chipTemperature: { value: 85 },
    enabled: true,
  });
  expect(telemetry.boards[1]?.frequency).toBeUndefined();
  expect(telemetry.limits).toEqual({ chip: 110 });
  expect(telemetry.setpoint.powerLimit?.value).toBe(1420);
  expect(telemetry.controls).toEqual({});
  expect(telemetry.activity?.value).toBe("hashing");
});

test("0 degrees is a sensor that is not there", async () => {
  const temps = { STATUS: [{ STATUS: "S", Code: 201 }], TEMPS: [{ ID: 6, Board: 71, Chip: 0 }] };
  const session = await connect(batch({ ...BOSMINER, temps }));
  const telemetry = await session.read(NEVER);
  expect(telemetry.boards[0]?.boardTemperature?.value).toBe(71);
  expect(telemetry.boards[0]?.chipTemperature).toBeUndefined();
  expect(telemetry.temperature?.chip).toBeUndefined();
});

test("a part that is missing is told, the rest is delivered", async () => {
  const { temps: _gone, ...rest } = BOSMINER;
  const session = await connect(batch(rest));
  const telemetry = await session.read(NEVER);
  expect(telemetry.problems).toMatchObject([{ code: "UNEXPECTED_SHAPE", source: "temps" }]);
  expect(telemetry.boards[0]?.chipTemperature).toBeUndefined();
});

test("BOSer, which tells its version only, asks for the web API", async () => {
  const refused = { STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command" }], id: 1 };
  const session = await connect(() => JSON.stringify(refused));
  await expect(session.read(NEVER)).rejects.toMatchObject({ code: "UNSUPPORTED" });
});
