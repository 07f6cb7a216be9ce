// From a recording to the files of a capture, without a secret in them.

import type { Identity, Telemetry } from "../../drivers/contract/telemetry.ts";
import { MASKED } from "./mask.ts";
import type { Heard, Recording } from "./record.ts";
import { Sanitiser } from "./sanitise.ts";
import { secretKind } from "./secret-keys.ts";

export const FORMAT = "nockd-capture/1";

/** `index.json` of a capture. */
export interface CaptureIndex {
  readonly format: typeof FORMAT;
  /** ISO 8601. */
  readonly captured: string;
  readonly driver?: string;
  readonly identity?: Identity;
  readonly exchanges: readonly CapturedExchange[];
  readonly reading?: Telemetry;
  /** Why there is no reading. */
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface CapturedExchange {
  /** Absent when not a byte came. */
  readonly file?: string;
  readonly phase: Heard["phase"];
  readonly transport: Heard["transport"];
  readonly port: number;
  /** ISO 8601, when the exchange had ended. */
  readonly at: string;
  readonly request: CapturedRequest;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly failure?: { readonly code: string; readonly message: string };
}

export interface CapturedRequest {
  /** Of an API; HTTP has `method` and `path`. */
  readonly command?: string;
  readonly method?: string;
  readonly path?: string;
  /** What is not in SHOWN_HEADERS is there with `masked` in its place. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly payload: string;
}

export interface CaptureFiles {
  readonly index: CaptureIndex;
  readonly replies: ReadonlyMap<string, Buffer>;
}

/** A name may be shown by a machine for another reason; it is masked behind its key. */
const CREDENTIALS: ReadonlySet<string> = new Set(["password", "token"]);
const SENT_HEADERS = new Set(["accept", "content-type"]);
const SHOWN_HEADERS = ["content-type", "location", "server", "www-authenticate", "set-cookie"];
/** Of one Set-Cookie header, or several with commas between them. */
const COOKIE = /(?<=^|,\s*)([^\s=;,]+)=([^;,\s]*)/g;

export function captureFiles(recording: Recording, sanitiser: Sanitiser): CaptureFiles {
  learnAll(recording, sanitiser);
  const replies = new Map<string, Buffer>();
  const exchanges = recording.heard.map((heard, index): CapturedExchange => {
    const captured = capturedOf(heard, sanitiser);
    if (heard.reply.length === 0) return captured;
    const file = nameOf(index + 1, captured, heard.reply);
    replies.set(file, Buffer.from(sanitiser.mask(heard.reply.toString("latin1")), "latin1"));
    return { file, ...captured };
  });
  const { telemetry, sighting, device, failure } = recording;
  const identity = telemetry?.identity ?? sighting?.identity;
  const index: CaptureIndex = {
    format: FORMAT,
    captured: new Date(recording.heard.at(-1)?.at ?? 0).toISOString(),
    ...(device === undefined ? {} : { driver: device.driver }),
    ...(identity === undefined ? {} : { identity: masked(identity, sanitiser) }),
    exchanges,
    ...(telemetry === undefined ? {} : { reading: masked(telemetry, sanitiser) }),
    ...(failure === undefined ? {} : { failure: masked(failure, sanitiser) }),
  };
  return { index, replies };
}

/** Knows the secrets of the configuration from the start. */
export function sanitiserOf({ device }: Recording, host: string): Sanitiser {
  const secrets = Object.entries(device ?? {}).flatMap(([key, value]) =>
    typeof value === "string" && CREDENTIALS.has(secretKind(key) ?? "") ? [value] : [],
  );
  return new Sanitiser(secrets, host);
}

/** What is secret in one exchange is so in all, so all are heard before one is written. */
function learnAll({ heard, telemetry, sighting }: Recording, sanitiser: Sanitiser): void {
  for (const { request, reply, headers } of heard) {
    sanitiser.learn(reply.toString("latin1"));
    sanitiser.learn(request.payload);
    sanitiser.learn(request.path ?? "");
    for (const name of SHOWN_HEADERS) sanitiser.learn(headers?.[name] ?? "");
  }
  const identity = telemetry?.identity ?? sighting?.identity;
  if (identity === undefined) return;
  const { vendor, firmware, firmwareVersion, model, controlBoard } = identity;
  sanitiser.spare([vendor, firmware, firmwareVersion, model, controlBoard].join(" "));
}

function capturedOf(heard: Heard, sanitiser: Sanitiser): Omit<CapturedExchange, "file"> {
  const { phase, transport, port, status, failure } = heard;
  const headers = shownHeaders(heard, sanitiser);
  return {
    phase,
    transport,
    port,
    at: new Date(heard.at).toISOString(),
    request: requestOf(heard, sanitiser),
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
    ...(failure === undefined
      ? {}
      : { failure: { code: failure.code, message: sanitiser.maskWords(failure.message) } }),
  };
}

function requestOf({ request, transport }: Heard, sanitiser: Sanitiser): CapturedRequest {
  const payload = sanitiser.maskWords(request.payload);
  if (transport !== "http") return { ...commandOf(request.payload), payload };
  const headers = Object.entries(request.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    SENT_HEADERS.has(name.toLowerCase()) ? value : MASKED,
  ]);
  return {
    method: request.method ?? "GET",
    path: sanitiser.maskWords(request.path ?? "/"),
    headers: Object.fromEntries(headers),
    payload,
  };
}

function commandOf(payload: string): { readonly command?: string } {
  const name = /"(?:command|cmd)"\s*:\s*"([\w.+]+)"/.exec(payload)?.[1];
  return name === undefined ? {} : { command: name };
}

function shownHeaders(
  { headers }: Heard,
  sanitiser: Sanitiser,
): Readonly<Record<string, string>> | undefined {
  if (headers === undefined) return undefined;
  const shown = SHOWN_HEADERS.flatMap((name) => {
    const value = headers[name];
    if (value === undefined) return [];
    if (name !== "set-cookie") return [[name, sanitiser.maskWords(value)]];
    const cookies = value.replace(
      COOKIE,
      (_all, key, secret) => `${key}=${sanitiser.veil(secret)}`,
    );
    return [[name, cookies]];
  });
  return Object.fromEntries(shown);
}

/** The same value with its secrets masked; its keys tell which they are. */
function masked<Value>(value: Value, sanitiser: Sanitiser): Value {
  return JSON.parse(sanitiser.maskWords(JSON.stringify(value))) as Value;
}

/** `007-api-summary.json`, `003-http-cgi-bin-stats-cgi.html`. */
function nameOf(number: number, { request, transport }: CapturedExchange, reply: Buffer): string {
  const words = request.command ?? `${request.path ?? "request"}`;
  const slug = words
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  const first = reply.toString("latin1").trimStart().charAt(0);
  const ending = first === "<" ? "html" : first === "{" || first === "[" ? "json" : "txt";
  return `${String(number).padStart(3, "0")}-${transport}-${slug || "root"}.${ending}`;
}
