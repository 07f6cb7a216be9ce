// What an AT1500 with FluxOS of 2023-12 once answered, over real sockets.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { auradine } from "../../../drivers/auradine/index.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";
import { NEVER } from "../code-of.ts";
import { recorded, recordsAreHere, WHERE } from "../recorded.ts";

const DIR = "auradine/at1500--2023-12.27";
const HOST = "127.0.0.1";
const GRANTED = '{"STATUS":[{"STATUS":"S"}],"Token":[{"Token":"t"}]}';
const REFUSED = '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}';

describe.skipIf(!recordsAreHere)(`recordings of an AT1500${WHERE}`, () => {
  let api: TcpDaemon;
  let web: HttpDaemon;
  let address: { host: string; port: number; httpPort: number };
  let telemetry: Telemetry;

  beforeAll(async () => {
    const answers = recorded(DIR);
    api = new TcpDaemon({
      host: HOST,
      port: 0,
      reply: (request) => answers[(JSON.parse(request) as { command: string }).command] ?? REFUSED,
    });
    web = new HttpDaemon({
      host: HOST,
      port: 0,
      handle: ({ path, headers }) => {
        if (path === "/token") return { body: GRANTED };
        const body = headers["token"] === "t" ? answers[path.slice(1)] : undefined;
        return body === undefined ? { status: 401 } : { body };
      },
    });
    address = { host: HOST, port: await api.start(), httpPort: await web.start() };
    const options = auradine.options.parse({ driver: "auradine", ...address, password: "p" });
    const session = auradine.connect(options, { now: () => epochMs(1) });
    telemetry = await session.read(NEVER);
    await session.close();
  });
  afterAll(async () => {
    await api.stop();
    await web.stop();
  });

  test("everything is read", () => {
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.activity?.value).toBe("hashing");
  });

  test("rates, heat, MHz and chip volts of the boards", () => {
    expect(telemetry.hashrate?.now?.value).toBeCloseTo(20.5998e12, -9);
    expect(telemetry.hashrate?.average?.value).toBeCloseTo(7.9706e12, -9);
    expect(telemetry.boards[0]?.hashrate?.value).toBe(6.8e12);
    expect(telemetry.boards[0]?.frequency?.value).toBeCloseTo((281.25 + 247.5 + 268.75) / 3);
    expect(telemetry.boards[0]?.voltage?.value).toBeCloseTo(240.7, 1);
    expect(telemetry.temperature?.chip?.value).toBeCloseTo(51.412, 2);
    expect(telemetry.boards[2]?.serial).toBe("QAHB01230908001Z");
    expect(telemetry.fans[0]?.duty?.value).toBeCloseTo(90.9, 1);
  });

  test("watts are the supply's, the limit ends where the supply does", () => {
    expect(telemetry.power?.basis).toBe("psu");
    expect(telemetry.controls.powerLimit).toMatchObject({ min: 2000, max: 3452 });
  });

  test("is recognised by GCMiner's version, though this set has no devdetails", async () => {
    const probe = openProbe({ ...address, deadline: 2000 });
    expect(await auradine.identify(probe)).toMatchObject({
      confidence: 5,
      identity: { firmware: "FluxOS", modelKnown: false },
    });
  });
});
