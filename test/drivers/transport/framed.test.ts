import { afterEach, describe, expect, test, vi } from "vitest";
import { FrameReader } from "../../../drivers/transport/frame-reader.ts";
import { FramedConnection } from "../../../drivers/transport/framed.ts";
import { TcpExchangeError } from "../../../drivers/transport/tcp.ts";
import { FramedDaemon, type FramedDaemonOptions, framed } from "../../sim/framed-daemon.ts";

const DEADLINE = 300;

let daemon: FramedDaemon;
let connection: FramedConnection;
let seen: string[];

afterEach(async () => {
  connection.close();
  await daemon.stop();
});

async function start(options: Partial<FramedDaemonOptions> = {}, maxBytes = 64 * 1024) {
  seen = [];
  daemon = new FramedDaemon({
    host: "127.0.0.1",
    port: 0,
    reply: (request) => {
      seen.push(request);
      return `{"echo":${request}}`;
    },
    ...options,
  });
  const port = await daemon.start();
  connection = new FramedConnection({ host: "127.0.0.1", port, maxBytes });
}

const ask = (payload: string, repeatable = true) =>
  connection.request({ payload, deadline: DEADLINE, repeatable });

describe("one connection", () => {
  test("carries many requests, in letters of any width", async () => {
    await start();
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await ask(`"grün ${turn} ✓"`)).toBe(`{"echo":"grün ${turn} ✓"}`);
    }
    expect(daemon.connections).toBe(1);
  });

  test("is not used for what must not be repeated", async () => {
    await start();
    await ask("1");
    await ask("2", false);
    expect(daemon.connections).toBe(2);
    await vi.waitFor(() => expect(daemon.open).toBe(1));
    await ask("3");
    expect(daemon.connections).toBe(2);
  });

  test("closed by the machine while idle is replaced without a failure", async () => {
    await start({ idle: 20 });
    await ask("1");
    await vi.waitFor(() => expect(daemon.open).toBe(0));
    expect(await ask("2")).toBe('{"echo":2}');
    expect(seen).toEqual(["1", "2"]);
  });

  test("dead without a sign is replaced, and the question goes out again", async () => {
    await start();
    await ask("1");
    daemon.drop();
    expect(await ask("2")).toBe('{"echo":2}');
    expect(seen).toEqual(["1", "2"]);
    expect(daemon.connections).toBe(2);
  });

  test("is given up after a frame that nobody asked for", async () => {
    await start();
    daemon.fault = "late-frame";
    expect(await ask("1")).toBe('{"echo":1}');
    daemon.fault = undefined;
    await vi.waitFor(() => expect(daemon.open).toBe(0));
    expect(await ask("2")).toBe('{"echo":2}');
    daemon.fault = "double";
    expect(await ask("3")).toBe('{"echo":3}');
    daemon.fault = undefined;
    expect(await ask("4")).toBe('{"echo":4}');
  });

  test("is given up after half a frame that nobody asked for", async () => {
    await start();
    daemon.fault = "late-half";
    expect(await ask("1")).toBe('{"echo":1}');
    daemon.fault = undefined;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await ask("2")).toBe('{"echo":2}');
    expect(daemon.connections).toBe(2);
  });

  test("is given up after a deadline: the late answer is not the next one's", async () => {
    await start();
    daemon.fault = "drip";
    await expect(ask('"a long enough text"')).rejects.toMatchObject({ code: "NO_REPLY" });
    daemon.fault = undefined;
    expect(await ask("2")).toBe('{"echo":2}');
  });
});

describe("failures", () => {
  test.each<[FramedDaemon["fault"], string]>([
    ["silent", "NO_REPLY"],
    ["drip", "NO_REPLY"],
    ["reset", "CONNECTION_LOST"],
    ["lost-after-send", "CONNECTION_LOST"],
    ["empty", "EMPTY_REPLY"],
    ["truncate", "TRUNCATED_REPLY"],
    ["huge", "REPLY_TOO_LARGE"],
    ["unframed", "UNEXPECTED_SHAPE"],
  ])("%s is %s, and the request was sent", async (fault, code) => {
    await start();
    daemon.fault = fault;
    const error: unknown = await ask('"a long enough text"', false).catch(
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(TcpExchangeError);
    expect(error).toMatchObject({ code, sent: true });
  });

  test("a question on a kept connection fails within one deadline", async () => {
    await start();
    await ask("1");
    daemon.fault = "silent";
    const started = performance.now();
    await expect(ask("2")).rejects.toMatchObject({ code: "NO_REPLY" });
    expect(performance.now() - started).toBeLessThan(2 * DEADLINE);
    expect(daemon.connections).toBe(1);
  });

  test("nobody there is UNREACHABLE, and nothing was sent", async () => {
    await start();
    daemon.refusing = true;
    await expect(ask("1")).rejects.toMatchObject({ code: "UNREACHABLE", sent: false });
  });

  test("an abort before and while waiting is ABORTED", async () => {
    await start();
    daemon.fault = "silent";
    const stop = new AbortController();
    const request = { payload: "1", deadline: 5000, repeatable: true, signal: stop.signal };
    const waiting = connection.request(request);
    setTimeout(() => stop.abort(), 10);
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    await expect(connection.request(request)).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("the reader of frames", () => {
  const bytes = Buffer.concat([framed(""), framed("one"), framed(""), framed(""), framed("zwölf")]);

  test.each([1, 2, 3, 5, 7, 1000])("finds the same texts in pieces of %i bytes", (size) => {
    const reader = new FrameReader(100);
    const texts: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      reader.add(bytes.subarray(at, at + size));
      for (let text = reader.next(); text !== undefined; text = reader.next()) texts.push(text);
    }
    expect(texts).toEqual(["one", "zwölf"]);
    expect(reader.empty).toBe(true);
  });

  test("tells a length that is too long from text that has none", () => {
    const long = new FrameReader(100);
    long.add(Buffer.from([101, 0, 0, 0]));
    expect([long.oversize, long.unframed]).toEqual([101, false]);
    const bare = new FrameReader(100);
    bare.add(Buffer.from("<htm"));
    expect(bare.unframed).toBe(true);
  });

  test("the vendor's requests have these first bytes", () => {
    const info = framed('{"cmd":"get.device.info","param":"salt"}');
    expect([...info.subarray(0, 4), info.length]).toEqual([0x28, 0, 0, 0, 44]);
    const status = framed('{"cmd":"get.miner.status","param":"summary"}');
    expect([...status.subarray(0, 4), status.length]).toEqual([0x2c, 0, 0, 0, 48]);
  });
});
