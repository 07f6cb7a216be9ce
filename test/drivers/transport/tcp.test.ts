import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import { parseReply } from "../../../drivers/transport/json.ts";
import { exchange, TcpExchangeError } from "../../../drivers/transport/tcp.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";
import { TcpDaemon, type TcpDaemonOptions } from "../../sim/tcp-daemon.ts";

const host = "127.0.0.41";
const REPLY = JSON.stringify({
  STATUS: [{ STATUS: "S", Msg: "Summary" }],
  SUMMARY: [{ "GHS 5s": 121_800.25, Accepted: 7, "Device Hardware%": 0.01, User: "wörker.1" }],
});

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function daemon(options: Partial<TcpDaemonOptions> = {}) {
  const requests: string[] = [];
  const made = new TcpDaemon({
    host,
    port: 0,
    reply: (request) => {
      requests.push(request);
      return REPLY;
    },
    ...options,
  });
  const port = await made.start();
  cleanups.push(() => made.stop());
  return { daemon: made, port, requests };
}

const ask = (port: number, more: { deadline?: number; signal?: AbortSignal } = {}) =>
  exchange({ host, port, payload: '{"command":"summary"}', deadline: 2000, ...more });

async function failure(promise: Promise<unknown>): Promise<DeviceError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DeviceError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("exchange", () => {
  it("sends the payload and returns the reply with its NUL cut by the parser", async () => {
    const { port, requests } = await daemon();
    expect(parseReply(await ask(port), "test")).toEqual(JSON.parse(REPLY));
    expect(requests).toEqual(['{"command":"summary"}']);
  });

  it.each<ReplyFault>(["split", "without-nul"])("reads a reply that comes %s", async (fault) => {
    const { daemon: made, port } = await daemon();
    made.fault = fault;
    expect(await ask(port)).toContain(REPLY);
  });

  it("joins a character that two packets share", async () => {
    const half = REPLY.indexOf("ö") + 1;
    const server = createServer((socket) => {
      const bytes = Buffer.from(REPLY);
      socket.write(bytes.subarray(0, half));
      setTimeout(() => socket.end(bytes.subarray(half)), 20);
    });
    const port = await listen(server);
    expect(await ask(port)).toBe(REPLY);
  });

  it("keeps the long replies of many machines apart that arrive together", async () => {
    const letters = [..."abcdefghij"];
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", (letter) => socket.end(letter.toString("utf8").repeat(300_000)));
    });
    const port = await listen(server);
    const replies = await Promise.all(
      letters.map((payload) => exchange({ host, port, payload, deadline: 5000 })),
    );
    for (const [index, letter] of letters.entries()) {
      expect(replies[index] === letter.repeat(300_000), letter).toBe(true);
    }
  });

  it.each<[ReplyFault, string, boolean | undefined]>([
    ["drip", "NO_REPLY", true],
    ["silent", "NO_REPLY", true],
    ["empty", "EMPTY_REPLY", true],
    ["reset", "CONNECTION_LOST", true],
    ["lost-after-send", "CONNECTION_LOST", true],
    ["huge", "REPLY_TOO_LARGE", true],
    ["truncate", "TRUNCATED_REPLY", undefined],
    ["html", "HTML_REPLY", undefined],
  ])("ends a %s reply in %s", async (fault, code, sent) => {
    const { daemon: made, port } = await daemon();
    made.fault = fault;
    const error = await failure(
      ask(port, { deadline: fault === "huge" ? 5000 : 400 }).then((text) => parseReply(text, "t")),
    );
    expect(error.code).toBe(code);
    expect(error instanceof TcpExchangeError ? error.sent : undefined).toBe(sent);
  });

  it.each<[ReplyFault, (value: string) => unknown]>([
    ["double", (text) => JSON.parse(text)],
    ["nan", (text) => JSON.parse(text.replace("121800.25", "null").replace("0.01", "null"))],
    ["control-characters", (text) => JSON.parse(text.replace('"S"', '"\\u0001\\n\\tS"'))],
  ])("reads the %s reply of an old firmware, unknown values as null", async (fault, expected) => {
    const { daemon: made, port } = await daemon();
    made.fault = fault;
    expect(parseReply(await ask(port), "test")).toEqual(expected(REPLY));
  });

  it("tells apart what was never sent: nobody listens", async () => {
    const { daemon: made, port } = await daemon();
    made.refusing = true;
    const error = await failure(ask(port));
    expect(error).toMatchObject({ code: "UNREACHABLE", sent: false, retriable: true });
    made.refusing = false;
    expect(await ask(port)).toContain(REPLY);
  });

  it("gives up a slow drip at the deadline, not after it", async () => {
    const { daemon: made, port } = await daemon();
    made.fault = "drip";
    const start = performance.now();
    const error = await failure(ask(port, { deadline: 300 }));
    expect(error.code).toBe("NO_REPLY");
    expect(error.message).toMatch(/\([1-9]\d* bytes\) within 300 ms/);
    expect(performance.now() - start).toBeGreaterThan(295);
    expect(performance.now() - start).toBeLessThan(8000);
  });

  it("refuses an endless reply after reading little more than the limit", async () => {
    const limit = 4 * 1024 * 1024;
    let taken = 0;
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        taken = socket.bytesWritten - socket.writableLength;
      });
      pour(socket, "x".repeat(64 * 1024));
    });
    const port = await listen(server);
    const error = await failure(ask(port));
    expect(error.code).toBe("REPLY_TOO_LARGE");
    await expect.poll(() => taken).toBeGreaterThan(limit);
    // What the kernel's buffers hold comes on top; loopback ones grow to some MB.
    expect(taken).toBeLessThan(limit + 12 * 1024 * 1024);
  });

  it("takes a smaller limit from the caller", async () => {
    const { port } = await daemon();
    const request = { host, port, payload: "x\n", deadline: 2000, maxBytes: 100 };
    expect((await failure(exchange(request))).code).toBe("REPLY_TOO_LARGE");
  });

  it.each([
    ["at once", [REPLY]],
    ["with its line end in a packet of its own", [REPLY, "\r\n"]],
    ["in two parts, the first looking complete", ['{"a":{}', ',"b":[1]}']],
  ])("ends a reply on an open connection after a pause: %s", async (_, parts) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      for (const [index, part] of parts.entries()) setTimeout(() => socket.write(part), 60 * index);
    });
    const port = await listen(server);
    const request = { host, port, payload: "x", deadline: 3000, quietTime: 150 };
    expect(await exchange(request)).toBe(parts.join(""));
  });

  it("stops waiting when told to", async () => {
    const { daemon: made, port } = await daemon();
    made.fault = "silent";
    const controller = new AbortController();
    const asked = failure(ask(port, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await asked).toMatchObject({ code: "ABORTED", sent: true });
    expect((await failure(ask(port, { signal: controller.signal }))).code).toBe("ABORTED");
  });
});

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.resume();
  });
  server.listen(0, host);
  await once(server, "listening");
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

function pour(socket: Socket, chunk: string): void {
  while (!socket.destroyed && socket.write(chunk));
  socket.once("drain", () => pour(socket, chunk));
}
