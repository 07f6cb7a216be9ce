import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { progressText } from "../../../agent/cli/scan.ts";
import { type Found, type ScanRequest, scanRange } from "../../../agent/fleet/scan.ts";
import { epochMs } from "../../../drivers/contract/units.ts";
import { WhatsminerV3Machine } from "../../sim/whatsminer-v3.ts";

const HOST = "127.60.0.1";
const CLOSED = 9;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

class Listener {
  /** First line of each request. */
  readonly requests: string[] = [];
  connections = 0;
  port = 0;
  readonly #server: Server;

  constructor(reply: ((request: string) => string) | undefined, gauge: Gauge) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      gauge.open(socket);
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk) => {
        this.requests.push(chunk.toString().trimEnd());
        if (reply !== undefined) socket.end(reply(chunk.toString()));
      });
    });
    cleanups.push(() => this.#server.close());
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen({ host: HOST, port: 0 }, resolve));
    const address = this.#server.address();
    this.port = typeof address === "object" ? (address?.port ?? 0) : 0;
    return this;
  }
}

/** How many connections one machine had at the same time that it had not answered yet. */
class Gauge {
  #now = 0;
  most = 0;

  open(socket: Socket): void {
    this.#now += 1;
    this.most = Math.max(this.most, this.#now);
    const close = () => {
      this.#now -= 1;
      socket.off("finish", close).off("close", close);
    };
    // Not only "close": what the client closed before it opened the next may be seen after that.
    socket.once("finish", close).once("close", close);
  }
}

async function scan(request: Partial<ScanRequest>): Promise<{ found: Found[]; done: number[] }> {
  const found: Found[] = [];
  const done: number[] = [];
  await scanRange(
    {
      addresses: [HOST],
      port: CLOSED,
      httpPort: CLOSED,
      apiPort3: CLOSED,
      deadline: 2000,
      connectDeadline: 1000,
      parallel: 512,
      signal: new AbortController().signal,
      ...request,
    },
    (machine) => found.push(machine),
    (count) => done.push(count),
  );
  return { found, done };
}

test("an unknown machine gets each question once, on one connection at a time, without credentials", async () => {
  const gauge = new Gauge();
  const api = await new Listener(
    () => '{"STATUS":[{"STATUS":"S","Msg":"cgminer"}],"VERSION":[{"CGMiner":"4.12.0"}],"id":1}\0',
    gauge,
  ).start();
  const web = await new Listener(
    () => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    gauge,
  ).start();
  const { found } = await scan({ port: api.port, httpPort: web.port });
  expect(found).toEqual([{ address: HOST }]);
  const questions = [...api.requests, ...web.requests];
  expect(questions.length).toBeGreaterThan(5);
  expect(new Set(questions).size).toBe(questions.length);
  expect(gauge.most).toBe(1);
  for (const request of api.requests) {
    expect(request).toMatch(/^\{"command":"(version|get_version|stats|devdetails|config)"\}$/);
  }
  for (const request of web.requests) {
    expect(request).toMatch(/^GET /);
    expect(request).not.toMatch(/authorization|cookie/i);
  }
});

test("who accepts and says nothing is asked one question a protocol", async () => {
  const gauge = new Gauge();
  const api = await new Listener(undefined, gauge).start();
  const web = await new Listener(undefined, gauge).start();
  const { found } = await scan({ port: api.port, httpPort: web.port, deadline: 200 });
  expect(found).toEqual([]);
  // In clear and as HTTP, which some machines speak on that port.
  expect(api.connections).toBe(2);
  expect(web.connections).toBe(1);
});

test("a Whatsminer of API 3 is found though its port 4028 is closed", async () => {
  const now = () => epochMs(1_800_000_000_000);
  const machine = new WhatsminerV3Machine({ host: HOST, seed: 3, now });
  await machine.start();
  cleanups.push(() => machine.stop());
  machine.v2.refusing = true;
  const { port, apiPort3 } = machine.address;
  const { found } = await scan({ port, apiPort3 });
  expect(found).toMatchObject([
    {
      address: HOST,
      sighting: {
        driver: "whatsminer",
        identity: { model: "M60S_VK40", mac: "C8:11:05:00:60:01", apiVersion: "3.0.5" },
      },
    },
  ]);
  expect(machine.connections).toBe(1);
  expect(machine.orders).toEqual([]);
});

test("while port 4028 is open nobody is asked in frames", async () => {
  const gauge = new Gauge();
  const api = await new Listener(() => '{"STATUS":[{"STATUS":"E"}],"id":1}\0', gauge).start();
  const framed = await new Listener(undefined, gauge).start();
  await scan({ port: api.port, apiPort3: framed.port });
  expect(framed.connections).toBe(0);
});

test("an empty range is swept, each address told once, and an abort ends it", async () => {
  const addresses = Array.from({ length: 200 }, (_, index) => `127.60.1.${index}`);
  const whole = await scan({ addresses });
  expect(whole.found).toEqual([]);
  expect(whole.done).toEqual(addresses.map((_, index) => index + 1));
  const stop = new AbortController();
  stop.abort();
  expect((await scan({ addresses, signal: stop.signal })).done).toEqual([]);
});

test("progress tells what was found and how long it takes yet", () => {
  expect(progressText(256, 1024, 17, 4)).toBe("256 of 1024 addresses, 17 found, about 12 s left");
  expect(progressText(0, 1024, 0, 0)).toBe("0 of 1024 addresses, 0 found");
});
