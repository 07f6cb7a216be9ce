// One recorded machine on loopback: its files, served as its firmware serves them.

import type { DriverKind } from "../../drivers/index.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "../sim/http-daemon.ts";
import { TcpDaemon } from "../sim/tcp-daemon.ts";

/** The texts of a set by file name without its end: `cgi-bin_stats.cgi`. */
export type Files = ReadonlyMap<string, string>;

export interface Served {
  readonly address: { readonly host: string; readonly port: number; readonly httpPort: number };
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const PASSWORD = "p";
const REALMS: { readonly [Kind in DriverKind]?: string } = {
  antminer: "antMiner Configuration",
  elphapex: "Daoge Configuration",
};

/** What a configuration adds for a set that is served here. */
export const OPTIONS: { readonly [Kind in DriverKind]?: Readonly<Record<string, unknown>> } = {
  antminer: { username: "root", password: PASSWORD, powerPort: 9 },
  elphapex: { password: PASSWORD },
  auradine: { password: PASSWORD },
  sealminer: { password: PASSWORD },
  proto: { password: PASSWORD },
  braiins: { password: PASSWORD },
  vnish: { password: PASSWORD },
  luxos: { pauseSeconds: 0 },
};

export async function serve(kind: DriverKind, files: Files): Promise<Served> {
  const realm = REALMS[kind];
  const web = new HttpDaemon({
    host: HOST,
    port: 0,
    handle: (request) => handle(kind, request, files),
    ...(realm === undefined ? {} : { digest: { realm, username: "root", password: PASSWORD } }),
  });
  const api = new TcpDaemon({ host: HOST, port: 0, reply: (text) => answer(kind, text, files) });
  const httpPort = await web.start();
  const port = await api.start();
  return {
    // PowerPlay's HTTP is on the port of others' API.
    address: { host: HOST, port: kind === "epic" ? httpPort : port, httpPort },
    stop: async () => {
      await web.stop();
      await api.stop();
    },
  };
}

/** `voltageget` with a parameter is `voltageget_0`, an A1246's `stats` is `avalon_a_stats`. */
function answer(kind: DriverKind, text: string, files: Files): string {
  const request = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const command = String(request["cmd"] ?? request["command"]);
  const parameter = request["parameter"] === undefined ? "" : `_${request["parameter"]}`;
  const one = (name: string) => files.get(name) ?? files.get(`${kind}_a_${name}`);
  const names = command.split("+");
  if (names.length === 1) return one(`${command}${parameter}`) ?? refusal(kind);
  // Only firmware of which a joined section was recorded, or that always joins, knows the sign.
  if (kind !== "luxos" && !files.has("edevs")) return refusal(kind);
  const sections = names.map((name) => `"${name}":[${one(name) ?? refusal(kind)}]`);
  return `{${sections.join()},"id":1}`;
}

const DENIED = JSON.stringify({ STATUS: [{ STATUS: "E", Code: 45, Msg: "Access denied" }], id: 1 });
const UNKNOWN = JSON.stringify({ STATUS: [{ STATUS: "E", Code: 14, Msg: "Invalid command" }] });

function refusal(kind: DriverKind): string {
  if (kind === "whatsminer") return '{"STATUS":"E","When":1,"Code":14,"Msg":"invalid cmd"}';
  return kind === "antminer" ? DENIED : UNKNOWN;
}

function handle(kind: DriverKind, request: HttpDaemonRequest, files: Files): HttpReply {
  const path = request.path.slice(1).replace(/\/$/, "").replace(/\?.*$/, "");
  const login = loginOf(kind, path, request, files);
  if (login !== undefined) return login;
  const body = namesOf(kind, path).flatMap((name) => files.get(name) ?? [])[0];
  return body === undefined ? { status: 404, body: "<html>404</html>" } : { body };
}

/** Their sets are named without the folder; elsewhere a short name is that of an API command. */
const SHORT: ReadonlySet<DriverKind> = new Set([
  "auradine",
  "bitaxe",
  "elphapex",
  "epic",
  "proto",
  "sealminer",
]);

/** `cgi-bin/stats.cgi` is `cgi-bin_stats.cgi` or `stats`; `api/v1/telemetry` is `telemetry_full`. */
function namesOf(kind: DriverKind, path: string): string[] {
  if (!SHORT.has(kind)) return [path.replaceAll("/", "_")];
  const short = path.replace(/^(?:cgi-bin|api\/v1|api)\//, "").replace(/\.(?:cgi|php)$/, "");
  const names = [path, short].map((name) => name.replaceAll("/", "_"));
  return [...names, `${short}_full`];
}

type Login = (path: string, request: HttpDaemonRequest, files: Files) => HttpReply | undefined;

/** The one who asks for a key gets it; without it the firmware says so. undefined: the file itself. */
const LOGINS: { readonly [Kind in DriverKind]?: Login } = {
  auradine: (path, { headers }) => {
    if (path === "token") return { body: '{"STATUS":[{"STATUS":"S"}],"Token":[{"Token":"t"}]}' };
    return headers["token"] === "t" ? undefined : { status: 401 };
  },
  sealminer: (path, { headers }) => {
    if (path.endsWith("login.php")) return { headers: { "set-cookie": "s=1; path=/" } };
    return headers["cookie"] === "s=1" ? undefined : { status: 401 };
  },
  proto: (path, { headers }) => {
    if (path === "api/v1/auth/login") return { body: '{"access_token":"t"}' };
    return headers["authorization"] === "Bearer t" ? undefined : { status: 401 };
  },
  vnish: (path, { headers }) => {
    if (path === "api/v1/unlock") return { body: '{"token":"t"}' };
    const secured = /settings|autotune\/presets|lock/.test(path);
    return secured && headers["authorization"] !== "Bearer t" ? { status: 401 } : undefined;
  },
  braiins: (path, request, files) =>
    files.has("api_v1_version") ? restLogin(path, request) : graphql(path, request, files),
};

const loginOf = (kind: DriverKind, ...rest: Parameters<Login>): HttpReply | undefined =>
  LOGINS[kind]?.(...rest);

function restLogin(path: string, { headers }: HttpDaemonRequest): HttpReply | undefined {
  if (path === "api/v1/auth/login") return { body: '{"token":"t","timeout_s":3600}' };
  if (!path.startsWith("api/v1") || headers["authorization"] === "t") return undefined;
  return { status: 401, body: "Unauthorized" };
}

function graphql(path: string, request: HttpDaemonRequest, files: Files): HttpReply | undefined {
  if (path === "cgi-bin/luci") {
    return { status: 302, headers: { "set-cookie": "sysauth=s; path=/" } };
  }
  if (path !== "graphql") return undefined;
  const { query } = JSON.parse(request.body) as { readonly query: string };
  if (query.includes("login(")) {
    const headers = { "set-cookie": "session_id=s; HttpOnly" };
    return { headers, body: '{"data":{"auth":{"login":{"void":null}}}}' };
  }
  const name = /^query (\w+)/.exec(query)?.[1] ?? "";
  const none = { data: null, errors: [{ message: `Unknown field in ${name}` }] };
  return { body: files.get(`graphql_${name}`) ?? JSON.stringify(none) };
}
