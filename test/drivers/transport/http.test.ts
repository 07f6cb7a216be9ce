import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DeviceError } from "../../../drivers/contract/errors.ts";
import {
  type HttpClient,
  HttpExchangeError,
  type HttpOptions,
  httpClient,
} from "../../../drivers/transport/http.ts";
import { parseReply } from "../../../drivers/transport/json.ts";
import {
  HttpDaemon,
  type HttpDaemonOptions,
  type HttpDaemonRequest,
} from "../../sim/http-daemon.ts";
import type { ReplyFault } from "../../sim/reply-fault.ts";

const host = "127.0.0.42";
const account = { realm: "antMiner Configuration", username: "root", password: "root" };
const BODY = JSON.stringify({ STATUS: [{ Msg: "ok" }], rate: 121.8, list: ["a", "b"] });

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(
  options: Partial<HttpDaemonOptions> = {},
  clientOptions: Partial<HttpOptions> = {},
) {
  const requests: HttpDaemonRequest[] = [];
  const daemon = new HttpDaemon({
    host,
    port: 0,
    handle: (request) => {
      requests.push(request);
      return request.path === "/missing" ? { status: 404, body: "no" } : { body: BODY };
    },
    ...options,
  });
  const port = await daemon.start();
  cleanups.push(() => daemon.stop());
  return { daemon, requests, client: open(port, clientOptions) };
}

function open(port: number, options: Partial<HttpOptions> = {}): HttpClient {
  const client = httpClient({ host, port, deadline: 2000, ...options });
  cleanups.push(() => client.close());
  return client;
}

async function failure(promise: Promise<unknown>): Promise<DeviceError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof DeviceError) return error;
    throw error;
  }
  throw new Error("no error");
}

describe("httpClient", () => {
  it("carries method, path, headers and body, on one connection", async () => {
    const { daemon, client, requests } = await serve();
    const request = { method: "POST", path: "/a?b=1", headers: { "x-y": "z" }, body: "ü" } as const;
    const answer = await client.request(request);
    await client.request({ path: "/second" });
    expect(answer).toMatchObject({ status: 200, body: BODY });
    expect(requests[0]).toMatchObject({ method: "POST", path: "/a?b=1", body: "ü" });
    expect(requests[0]?.headers).toMatchObject({ "x-y": "z", "content-length": "2" });
    expect(daemon.connections).toBe(1);
  });

  it("gives any status to who asks for it, and HTTP_STATUS to who expects success", async () => {
    const { client } = await serve();
    expect(await client.request({ path: "/missing" })).toMatchObject({ status: 404, body: "no" });
    const error = await failure(client.expectOk({ path: "/missing" }));
    expect(error.code).toBe("HTTP_STATUS");
    expect(error.message).toMatch(/127\.0\.0\.42:\d+\/missing: HTTP 404/);
  });

  it.each<[ReplyFault, string, boolean | undefined]>([
    ["drip", "NO_REPLY", true],
    ["silent", "NO_REPLY", true],
    ["reset", "CONNECTION_LOST", true],
    ["lost-after-send", "CONNECTION_LOST", true],
    ["truncate", "CONNECTION_LOST", true],
    ["huge", "REPLY_TOO_LARGE", true],
    ["empty", "EMPTY_REPLY", undefined],
    ["html", "HTML_REPLY", undefined],
  ])("ends a %s answer in %s", async (fault, code, sent) => {
    const { daemon, client } = await serve({}, { deadline: fault === "huge" ? 5000 : 400 });
    daemon.fault = fault;
    const read = client.expectOk({ path: "/" }).then((answer) => parseReply(answer.body, "t"));
    const error = await failure(read);
    expect(error.code).toBe(code);
    expect(error instanceof HttpExchangeError ? error.sent : undefined).toBe(sent);
    daemon.fault = undefined;
    expect((await client.request({ path: "/" })).body).toBe(BODY);
  });

  it.each<[ReplyFault, string]>([
    ["split", BODY],
    ["without-nul", BODY],
    ["double", BODY],
    ["nan", BODY.replace("121.8", "null")],
    ["control-characters", BODY.replace('"ok"', '"\\u0001\\n\\tok"')],
  ])("reads a %s answer", async (fault, expected) => {
    const { daemon, client } = await serve();
    daemon.fault = fault;
    const answer = await client.expectOk({ path: "/" });
    expect(parseReply(answer.body, "test")).toEqual(JSON.parse(expected));
  });

  it("says UNREACHABLE when nobody listens, and works again afterwards", async () => {
    const { daemon, client } = await serve();
    await client.request({ path: "/" });
    daemon.refusing = true;
    // The client must notice the end of its idle connection first, or it fails in using it.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await failure(client.request({ path: "/" }))).toMatchObject({
      code: "UNREACHABLE",
      sent: false,
    });
    daemon.refusing = false;
    expect((await client.request({ path: "/" })).status).toBe(200);
  });

  it("refuses an endless answer after reading little more than the limit", async () => {
    const limit = 4 * 1024 * 1024;
    let taken = 0;
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        taken = socket.bytesWritten - socket.writableLength;
      });
      socket.resume();
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      pour(socket, "x".repeat(64 * 1024));
    });
    const error = await failure(open(await listen(server)).request({ path: "/" }));
    expect(error.code).toBe("REPLY_TOO_LARGE");
    await expect.poll(() => taken).toBeGreaterThan(limit);
    // What the kernel's buffers hold comes on top; loopback ones grow to some MB.
    expect(taken).toBeLessThan(limit + 12 * 1024 * 1024);
  });

  it("says NOT_JSON when what answers is no web server", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end('{"STATUS":"E","Code":14}\0');
    });
    const error = await failure(open(await listen(server)).request({ path: "/" }));
    expect(error).toMatchObject({ code: "NOT_JSON", retriable: false });
  });

  it("stops waiting when told to, before or during a request", async () => {
    const { daemon, client } = await serve();
    daemon.fault = "silent";
    const controller = new AbortController();
    const asked = failure(client.request({ path: "/", signal: controller.signal }));
    setTimeout(() => controller.abort(), 50);
    expect(await asked).toMatchObject({ code: "ABORTED", sent: true });
    const second = client.request({ path: "/", signal: controller.signal });
    expect(await failure(second)).toMatchObject({ code: "ABORTED", sent: false });
  });

  it("lets one request have a longer deadline than the client", async () => {
    const slow = new Promise<void>((resolve) => setTimeout(resolve, 300));
    const handle = () => slow.then(() => ({ body: BODY }));
    const { client } = await serve({ handle }, { deadline: 100 });
    expect((await failure(client.request({ path: "/" }))).code).toBe("NO_REPLY");
    expect((await client.request({ path: "/", deadline: 2000 })).status).toBe(200);
  });
});

