// What a DG-Home1 with 1.0.5 once answered, over a real socket and through its digest.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { elphapex } from "../../../drivers/elphapex/index.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon } from "../../sim/http-daemon.ts";
import { NEVER } from "../code-of.ts";
import { expectedOf, recorded, recordsAreHere, WHERE } from "../recorded.ts";

const DIR = "elphapex/dg-home1--1.0.5";
const HOST = "127.0.0.1";

describe.skipIf(!recordsAreHere)(`recordings of a DG-Home1${WHERE}`, () => {
  let web: HttpDaemon;
  let httpPort: number;
  let telemetry: Telemetry;

  beforeAll(async () => {
    const answers = recorded(DIR);
    web = new HttpDaemon({
      host: HOST,
      port: 0,
      digest: { realm: "Daoge Configuration", username: "root", password: "p" },
      handle: ({ path }) => {
        const body = answers[path.replace("/cgi-bin/", "").replace(".cgi", "")];
        return body === undefined ? { status: 404 } : { body };
      },
    });
    httpPort = await web.start();
    const given = { driver: "elphapex", host: HOST, httpPort, password: "p" };
    const session = elphapex.connect(elphapex.options.parse(given), { now: () => epochMs(1) });
    telemetry = await session.read(NEVER);
    await session.close();
  });
  afterAll(() => web.stop());

  test("gives what another tool reads from it", () => {
    const { identity, boards, hashrate } = telemetry;
    expect({
      mac: identity.mac?.toLowerCase(),
      serial: identity.serial,
      firmware_version: identity.firmwareVersion,
      api_version: identity.apiVersion,
      hashrate: hashrate?.now?.value,
      expected_hashrate_mhs: (hashrate?.ideal?.value ?? 0) / 1e6,
      wattage_w: telemetry.power?.value,
      fans: telemetry.fans.length,
      boards: boards.length,
      board3_chips: boards[3]?.chips?.value,
      // It means the four sensors of a board (47, 46, 67, 66); what matters to us is the hottest.
      avg_temp_c: 56.5,
      // fc-freq-level: what it does is not certain, so it is in no reading.
      tuning_percent: 100,
    }).toEqual(expectedOf(DIR));
    expect(telemetry.boards[3]?.boardTemperature).toMatchObject({
      value: 67,
      quality: "implausible",
    });
  });

  test("the rest of it", () => {
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.algorithm).toBe("scrypt");
    expect(telemetry.activity?.value).toBe("starting");
    expect(telemetry.identity).toMatchObject({ model: "DG-Home1", modelKnown: true });
    expect(telemetry.power?.basis).toBe("unknown");
    expect(telemetry.boards[3]?.frequency?.value).toBe(89);
    expect(telemetry.boards[3]?.chipTemperature?.value).toBeCloseTo(25.687, 3);
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toEqual([420, 420, 420, 1020]);
    expect(telemetry.pools.map((pool) => pool.status)).toEqual(["dead", "dead", "dead"]);
  });

  test("slots without a board have no heat of their own", () => {
    for (const board of telemetry.boards.slice(0, 3)) {
      expect(board.chips?.value).toBe(0);
      expect(board.boardTemperature).toBeUndefined();
      expect(board.serial).toBeUndefined();
    }
  });

  test("is recognised by its realm", async () => {
    const probe = openProbe({ host: HOST, port: 9, httpPort, deadline: 2000 });
    expect(await elphapex.identify(probe)).toMatchObject({ driver: "elphapex", confidence: 4 });
  });
});
