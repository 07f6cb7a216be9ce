// What a rig with ProtoOS 1.8.0 once answered, over a real socket.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { proto } from "../../../drivers/proto/index.ts";
import { PATHS } from "../../../drivers/proto/wire.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon, type HttpReply } from "../../sim/http-daemon.ts";
import { NEVER } from "../code-of.ts";
import { expectedOf, recorded, recordsAreHere, WHERE } from "../recorded.ts";

const DIR = "proto/rig--v1";
const HOST = "127.0.0.1";
const AT = epochMs(1_780_000_000_000);

describe.skipIf(!recordsAreHere)(`recordings of a rig${WHERE}`, () => {
  let daemon: HttpDaemon;
  let port: number;
  let telemetry: Telemetry;

  beforeAll(async () => {
    const answers = recorded(DIR);
    daemon = new HttpDaemon({
      host: HOST,
      port: 0,
      handle: ({ path, headers }) => answerOf(answers, path, headers["authorization"]),
    });
    port = await daemon.start();
    const options = { driver: "proto", host: HOST, httpPort: port, password: "p" };
    const session = proto.connect(proto.options.parse(options), { now: () => AT });
    telemetry = await session.read(NEVER);
    await session.close();
  });
  afterAll(() => daemon.stop());

  test("everything is read", () => {
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.faults).toEqual([]);
  });

  test("boards and chips are as another tool reads them", () => {
    const expected = expectedOf(DIR);
    expect(telemetry.boards).toHaveLength(Number(expected["boards"]));
    const chips = telemetry.boards.reduce((sum, board) => sum + (board.chips?.value ?? 0), 0);
    expect(chips).toBe(expected["chips"]);
  });

  test("the identity", () => {
    expect(telemetry.identity).toEqual({
      vendor: "Proto",
      firmware: "ProtoOS",
      firmwareVersion: "1.8.0",
      apiVersion: "1.8.0",
      model: "Rig",
      modelKnown: true,
      serial: "PROTO-SIM-b6bdaf86",
      mac: "02:00:00:AD:66:39",
      hostname: "proto-miner-af86",
      controlBoard: "C3",
      psu: "PSU-3600W",
    });
  });

  test("rates in their own units, watts of the two supplies' inputs", () => {
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(135.4757e12, -9);
    expect(telemetry.hashrate?.average?.value).toBeCloseTo(141.1474e12, -9);
    expect(telemetry.hashrate?.ideal?.value).toBe(145e12);
    expect(telemetry.power).toMatchObject({ basis: "psu" });
    expect(telemetry.power?.value).toBeCloseTo(1774.49 + 1751.847, 2);
    expect(telemetry.setpoint.powerLimit?.value).toBe(3400);
    expect(telemetry.uptime?.value).toBe(28_000);
    expect(telemetry.activity?.value).toBe("hashing");
  });

  test("heat, fans and volts of the boards", () => {
    // The rig tells the mean of its chips (71.9), which is not the hottest chip.
    expect(telemetry.temperature?.chip).toBeUndefined();
    expect(telemetry.temperature?.board?.value).toBeCloseTo(48.43, 2);
    expect(telemetry.temperature?.outlet?.value).toBeCloseTo(55.44, 2);
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toEqual([4346, 4691, 4658, 4443]);
    expect(telemetry.boards[1]).toMatchObject({
      index: 1,
      serial: "HB-PROTO-SIM-b6bdaf86-1",
      chipsExpected: 120,
    });
    expect(telemetry.boards[1]?.voltage?.value).toBeCloseTo(13_950.9, 1);
  });

  test("no power limit without its bounds, which this recording does not have", () => {
    expect(Object.keys(telemetry.controls).sort()).toEqual(["fan", "pools", "reboot", "sleep"]);
    expect(telemetry.setpoint.fan?.value).toBe("auto");
    expect(telemetry.pools.map((pool) => pool.status)).toEqual(["alive", "alive"]);
  });

  test("is recognised without a password", async () => {
    const probe = openProbe({ host: HOST, port: 9, httpPort: port, deadline: 2000 });
    expect(await proto.identify(probe)).toMatchObject({
      driver: "proto",
      confidence: 5,
      identity: { model: "Rig", mac: "02:00:00:AD:66:39" },
    });
  });
});

function answerOf(
  answers: Readonly<Record<string, string>>,
  path: string,
  authorization: string | undefined,
): HttpReply {
  if (path === "/") return { body: "<title>Proto OS</title>" };
  if (path === PATHS.login) return { body: '{"access_token":"t"}' };
  const open = path === PATHS.system || path === PATHS.network;
  if (!open && authorization !== "Bearer t") return { status: 401 };
  const name = path === PATHS.telemetry ? "telemetry_full" : path.replace("/api/v1/", "");
  const body = answers[name];
  return body === undefined ? { status: 404 } : { body };
}
