// Who answers HTTP where others speak cgminer's API.

import { afterEach, describe, expect, it } from "vitest";
import { epic } from "../../../drivers/epic/index.ts";
import { openProbe } from "../../../drivers/transport/probe.ts";
import { HttpDaemon } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";
import { fixture, type Served, serve } from "./served.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function machine(answers = fixture()): Promise<Served> {
  const served = await serve(answers);
  stops.push(() => served.daemon.stop());
  return served;
}

const probeOf = (port: number, httpPort = 1) =>
  openProbe({ host: "127.0.0.1", port, httpPort, deadline: 800 });

describe("identify", () => {
  it("knows PowerPlay by its own word, from two pages and no password", async () => {
    const { port, requests } = await machine();
    const sighting = await epic.identify(probeOf(port));
    expect(sighting).toEqual({
      driver: "epic",
      confidence: 5,
      identity: {
        vendor: "Bitmain",
        firmware: "ePIC PowerPlay",
        firmwareVersion: "1.5.13",
        model: "S19 XP",
        modelKnown: true,
        serial: "002000000000000000000001",
        hostname: "cminer00000001",
        controlBoard: "ePIC UMC",
        psu: "type 118",
      },
    });
    expect(requests).toEqual(["summary", "capabilities"]);
  });

  it("says that a machine of ePIC's own is not in the table", async () => {
    const answers = fixture();
    const { port } = await machine({
      ...answers,
      capabilities: { ...(answers["capabilities"] as object), Model: "BlockMiner 520i" },
    });
    const sighting = await epic.identify(probeOf(port));
    expect(sighting?.identity).toMatchObject({
      vendor: "ePIC",
      model: "BlockMiner 520i",
      modelKnown: false,
    });
  });

  it("asks no pages of a machine that speaks cgminer's API", async () => {
    const requests: string[] = [];
    const daemon = new TcpDaemon({
      host: "127.0.0.1",
      port: 0,
      reply: (request) => {
        requests.push(request);
        return '{"STATUS":[{"STATUS":"S"}],"VERSION":[{"CGMiner":"4.11.1"}],"id":1}';
      },
    });
    const port = await daemon.start();
    stops.push(() => daemon.stop());
    await expect(epic.identify(probeOf(port))).resolves.toBeUndefined();
    expect(requests).toEqual(['{"command":"version"}']);
  });

  it("does not take another web server for it, nor one on the web port", async () => {
    const other = new HttpDaemon({
      host: "127.0.0.1",
      port: 0,
      handle: () => ({ body: '{"Software":"AxeOS"}' }),
    });
    const port = await other.start();
    stops.push(() => other.stop());
    await expect(epic.identify(probeOf(port))).resolves.toBeUndefined();
    const { port: httpPort } = await machine();
    await expect(epic.identify(probeOf(1, httpPort))).resolves.toBeUndefined();
  });
});

describe("options", () => {
  const parse = (given: object) =>
    epic.options.safeParse({ driver: "epic", host: "192.0.2.1", ...given });

  it("have a port for HTTP and no password of their own", () => {
    expect(parse({}).data).toEqual({
      driver: "epic",
      host: "192.0.2.1",
      port: 4028,
      httpPort: 80,
      deadlineSeconds: 10,
    });
  });

  it("take no empty password", () => {
    expect(parse({ password: "" }).success).toBe(false);
    expect(parse({ password: "sesame" }).data).toMatchObject({ password: "sesame" });
  });
});