async function listen(server: Server): Promise<number> {
  server.listen(0, host);
  await once(server, "listening");
  cleanups.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

function pour(socket: Socket, chunk: string): void {
  while (!socket.destroyed && socket.write(chunk));
  socket.once("drain", () => pour(socket, chunk));
}

describe("httpClient with digest authentication", () => {
  const credentials = { username: "root", password: "root" };

  it.each([
    { qop: true, algorithm: "MD5" },
    { qop: true, algorithm: "SHA-256" },
    { qop: false, algorithm: "MD5" },
  ] as const)("answers the challenge once and reuses the nonce: %j", async (kind) => {
    const { daemon, client, requests } = await serve(
      { digest: { ...account, ...kind } },
      { credentials },
    );
    for (const path of ["/a", "/b?c=d", "/e"]) {
      expect((await client.expectOk({ path, method: "POST", body: "{}" })).body).toBe(BODY);
    }
    expect(requests.map((request) => request.path)).toEqual(["/a", "/b?c=d", "/e"]);
    expect(requests.map((request) => request.body)).toEqual(["{}", "{}", "{}"]);
    if (kind.qop) {
      const counts = requests.map((it) => /nc=(\w+)/.exec(it.headers["authorization"] ?? "")?.[1]);
      expect(counts).toEqual(["00000001", "00000002", "00000003"]);
    }
    expect(daemon.connections).toBe(1);
  });

  it("takes a new nonce when the old one went stale", async () => {
    const { daemon, client, requests } = await serve({ digest: account }, { credentials });
    await client.expectOk({ path: "/a" });
    daemon.expireNonce();
    await client.expectOk({ path: "/b" });
    daemon.expireNonce();
    await client.expectOk({ path: "/c" });
    expect(requests).toHaveLength(3);
  });

  it("says UNAUTHORIZED of a wrong password", async () => {
    const { client, requests } = await serve(
      { digest: account },
      { credentials: { ...credentials, password: "wrong" } },
    );
    const error = await failure(client.request({ path: "/" }));
    expect(error).toMatchObject({ code: "UNAUTHORIZED", retriable: false });
    expect(error.message).toContain("refused");
    expect(requests).toEqual([]);
  });

  it("gives 401 as an answer when no credentials are configured, unless success is expected", async () => {
    const { client } = await serve({ digest: account });
    expect((await client.request({ path: "/" })).status).toBe(401);
    const error = await failure(client.expectOk({ path: "/" }));
    expect(error.code).toBe("UNAUTHORIZED");
    expect(error.message).toContain("no valid login");
  });

  it("says what cannot be sent, without the value", async () => {
    const { client, requests } = await serve();
    const headers = { authorization: "Bearer s3cret\u0001" };
    const error = await failure(client.request({ path: "/", headers }));
    expect(error).toMatchObject({ code: "UNEXPECTED_SHAPE", sent: false });
    expect(error.message).toContain("authorization");
    expect(error.message).not.toContain("s3cret");
    expect(requests).toEqual([]);
  });

  it("never sends the password", async () => {
    const { client, requests } = await serve(
      { digest: { ...account, password: "s3cret-word" } },
      { credentials: { ...credentials, password: "s3cret-word" } },
    );
    await client.expectOk({ path: "/a", method: "POST", body: "x" });
    expect(JSON.stringify(requests)).not.toContain("s3cret-word");
  });
});
