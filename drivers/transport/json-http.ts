// JSON over HTTP, and the key that several makers hand out at a login.

import * as z from "zod";
import { DeviceError, isDeviceError } from "../contract/errors.ts";
import type { EpochMs } from "../contract/units.ts";
import {
  type HttpAnswer,
  type HttpClient,
  type HttpOptions,
  type HttpRequest,
  httpClient,
  mustFitHeaders,
} from "./http.ts";
import { excerpt, parseReply } from "./json.ts";

/** Anything that takes a request: a bare client, or one with a key. */
export type Requester = Pick<HttpClient, "request">;

/** Throws UNSUPPORTED for 404, UNAUTHORIZED for 401 and 403, HTTP_STATUS, or what parsing throws. */
export async function askJson<Shape extends z.ZodType>(
  client: Requester,
  request: HttpRequest,
  shape: Shape,
): Promise<z.output<Shape>> {
  const answer = await client.request(request);
  mustBeOk(answer, request.path);
  return shaped(shape, parseReply(answer.body, request.path), request.path);
}

/** Throws UNEXPECTED_SHAPE with the place of the first difference. */
export function shaped<Shape extends z.ZodType>(
  shape: Shape,
  value: unknown,
  where: string,
): z.output<Shape> {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join(".") ?? "";
  throw new DeviceError("UNEXPECTED_SHAPE", `${where}: ${place} ${issue?.message ?? ""}`);
}

export function mustBeOk({ status, body }: HttpAnswer, path: string): void {
  if (status >= 200 && status < 300) return;
  const where = `${path}: HTTP ${status}`;
  if (status === 404) throw new DeviceError("UNSUPPORTED", where);
  if (status === 401 || status === 403) throw new DeviceError("UNAUTHORIZED", where);
  // 400 and 422 carry the firmware's reason.
  if (status === 400 || status === 422) {
    throw new DeviceError("REJECTED", `${where} ${excerpt(body)}`);
  }
  throw new DeviceError("HTTP_STATUS", where);
}

/** What a session with the pages of a small maker's machine is opened with. */
export interface PageOptions {
  readonly host: string;
  readonly httpPort: number;
  /** Milliseconds. */
  readonly deadline: number;
  readonly username: string;
  readonly password: string | undefined;
}

type Headers = Readonly<Record<string, string>>;

export interface KeyedOptions extends HttpOptions {
  /** Asks for a key; resolves with the headers that carry it. Throws UNAUTHORIZED when it is refused. */
  readonly login: (client: HttpClient, signal: AbortSignal | undefined) => Promise<Headers>;
  /** Besides HTTP 401: answers by which the firmware says that the key is old. */
  readonly expired?: (answer: HttpAnswer) => boolean;
}

/** Nobody knocks again and again with a password that was refused: some firmware locks the door. */
const REFUSED_FOR = 5 * 60_000;

/** A client that logs in when it must. A request that was refused for its key is sent once more. */
export class KeyedClient implements Requester {
  readonly #options: KeyedOptions;
  readonly #client: HttpClient;
  readonly #now: () => EpochMs;
  #key: Headers | undefined;
  #refused: { readonly error: DeviceError; readonly until: number } | undefined;

  constructor(options: KeyedOptions, now: () => EpochMs) {
    this.#options = options;
    this.#client = httpClient(options);
    this.#now = now;
  }

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const hadKey = this.#key !== undefined;
    const answer = await this.#attempt(request);
    if (!this.#isRefusal(answer)) return answer;
    this.#key = undefined;
    // A key of this moment that is refused will be refused again.
    return hadKey ? await this.#attempt(request) : answer;
  }

  close(): void {
    this.#client.close();
  }

  #isRefusal(answer: HttpAnswer): boolean {
    return answer.status === 401 || this.#options.expired?.(answer) === true;
  }

  async #attempt(request: HttpRequest): Promise<HttpAnswer> {
    this.#key ??= await this.#login(request.signal);
    return await this.#client.request({
      ...request,
      headers: { ...request.headers, ...this.#key },
    });
  }

  async #login(signal: AbortSignal | undefined): Promise<Headers> {
    if (this.#refused !== undefined && this.#now() < this.#refused.until) {
      throw this.#refused.error;
    }
    try {
      const key = await this.#options.login(this.#client, signal);
      // Once kept, a key that cannot be sent would end every reading.
      mustFitHeaders(key, `${this.#options.host}:${this.#options.port}`);
      this.#refused = undefined;
      return key;
    } catch (error) {
      if (isDeviceError(error) && error.code === "UNAUTHORIZED") {
        this.#refused = { error, until: this.#now() + REFUSED_FOR };
      }
      throw error;
    }
  }
}

/** The body of a JSON request and its header. */
export const jsonBody = (value: unknown) => ({
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

/** The rows of a list that have this shape; a list that is missing or none is empty. */
export const listOf = <Shape extends z.ZodType>(shape: Shape) =>
  z.array(z.unknown()).catch([]).transform(rowsLike(shape));

/** The same as a whole answer: one that is no list has another shape, and is not empty. */
export const answerOf = <Shape extends z.ZodType>(shape: Shape) =>
  z.array(z.unknown()).transform(rowsLike(shape));

const rowsLike =
  <Shape extends z.ZodType>(shape: Shape) =>
  (rows: readonly unknown[]): z.output<Shape>[] =>
    rows.flatMap((row): z.output<Shape>[] => {
      const result = shape.safeParse(row);
      return result.success ? [result.data] : [];
    });

/** A part that is absent when it has another shape, so that the rest can be read. */
export const partOf = <Shape extends z.ZodType>(shape: Shape) => shape.optional().catch(undefined);

/** For identification: whatever answers on a port may answer anything. */
export function parsedOrNone(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parseReply(text, "probe");
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    return undefined;
  }
}
