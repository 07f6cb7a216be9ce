// Questions and orders over one HTTP connection to the API port.

import { DeviceError } from "../contract/errors.ts";
import { type HttpClient, httpClient } from "../transport/http.ts";
import { parseReply } from "../transport/json.ts";
import type { Order } from "./encode.ts";
import { LostOrder, mayHaveActed, refusal } from "./refusal.ts";
import { type Answer, OrderAnswer, QUESTIONS, type QuestionName } from "./wire.ts";

export interface ClientOptions {
  readonly host: string;
  /** HTTP, whatever other firmwares speak on it. */
  readonly port: number;
  readonly deadlineSeconds: number;
  readonly password?: string | undefined;
}

/** The captured per-chip answers have 10 kB a machine of 220 chips. */
const MOST_BYTES = 1024 * 1024;

export class EpicClient {
  readonly #http: HttpClient;
  readonly #where: string;
  readonly #password: string | undefined;

  constructor({ host, port, deadlineSeconds, password }: ClientOptions) {
    this.#where = `${host}:${port}`;
    this.#password = password;
    this.#http = httpClient({
      host,
      port,
      deadline: deadlineSeconds * 1000,
      maxBytes: MOST_BYTES,
    });
  }

  get writable(): boolean {
    return this.#password !== undefined;
  }

  /** Throws what the transport throws, BUSY for a refusal and UNEXPECTED_SHAPE. */
  async ask<Name extends QuestionName>(name: Name, signal: AbortSignal): Promise<Answer<Name>> {
    const where = `${this.#where}/${name}`;
    const { body } = await this.#http.expectOk({ path: `/${name}`, signal });
    const raw = parseReply(body, where);
    const shaped = QUESTIONS[name].safeParse(raw);
    const refused = OrderAnswer.safeParse(raw);
    if (refused.success && !refused.data.result) {
      throw new DeviceError("BUSY", `${where}: ${refusal(name, refused.data, []).message}`);
    }
    if (!shaped.success) {
      const [issue] = shaped.error.issues;
      throw new DeviceError("UNEXPECTED_SHAPE", `${where}: ${issue?.message ?? "unknown shape"}`);
    }
    // The table of questions ties name and shape, which an indexed access of a type parameter loses.
    return shaped.data as Answer<Name>;
  }

  /** Throws LostOrder when the machine may have acted, DeviceError when it did not. */
  async order({ name, param }: Order, signal: AbortSignal): Promise<void> {
    if (this.#password === undefined) {
      throw new DeviceError("UNAUTHORIZED", `${name}: no password is set for this device`);
    }
    const secrets = [this.#password, ...poolPasswords(param)];
    const answer = await this.#post(
      name,
      JSON.stringify({ param, password: this.#password }),
      signal,
    );
    if (!answer.result) throw refusal(name, answer, secrets);
  }

  close(): void {
    this.#http.close();
  }

  async #post(name: string, body: string, signal: AbortSignal): Promise<OrderAnswer> {
    const where = `${this.#where}/${name}`;
    try {
      const answer = await this.#http.request({
        method: "POST",
        path: `/${name}`,
        headers: { "content-type": "application/json" },
        body,
        signal,
      });
      if (answer.status === 401 || answer.status === 403) {
        throw new DeviceError("UNAUTHORIZED", `${where}: HTTP ${answer.status}`);
      }
      if (answer.status === 404 || answer.status === 405) {
        throw new DeviceError("UNSUPPORTED", `${where}: HTTP ${answer.status}`);
      }
      if (answer.status >= 400 && answer.status < 500) {
        throw new DeviceError("REJECTED", `${where}: HTTP ${answer.status}`);
      }
      const said = OrderAnswer.safeParse(parseReply(answer.body, where));
      if (said.success) return said.data;
      throw new LostOrder(`${name}: HTTP ${answer.status}, no result`);
    } catch (error) {
      if (mayHaveActed(error)) throw new LostOrder(`${name}: no answer`, { cause: error });
      throw error;
    }
  }
}

/** "x" and "123" are what pools ignore: no secrets, but parts of many words. */
const SHORTEST_SECRET = 4;

function poolPasswords(param: Order["param"]): string[] {
  if (typeof param !== "object" || !("stratum_configs" in param)) return [];
  return param.stratum_configs
    .map(({ password }) => password)
    .filter(({ length }) => length >= SHORTEST_SECRET);
}
