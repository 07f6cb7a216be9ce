// A miner's web server: digest authentication where asked, and the same faults as the TCP daemon.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Daemon, type Place } from "./daemon.ts";
import { lengthOf, pour, type ReplyFault, spoil } from "./reply-fault.ts";

export interface HttpDaemonRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

export interface HttpReply {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface DigestAccount {
  readonly realm: string;
  readonly username: string;
  readonly password: string;
  /** Default MD5. */
  readonly algorithm?: "MD5" | "SHA-256";
  /** false leaves qop out, as RFC 2069 servers do. */
  readonly qop?: boolean;
}

export interface HttpDaemonOptions extends Place {
  readonly digest?: DigestAccount;
  readonly handle: (request: HttpDaemonRequest) => HttpReply | Promise<HttpReply>;
}

export class HttpDaemon extends Daemon {
  readonly #options: HttpDaemonOptions;
  #nonce = freshNonce();

  constructor(options: HttpDaemonOptions) {
    super(options);
    this.#options = options;
  }

  /** Forgets the nonce in use; the next request with it is answered 401 with stale=true. */
  expireNonce(): void {
    this.#nonce = freshNonce();
  }

  protected createServer(): Server {
    return createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.socket?.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.fault;
    const request = await receive(incoming);
    if (fault === "reset") {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (fault === "silent") return;
    if (fault === "unauthorized" || (fault === "key-refused" && carriesKey(request))) {
      send(response, 401, {}, "<html>401 Unauthorized</html>");
      return;
    }
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      send(response, 401, { "www-authenticate": refusal }, "<html>401 Unauthorized</html>");
      return;
    }
    const reply = await this.#options.handle(request);
    if (fault === "lost-after-send") {
      incoming.socket.resetAndDestroy();
      return;
    }
    const headers = { "content-type": "application/json", ...reply.headers };
    await deliver(response, { ...reply, headers }, fault);
  }

  /** The challenge to answer with, or undefined when the request is authorised. */
  #refusal(request: HttpDaemonRequest): string | undefined {
    const account = this.#options.digest;
    if (account === undefined) return undefined;
    const given = digestFields(request.headers["authorization"]);
    const stale = given.get("nonce") !== undefined && given.get("nonce") !== this.#nonce;
    if (!stale && given.get("response") === expectedResponse(account, request, given)) {
      return undefined;
    }
    const parts = [`realm="${account.realm}"`, `nonce="${this.#nonce}"`];
    if (account.qop !== false) parts.push('qop="auth"');
    if (account.algorithm !== undefined) parts.push(`algorithm=${account.algorithm}`);
    if (stale) parts.push("stale=true");
    return `Digest ${parts.join(", ")}`;
  }
}

/** In which headers the machines of all makers want back what their login gave. */
const KEYS = ["authorization", "cookie", "token"];

function carriesKey({ headers }: HttpDaemonRequest): boolean {
  return KEYS.some((name) => headers[name] !== undefined);
}

function freshNonce(): string {
  return randomBytes(16).toString("hex");
}

function digestFields(header: string | undefined): Map<string, string> {
  const fields = new Map<string, string>();
  for (const match of (header ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)) {
    fields.set(match[1] ?? "", match[2] ?? match[3] ?? "");
  }
  return fields;
}

/** Written from RFC 7616 section 3.4 a second time on purpose: the client must not check itself. */
function expectedResponse(
  account: DigestAccount,
  request: HttpDaemonRequest,
  given: ReadonlyMap<string, string>,
): string {
  const name = account.algorithm === "SHA-256" ? "sha256" : "md5";
  const hash = (...parts: (string | undefined)[]) =>
    createHash(name).update(parts.join(":")).digest("hex");
  const a1 = hash(account.username, account.realm, account.password);
  const a2 = hash(request.method, request.path);
  if (account.qop === false) return hash(a1, given.get("nonce"), a2);
  return hash(a1, given.get("nonce"), given.get("nc"), given.get("cnonce"), "auth", a2);
}

async function receive(incoming: IncomingMessage): Promise<HttpDaemonRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  response.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

async function deliver(
  response: ServerResponse,
  reply: HttpReply,
  fault: ReplyFault | undefined,
): Promise<void> {
  const status = reply.status ?? 200;
  const body = Buffer.from(spoil(reply.body ?? "", fault));
  response.writeHead(status, { "content-length": lengthOf(body, fault), ...reply.headers });
  await pour(response, body, fault);
  if (fault === "truncate") response.socket?.destroySoon();
  else response.end();
}
