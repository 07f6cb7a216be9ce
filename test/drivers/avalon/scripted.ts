// A daemon that answers from a script, and writes down what it was asked.

import { avalon } from "../../../drivers/avalon/index.ts";
import type { Session } from "../../../drivers/contract/driver.ts";
import type { Telemetry } from "../../../drivers/contract/telemetry.ts";
import { type EpochMs, epochMs } from "../../../drivers/contract/units.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";

export const NEVER = new AbortController().signal;

/** By command, or by `ascset 0,help` for one with a parameter; "" closes without an answer. */
export type Script = Readonly<Record<string, string | undefined>>;

export interface Scripted {
  readonly daemon: TcpDaemon;
  readonly session: Session;
  readonly asked: string[];
  readonly port: number;
  script: Script;
  now: EpochMs;
  read(): Promise<Telemetry>;
  stop(): Promise<void>;
}

const INVALID = statusOf("E", 14, "Invalid command");

/** In the text form of firmware that does not care how it was asked. */
export function statusOf(severity: string, code: number, message: string, when = 1): string {
  return `STATUS=${severity},When=${when},Code=${code},Msg=${message},Description=cgminer 4.11.1|`;
}

export function statsOf(module: string, options: { key?: string; when?: number } = {}): string {
  const { key = "MM ID0", when = 1 } = options;
  return `${statusOf("S", 70, "CGMiner stats", when)}STATS=0,ID=AVA100,Elapsed=7,${key}=${module},Nonce Mask=25|`;
}

export async function startScripted(
  script: Script,
  options: {
    readonly password?: string;
    readonly username?: string;
    readonly deadline?: number;
  } = {},
): Promise<Scripted> {
  const asked: string[] = [];
  const daemon = new TcpDaemon({
    host: "127.0.0.1",
    port: 0,
    reply: (request) => {
      const { command, parameter } = JSON.parse(request) as { command: string; parameter?: string };
      const key = parameter === undefined ? command : `${command} ${parameter}`;
      asked.push(key);
      const reply = machine.script[key] ?? INVALID;
      return reply === "" ? undefined : reply;
    },
  });
  const port = await daemon.start();
  const { deadline = 2, ...login } = options;
  const session = avalon.connect(
    avalon.options.parse({
      driver: "avalon",
      host: "127.0.0.1",
      port,
      deadlineSeconds: deadline,
      ...login,
    }),
    { now: () => machine.now },
  );
  const machine: Scripted = {
    ...{ daemon, session, asked, port, script },
    now: epochMs(1_800_000_000_000),
    read: () => session.read(NEVER),
    stop: () => daemon.stop(),
  };
  return machine;
}
