// A btminer of API 3 that answers from a table.

import { FramedDaemon } from "../../sim/framed-daemon.ts";

export type ScriptV3 = Readonly<Record<string, unknown>>;
type Request = Readonly<Record<string, unknown>>;

export interface ScriptedV3 {
  readonly port: number;
  /** Requests as they came, in their order. */
  readonly requests: Request[];
  readonly daemon: FramedDaemon;
}

/** What is not in the table is an unknown command. `intercept`: an answer in place of the table's. */
export async function startScriptedV3(
  script: ScriptV3,
  intercept: (request: Request) => unknown = () => undefined,
): Promise<ScriptedV3> {
  const requests: Request[] = [];
  const daemon = new FramedDaemon({
    host: "127.0.0.1",
    port: 0,
    reply: (text) => {
      const request: Request = JSON.parse(text);
      requests.push(request);
      const command = String(request["cmd"]);
      const unknown = { code: -2, when: 1, msg: "unknown command", desc: command };
      return JSON.stringify(intercept(request) ?? script[command] ?? unknown);
    },
  });
  return { port: await daemon.start(), requests, daemon };
}
