// Requests to the board's web server. It serves few sockets and hangs when several clients hold them, so
// none is held between two conversations.

import * as z from "zod";
import { DeviceError } from "../contract/errors.ts";
import {
  type HttpAnswer,
  type HttpClient,
  HttpExchangeError,
  type HttpOptions,
  httpClient,
} from "../transport/http.ts";
import { excerpt, parseReply } from "../transport/json.ts";
import type { Step } from "./encode.ts";
import { PATHS } from "./wire.ts";

/** v2.4.5 was captured with 1 KB; later builds add pools with a certificate of up to 3 KB each. */
const MAX_BYTES = 256 * 1024;

export interface Done {
  /** `silent`: the connection ended after the request was out. */
  readonly answer: "accepted" | "silent";
  readonly detail: string;
}

export class BitaxeClient {
  readonly #http: HttpClient;
  readonly #where: string;

  constructor(options: Pick<HttpOptions, "host" | "port" | "deadline">) {
    this.#http = httpClient({ ...options, maxBytes: MAX_BYTES });
    this.#where = options.host;
  }

  async get<Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const where = `${this.#where} ${path}`;
    const answer = await this.#http.request({ path, signal });
    const refused = refusal(answer, where);
    if (refused !== undefined) throw refused;
    const parsed = schema.safeParse(parseReply(answer.body, where));
    if (parsed.success) return parsed.data;
    throw new DeviceError("UNEXPECTED_SHAPE", `${where}: ${z.prettifyError(parsed.error)}`);
  }

  /** Sent once, whatever comes of it. */
  async perform(step: Step, signal: AbortSignal): Promise<Done> {
    const path = step.kind === "patch" ? PATHS.settings : step.path;
    const where = `${this.#where} ${path}`;
    try {
      const answer = await this.#http.request({ ...requestOf(step, path), signal });
      const refused = refusal(answer, where);
      if (refused !== undefined) throw refused;
      return { answer: "accepted", detail: words(answer) };
    } catch (error) {
      if (!mayHaveActed(error)) throw error;
      return { answer: "silent", detail: error.message };
    }
  }

  /** Lets go of the socket; the next request opens another. */
  release(): void {
    this.#http.close();
  }
}

function requestOf(step: Step, path: string) {
  if (step.kind === "post") return { method: "POST", path, body: "" } as const;
  const headers = { "content-type": "application/json" };
  return { method: "PATCH", path, headers, body: JSON.stringify(step.body) } as const;
}

function mayHaveActed(error: unknown): error is HttpExchangeError {
  if (!(error instanceof HttpExchangeError) || !error.sent) return false;
  return error.code === "CONNECTION_LOST" || error.code === "NO_REPLY";
}

function refusal(answer: HttpAnswer, where: string): DeviceError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const told = `${where}: HTTP ${status} ${words(answer)}`;
  if (status === 401 || status === 403) {
    // Without passwords: it looks at the address of the client, and NerdAxe at a one-time password.
    return new DeviceError("UNAUTHORIZED", `${told}; it serves private addresses only`);
  }
  if (status === 400) return new DeviceError("REJECTED", told);
  if (status === 404 || status === 405) return new DeviceError("UNSUPPORTED", told);
  return new DeviceError("HTTP_STATUS", told);
}

const words = ({ body }: HttpAnswer): string => (body.trim() === "" ? "no words" : excerpt(body));
