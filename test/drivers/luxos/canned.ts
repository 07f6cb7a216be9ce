// A LUXminer that always says the same: recorded answers by request, over real TCP.

import { readFileSync } from "node:fs";
import { epochMs, type Millivolts, millivolts } from "../../../drivers/contract/units.ts";
import { decode } from "../../../drivers/luxos/decode.ts";
import type { Heard, Known } from "../../../drivers/luxos/known.ts";
import { REPORTS, type Report, type ReportName } from "../../../drivers/luxos/wire.ts";
import { TcpDaemon } from "../../sim/tcp-daemon.ts";

/** By command, or command and parameter: `voltageget 0`. */
export type Answers = Record<string, unknown>;

export const FIXTURE = new URL("./fixtures/s19k-pro.json", import.meta.url);
export const fixture = (): Answers => JSON.parse(readFileSync(FIXTURE, "utf8"));

/** When the fixture was recorded, by the machine's clock: 2025-10-12 04:13:14 UTC. */
export const RECORDED = epochMs(1_760_242_394_000);

const error = (code: number, words: string) => ({
  STATUS: [{ STATUS: "E", Code: code, Msg: words, Description: "LUXminer", When: 0 }],
  id: 1,
});

function reply(answers: Answers, batches: boolean, text: string): string {
  const { command, parameter } = JSON.parse(text) as { command: string; parameter?: string };
  const one = (name: string) => answers[name] ?? error(14, "Invalid command");
  const names = command.split("+");
  if (names.length === 1) return JSON.stringify(one([command, parameter ?? []].flat().join(" ")));
  if (!batches) return JSON.stringify(error(14, "Invalid command"));
  const sections = names.map((name) => [name, [one(name)]]);
  return JSON.stringify({ ...Object.fromEntries(sections), id: 1 });
}

export interface Canned {
  readonly daemon: TcpDaemon;
  readonly port: number;
  /** As they came: command, and parameter if there was one. */
  readonly requests: string[];
}

export const serve = (answers: Answers, batches = true): Promise<Canned> =>
  listen((text) => reply(answers, batches, text));

/** `script` decides first; what it leaves undefined the fixture answers. `count` is how often so far. */
export function serveWith(
  script: (
    command: string,
    parameter: string | undefined,
    count: (command: string) => number,
  ) => string | undefined,
): Promise<Canned> {
  const counts = new Map<string, number>();
  const answers = fixture();
  return listen((text) => {
    const { command, parameter } = JSON.parse(text);
    counts.set(command, (counts.get(command) ?? 0) + 1);
    const scripted = script(command, parameter, (name) => counts.get(name) ?? 0);
    return scripted ?? reply(answers, true, text);
  });
}

async function listen(answer: (text: string) => string): Promise<Canned> {
  const requests: string[] = [];
  const daemon = new TcpDaemon({
    host: "127.0.0.1",
    port: 0,
    reply: (text) => {
      const { command, parameter } = JSON.parse(text);
      requests.push(parameter === undefined ? command : `${command} ${parameter}`);
      return answer(text);
    },
  });
  return { daemon, port: await daemon.start(), requests };
}

/** What a session would know after it asked everything. */
export function knownFrom(answers: Answers, voltage?: Millivolts): Known {
  const reports = Object.fromEntries(
    Object.entries(REPORTS).flatMap(([name, schema]) =>
      name in answers ? [[name, { answer: schema.parse(answers[name]), at: RECORDED }]] : [],
    ),
  ) as { [Name in ReportName]?: Heard<Report<Name>> };
  const heard = { answer: voltage ?? millivolts(11_880), at: RECORDED };
  return { reports, voltages: new Map([0, 1, 2].map((board) => [board, heard])), chips: new Map() };
}

export const telemetryOf = (answers: Answers) => decode(knownFrom(answers), RECORDED, []);

/** Changes the first record of a section. */
export function changed(name: string, section: string, fields: object): Answers {
  const answers = fixture();
  const answer = answers[name] as Record<string, object[]>;
  Object.assign(answer[section]![0]!, fields);
  return answers;
}
