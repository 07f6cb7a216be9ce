// A VNish that says what a table says, over real HTTP and TCP.

import { epochMs } from "../../../drivers/contract/units.ts";
import { vnish } from "../../../drivers/vnish/index.ts";
import { HttpDaemon, type HttpReply } from "../../sim/http-daemon.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";
import { type Answers, AT, answers } from "./answers.ts";

export const TOKEN = "token-1";
/** Paths that the firmware gives to nobody without a token (OpenAPI of 1.2.7). */
const SECURED = /^(?:settings|autotune\/presets|mining\/.*|system\/reboot|lock)$/;

export interface Asked {
  /** `POST settings`. */
  readonly what: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
}

/** Answers before the table; undefined leaves it to the table. */
export type Interceptor = (asked: Asked) => HttpReply | undefined;

export interface Scripted {
  readonly web: HttpDaemon;
  readonly api: TcpDaemon;
  readonly address: { readonly host: string; readonly port: number; readonly httpPort: number };
  /** Taken out by `take()`. */
  readonly asked: Asked[];
  take(): string[];
  stop(): Promise<void>;
}

export async function serve(
  table: Answers = answers(),
  intercept: Interceptor = () => undefined,
): Promise<Scripted> {
  const asked: Asked[] = [];
  const host = "127.0.0.1";
  const web = new HttpDaemon({
    host,
    port: 0,
    handle: ({ method, path, headers, body }) => {
      const name = path.replace("/api/v1/", "");
      const { authorization } = headers;
      const one = {
        what: `${method} ${name}`,
        body: body === "" ? undefined : JSON.parse(body),
        authorization,
      };
      asked.push(one);
      return intercept(one) ?? lookUp(table, one, name);
    },
  });
  const api = new TcpDaemon({
    host,
    port: 0,
    reply: (text) => JSON.stringify(table[`4028 ${JSON.parse(text).command}`] ?? REFUSED),
  });
  const httpPort = await web.start();
  const port = await api.start();
  return {
    web,
    api,
    address: { host, port, httpPort },
    asked,
    take: () => asked.splice(0).map(({ what }) => what),
    stop: async () => {
      await web.stop();
      await api.stop();
    },
  };
}

/** What 1.2.7 says to a command that it does not know. */
const REFUSED = { STATUS: [{ STATUS: "E", Code: 0, Msg: "Invalid command" }] };

function lookUp(table: Answers, { what, authorization }: Asked, name: string): HttpReply {
  if (what === "POST unlock") return { body: JSON.stringify({ token: TOKEN }) };
  if (SECURED.test(name) && authorization !== `Bearer ${TOKEN}`) return { status: 401 };
  if (what === "POST settings") {
    return { body: JSON.stringify({ restart_required: false, reboot_required: false }) };
  }
  if (what.startsWith("POST ")) return { body: "" };
  const answer = table[name];
  return answer === undefined ? { status: 404, body: "{}" } : { body: JSON.stringify(answer) };
}

export const ELAPSED = { "4028 summary": { SUMMARY: [{ Elapsed: 4423 }] } };

export const NEVER = new AbortController().signal;

/** With a clock that the test moves. */
export function connect(
  machine: Scripted,
  {
    password = "admin",
    deadlineSeconds = 0.5,
  }: { password?: string | null; deadlineSeconds?: number } = {},
) {
  const clock = { now: Number(AT) };
  const options = vnish.options.parse({
    driver: "vnish",
    ...machine.address,
    deadlineSeconds,
    ...(password === null ? {} : { password }),
  });
  const session = vnish.connect(options, { now: () => epochMs(clock.now) });
  return { session, clock };
}
