// A PowerPlay that always says the same: recorded answers by path, over real HTTP.

import { readFileSync } from "node:fs";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { epic } from "../../../drivers/epic/index.ts";
import { HttpDaemon, type HttpDaemonRequest, type HttpReply } from "../../sim/http-daemon.ts";

/** By path without the slash: `temps/chip`. */
export type Answers = Record<string, unknown>;

const FIXTURE = new URL("./fixtures/s19-xp.json", import.meta.url);
export const fixture = (): Answers => JSON.parse(readFileSync(FIXTURE, "utf8"));

/** When the fixture was recorded, by its last accepted share: 2025-08-14 01:25:34 UTC. */
export const RECORDED = epochMs(1_755_134_734_000);
export const PASSWORD = "open-sesame-42";
export const NEVER = new AbortController().signal;

export interface Served {
  readonly daemon: HttpDaemon;
  readonly port: number;
  /** `summary`, or `tune {"clks":...}`: the order and its parameter, without the password. */
  readonly requests: string[];
}

/** `script` answers first; what it leaves undefined the answers give. */
export async function serve(
  answers: Answers,
  script: (path: string, body: Record<string, unknown>) => HttpReply | undefined = () => undefined,
): Promise<Served> {
  const requests: string[] = [];
  const handle = (request: HttpDaemonRequest): HttpReply => {
    const path = request.path.slice(1);
    const body = request.body === "" ? {} : JSON.parse(request.body);
    requests.push(request.method === "GET" ? path : `${path} ${JSON.stringify(body.param)}`);
    const scripted = script(path, body);
    if (scripted !== undefined) return scripted;
    if (request.method === "POST") return said(true, null);
    const answer = answers[path];
    return answer === undefined ? { status: 404 } : { body: JSON.stringify(answer) };
  };
  const daemon = new HttpDaemon({ host: "127.0.0.1", port: 0, handle });
  return { daemon, port: await daemon.start(), requests };
}

export const said = (result: boolean, error: unknown): HttpReply => ({
  body: JSON.stringify({ result, error }),
});

export interface Clock {
  now: EpochMs;
}

export function open(
  port: number,
  {
    password,
    deadlineSeconds = 2,
    clock = { now: RECORDED },
  }: {
    readonly password?: string;
    readonly deadlineSeconds?: number;
    readonly clock?: Clock;
  } = {},
) {
  const given = { driver: "epic", host: "127.0.0.1", port, deadlineSeconds };
  const options = epic.options.parse(password === undefined ? given : { ...given, password });
  return epic.connect(options, { now: () => clock.now });
}
