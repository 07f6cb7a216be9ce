// Recorded answers of real machines on Braiins OS, served as they were: REST by path, GraphQL by the name
// of the question, LuCI pages by address. The recordings lie beside the checkout.

import { existsSync, readFileSync } from "node:fs";
import { braiins } from "../../../drivers/braiins/index.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";

const SHARED = new URL("../../../../shared/captures/antminer/", import.meta.url);
const INDEX = new URL("../../../../shared/captures/index.json", import.meta.url);
export const capturesPresent = existsSync(SHARED);

export interface Captured {
  readonly telemetry: Telemetry;
  /** What the source of the capture says of each file: `fans`, `wattage_w`, ... */
  readonly expected: Readonly<Record<string, unknown>>;
}

interface Index {
  readonly sets: readonly {
    readonly dir: string;
    readonly files: readonly { readonly expected?: Record<string, unknown> }[];
  }[];
}

/** 2026-04-17 17:22 UTC: the clock of the S19 XP when it was recorded. */
export const RECORDED = epochMs(1_776_446_528_000);

export async function readCapture(set: string, now: EpochMs = RECORDED): Promise<Captured> {
  const file = (name: string): string | undefined => {
    const url = new URL(`${set}/${name}.json`, SHARED);
    return existsSync(url) ? readFileSync(url, "utf8") : undefined;
  };
  const http = new HttpDaemon({
    host: "127.0.0.1",
    port: 0,
    handle: (request) => handle(request, file),
  });
  const api = new TcpDaemon({ host: "127.0.0.1", port: 0, reply: () => file("version") });
  const [httpPort, port] = [await http.start(), await api.start()];
  const session = braiins.connect(
    braiins.options.parse({
      driver: "braiins",
      host: "127.0.0.1",
      port,
      httpPort,
      password: "root",
      deadlineSeconds: 2,
    }),
    { now: () => now },
  );
  try {
    const telemetry = await session.read(new AbortController().signal);
    return { telemetry, expected: expectedOf(set) };
  } finally {
    await session.close();
    await http.stop();
    await api.stop();
  }
}

function expectedOf(set: string): Record<string, unknown> {
  const index = JSON.parse(readFileSync(INDEX, "utf8")) as Index;
  const found = index.sets.find(({ dir }) => dir === `antminer/${set}`);
  return Object.assign({}, ...(found?.files ?? []).map(({ expected }) => expected ?? {}));
}

const NOT_FOUND: HttpReply = {
  status: 404,
  headers: { "content-type": "text/html" },
  body: "<html>",
};

function handle(request: HttpDaemonRequest, file: (name: string) => string | undefined): HttpReply {
  const rest = file("api_v1_version") !== undefined;
  const path = request.path.replace(/^\//, "").replace(/\/$/, "");
  if (path === "graphql" && !rest) return graphql(request.body, file);
  if (path === "cgi-bin/luci")
    return { status: 302, headers: { "set-cookie": "sysauth=s; path=/" } };
  if (path === "api/v1/auth/login" && rest) return { body: '{"token":"t","timeout_s":3600}' };
  if (path.startsWith("api/v1") && request.headers["authorization"] !== "t") {
    return rest ? { status: 401, body: "Unauthorized" } : NOT_FOUND;
  }
  const body = file(path.replaceAll("/", "_"));
  return body === undefined ? NOT_FOUND : { body };
}

function graphql(body: string, file: (name: string) => string | undefined): HttpReply {
  const { query } = JSON.parse(body) as { query: string };
  if (query.includes("login(")) {
    return {
      headers: { "set-cookie": "session_id=s; HttpOnly" },
      body: '{"data":{"auth":{"login":{"void":null}}}}',
    };
  }
  const name = /^query (\w+)/.exec(query)?.[1] ?? "";
  const known = file(`graphql_${name}`);
  if (known !== undefined) return { body: known };
  return {
    body: JSON.stringify({ data: null, errors: [{ message: `Unknown field in ${name}` }] }),
  };
}
