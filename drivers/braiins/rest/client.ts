// Questions and orders on the REST API. The token goes into `Authorization` bare, without "Bearer".

import { DeviceError } from "../../contract/errors.ts";
import type { EpochMs } from "../../contract/units.ts";
import type { HttpAnswer } from "../../transport/http.ts";
import { parseReply } from "../../transport/json.ts";
import { type LinkOptions, statusError, Web } from "../web.ts";
import { type Answer, Login, QUESTIONS, type QuestionName } from "./wire.ts";

const BASE = "/api/v1/";
const JSON_BODY = { "content-type": "application/json" };

export interface Order {
  readonly method: "PUT" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
}

export class RestClient {
  readonly #web: Web;
  /** Which of its spellings this build answers to. */
  readonly #paths = new Map<QuestionName, string>();

  constructor(options: LinkOptions, now: () => EpochMs) {
    this.#web = new Web(options, now, { login });
  }

  /** Throws what the transport throws; UNSUPPORTED when this build does not know the question. */
  async ask<Name extends QuestionName>(name: Name, signal: AbortSignal): Promise<Answer<Name>> {
    const known = this.#paths.get(name);
    const paths = known === undefined ? QUESTIONS[name].paths : [known];
    let failure: DeviceError | undefined;
    for (const path of paths) {
      const where = `${this.#web.where}${BASE}${path}`;
      const answer = await this.#web.request({ path: `${BASE}${path}`, signal }, refused);
      failure = statusError(where, answer);
      if (failure === undefined) {
        const shaped = shape(name, answer, path);
        this.#paths.set(name, path);
        return shaped;
      }
      if (failure.code !== "UNSUPPORTED" && !isRedirect(answer)) break;
    }
    throw failure ?? new DeviceError("UNSUPPORTED", `${this.#web.where}: ${name} is not known`);
  }

  /** Does this machine have the REST API? Asked without login. */
  async answers(signal: AbortSignal): Promise<boolean> {
    for (const path of QUESTIONS.version.paths) {
      const answer = await this.#web.bare({ path: `${BASE}${path}`, signal });
      if (answer.status === 401) return true;
      if (answer.status === 200 && isJsonObject(answer.body)) return true;
    }
    return false;
  }

  /** The machine's own words. Throws REJECTED, UNSUPPORTED, UNAUTHORIZED, HTTP_STATUS. */
  async order(order: Order, signal: AbortSignal): Promise<string> {
    const path = `${BASE}${order.path}`;
    const answer = await this.#web.request(
      {
        method: order.method,
        path,
        signal,
        ...(order.body === undefined
          ? {}
          : { body: JSON.stringify(order.body), headers: JSON_BODY }),
      },
      refused,
    );
    const failure = statusError(`${order.method} ${path}`, answer);
    if (failure !== undefined) throw failure;
    // Answers repeat what was set, pools with passwords included: nothing of them is told but this.
    return /^actions\//.test(order.path) && answer.body.trim() === "true" ? "was so already" : "ok";
  }

  close(): void {
    this.#web.close();
  }
}

const refused = (answer: HttpAnswer): boolean => answer.status === 401;
const isRedirect = ({ status }: HttpAnswer): boolean => status >= 300 && status < 400;

function isJsonObject(body: string): boolean {
  return body.trimStart().startsWith("{");
}

function shape<Name extends QuestionName>(
  name: Name,
  answer: HttpAnswer,
  path: string,
): Answer<Name> {
  const parsed = QUESTIONS[name].shape.safeParse(parseReply(answer.body, path));
  // The schema of the name is the schema of its answer, which TypeScript cannot follow.
  if (parsed.success) return parsed.data as Answer<Name>;
  throw new DeviceError("UNEXPECTED_SHAPE", `${path}: ${parsed.error.issues[0]?.message ?? ""}`);
}

async function login(
  web: Web,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { username, password } = web.options;
  const path = `${BASE}auth/login`;
  const answer = await web.bare({
    method: "POST",
    path,
    headers: JSON_BODY,
    body: JSON.stringify({ username, password }),
    signal,
  });
  if (answer.status === 401 || answer.status === 403 || answer.status === 400) return undefined;
  const failure = statusError(`${web.where}${path}`, answer);
  if (failure !== undefined) throw failure;
  const granted = Login.safeParse(parseReply(answer.body, path));
  if (!granted.success) throw new DeviceError("UNEXPECTED_SHAPE", `${path}: no token`);
  return { authorization: granted.data.token };
}
