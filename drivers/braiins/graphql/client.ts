// Questions and orders on POST /graphql. The login is a cookie.

import { DeviceError, isDeviceError } from "../../contract/errors.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { HttpAnswer, HttpRequest } from "../../transport/http.ts";
import { parseReply } from "../../transport/json.ts";
import { type LinkOptions, statusError, Web } from "../web.ts";
import { type Answer, Envelope, LAN_PAGE, LanPage, QUESTIONS, type QuestionName } from "./wire.ts";

const PATH = "/graphql";

export interface Order {
  /** Without secrets. */
  readonly name: string;
  readonly query: string;
  readonly variables?: unknown;
}

/** `failure` tells that a part of it is missing. */
export interface Told<Name extends QuestionName> {
  readonly answer: Answer<Name>;
  readonly failure?: DeviceError;
}

export class GraphqlClient {
  readonly #web: Web;
  /** Which of its texts this release takes. */
  readonly #texts = new Map<QuestionName, string>();

  constructor(options: LinkOptions, now: () => EpochMs) {
    this.#web = new Web(options, now, { login });
  }

  /** Throws what the transport throws; UNSUPPORTED when this release does not know the question. */
  async ask<Name extends QuestionName>(name: Name, signal: AbortSignal): Promise<Told<Name>> {
    const known = this.#texts.get(name);
    let failure: DeviceError | undefined;
    for (const query of known === undefined ? QUESTIONS[name].texts : [known]) {
      const { data, error } = await this.#post(name, { query }, signal);
      failure = error;
      if (error?.code === "UNSUPPORTED") continue;
      if (data === undefined || data === null) break;
      const shaped = QUESTIONS[name].shape.safeParse(data);
      if (!shaped.success) throw new DeviceError("UNEXPECTED_SHAPE", `${name}: data is no object`);
      if (error === undefined) this.#texts.set(name, query);
      // The schema of the name is the schema of its answer, which TypeScript cannot follow.
      const answer = shaped.data as Answer<Name>;
      return error === undefined ? { answer } : { answer, failure: error };
    }
    throw failure ?? new DeviceError("UNEXPECTED_SHAPE", `${name}: the answer has no data`);
  }

  /** Does this machine have GraphQL? Asked without login. */
  async answers(signal: AbortSignal): Promise<boolean> {
    const answer = await this.#web.bare(post({ query: "{ __typename }" }, signal));
    if (answer.status === 404 || answer.status === 405) return false;
    try {
      return envelopeOf("__typename", answer) !== undefined;
    } catch (error) {
      if (!isDeviceError(error)) throw error;
      return false;
    }
  }

  /** Throws REJECTED with the machine's words, UNSUPPORTED, UNAUTHORIZED, HTTP_STATUS. */
  async order({ name, query, variables }: Order, signal: AbortSignal): Promise<string> {
    const { data, error } = await this.#post(name, { query, variables }, signal);
    if (error !== undefined) throw error;
    const refusal = refusalIn(data);
    if (refusal !== undefined) throw new DeviceError("REJECTED", `${name}: ${refusal}`);
    return "ok";
  }

  /** From the old web interface, which has a login of its own. */
  async lanAddress(signal: AbortSignal): Promise<string | undefined> {
    const { username, password } = this.#web.options;
    if (password === undefined) return undefined;
    const form = new URLSearchParams({ luci_username: username, luci_password: password });
    const entry = await this.#web.bare({
      method: "POST",
      path: "/cgi-bin/luci",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
      signal,
    });
    const cookie = /\b(sysauth\w*=[^;,\s]+)/.exec(entry.headers["set-cookie"] ?? "")?.[1];
    if (cookie === undefined) return undefined;
    const page = await this.#web.bare({ path: LAN_PAGE, headers: { cookie }, signal });
    if (statusError(LAN_PAGE, page) !== undefined) return undefined;
    const lan = LanPage.safeParse(parseReply(page.body, LAN_PAGE));
    return lan.success ? lan.data[0]?.macaddr : undefined;
  }

  async close(signal: AbortSignal): Promise<void> {
    try {
      if (this.#web.loggedIn) {
        const query = "mutation { auth { logout { __typename } } }";
        await this.#web.request(post({ query }, signal), () => false);
      }
    } catch (error) {
      if (!isDeviceError(error)) throw error;
    } finally {
      this.#web.close();
    }
  }

  async #post(
    name: string,
    body: { readonly query: string; readonly variables?: unknown },
    signal: AbortSignal,
  ): Promise<{ readonly data: unknown; readonly error: DeviceError | undefined }> {
    const answer = await this.#web.request(post(body, signal), refused);
    const envelope = envelopeOf(name, answer);
    return { data: envelope.data, error: errorOf(name, envelope) };
  }
}

function post(body: object, signal: AbortSignal): HttpRequest {
  return {
    method: "POST",
    path: PATH,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  };
}

function envelopeOf(name: string, answer: HttpAnswer): Envelope {
  const failure = statusError(`${PATH} ${name}`, answer);
  // Some servers answer a question they do not know with 400 and the usual envelope.
  if (failure !== undefined && !answer.body.trimStart().startsWith("{")) throw failure;
  const parsed = Envelope.safeParse(parseReply(answer.body, `${PATH} ${name}`));
  if (!parsed.success) throw new DeviceError("UNEXPECTED_SHAPE", `${name}: no GraphQL answer`);
  if (parsed.data.data === undefined && parsed.data.errors === undefined) {
    throw failure ?? new DeviceError("UNEXPECTED_SHAPE", `${name}: neither data nor errors`);
  }
  return parsed.data;
}

function errorOf(name: string, { errors }: Envelope): DeviceError | undefined {
  const [first] = errors ?? [];
  if (first === undefined) return undefined;
  const words = first.message ?? "error without words";
  const unknown = /unknown (?:field|argument|type|fragment)|cannot query|is not defined/i.test(
    words,
  );
  return new DeviceError(unknown ? "UNSUPPORTED" : "REJECTED", `${name}: ${words}`);
}

function refused(answer: HttpAnswer): boolean {
  if (answer.status === 401) return true;
  return /"errors"\s*:/.test(answer.body) && /"UNAUTHORIZED"|Unauthorized access/.test(answer.body);
}

/** Unions answer with a member whose name ends in Error; its message tells why. */
function refusalIn(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { __typename: type, message } = data as { __typename?: unknown; message?: unknown };
  if (typeof type === "string" && type.endsWith("Error")) {
    return typeof message === "string" ? message : type;
  }
  for (const value of Object.values(data)) {
    const found = refusalIn(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function login(
  web: Web,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { username, password } = web.options;
  const query =
    "mutation ($username: String!, $password: String!) { auth { login(username: $username, password: $password) { __typename ... on Error { message } } } }";
  const answer = await web.bare(post({ query, variables: { username, password } }, signal));
  const envelope = envelopeOf("login", answer);
  const error = errorOf("login", envelope);
  if (error !== undefined) throw error;
  const cookie = /\bsession_id=([^;,\s]+)/.exec(answer.headers["set-cookie"] ?? "")?.[1];
  if (refusalIn(envelope.data) !== undefined || cookie === undefined) return undefined;
  return { cookie: `session_id=${cookie}` };
}
