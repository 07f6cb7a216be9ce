// What an A2 with firmware 2025091001 once answered, over real sockets.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { sealminer } from "../../../drivers/sealminer/index.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";
import { NEVER } from "../code-of.ts";
import { recorded, recordsAreHere, WHERE } from "../recorded.ts";

const DIR = "sealminer/a2-air--2025091001";
const HOST = "127.0.0.1";
const REFUSED = '{"STATUS":[{"STATUS":"E","Code":14,"Msg":"Invalid command"}]}';

describe.skipIf(!recordsAreHere)(`recordings of an A2${WHERE}`, () => {
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
        if (path.endsWith("login.php")) return { headers: { "set-cookie": "s=1; path=/" } };
        if (headers["cookie"] !== "s=1") return { status: 401 };
        return { body: answers[path.replace("/cgi-bin/", "").replace(".php", "")] ?? "" };
      },
    });
    address = { host: HOST, port: await api.start(), httpPort: await web.start() };
    const options = sealminer.options.parse({ driver: "sealminer", ...address, password: "p" });
    const session = sealminer.connect(options, { now: () => epochMs(1) });
    telemetry = await session.read(NEVER);
    await session.close();
  });
  afterAll(async () => {
    await api.stop();
    await web.stop();
  });

  test("the rest of it", () => {
    expect(telemetry.problems).toEqual([]);
    expect(telemetry.faults).toEqual([]);
    expect(telemetry.power?.basis).toBe("psu");
    expect(telemetry.activity?.value).toBe("hashing");
    expect(telemetry.hashrate?.ideal?.value).toBeCloseTo(221.663e12, -9);
    expect(telemetry.boards.map((board) => board.frequency?.value)).toEqual([349, 347, 344]);
    expect(telemetry.boards.map((board) => board.boardTemperature?.value)).toEqual([70, 70, 70]);
    expect(telemetry.fans.map((fan) => fan.speed?.value)).toEqual([3723, 3723, 3753, 3723]);
    expect(telemetry.temperature?.psu?.value).toBe(26);
    expect(telemetry.pools[0]).toMatchObject({ status: "alive", active: true, accepted: 322 });
    expect(Object.keys(telemetry.controls).sort()).toEqual(["powerLimit", "reboot"]);
  });

  test("is recognised by bdminer's version", async () => {
    const probe = openProbe({ ...address, deadline: 2000 });
    expect(await sealminer.identify(probe)).toMatchObject({
      confidence: 5,
      identity: { model: "A2", modelKnown: true },
    });
  });
});
