// How the firmware of an Avalon says something: cgminer's JSON, or its text for who asked in text.

import { commandOf } from "./command.ts";

export interface Answer {
  readonly status: string;
  readonly code: number;
  readonly message: string;
  readonly section?: string;
  readonly records?: readonly Readonly<Record<string, unknown>>[];
}

export const failed = (why: string): Answer => ({
  status: "E",
  code: 120,
  message: `ASC 0 set failed: ${why}`,
});
export const informed = (what: string): Answer => ({
  status: "I",
  code: 118,
  message: `ASC 0 set info: ${what}`,
});
export const OK: Answer = { status: "S", code: 119, message: "ASC 0 set OK" };

/** `clock`: the machine's, in Unix seconds. */
export function render(
  { status, code, message, section, records = [] }: Answer,
  clock: number,
  json: boolean,
): string {
  const head = {
    STATUS: status,
    When: Math.floor(clock),
    Code: code,
    Msg: message,
    Description: "cgminer 4.11.1",
  };
  if (json) {
    // The firmware prints messages with bare line ends into its JSON.
    const body = JSON.stringify({
      STATUS: [head],
      ...(section === undefined ? {} : { [section]: records }),
      id: 1,
    });
    return body.replaceAll("\\n", "\n");
  }
  const line = (fields: object) =>
    Object.entries(fields)
      .map(([key, value]) => `${key}=${String(value)}`)
      .join(",");
  const prefix = section === "VERSION" || section === "SUMMARY" ? `${section},` : "";
  return [head, ...records]
    .map((fields, index) => `${index === 0 ? "" : prefix}${line(fields)}|`)
    .join("");
}

export function listed(
  code: number,
  message: string,
  section: string,
  records: readonly Readonly<Record<string, unknown>>[],
): Answer {
  return { status: "S", code, message, section, records };
}

/** `{"command":"x","parameter":"y"}` or `x|y`. */
export function parseRequest(request: string) {
  const json = request.trimStart().startsWith("{");
  const [command = "", ...rest] = json ? fieldsOf(request) : request.trim().split("|");
  return { json, command, parameter: rest.join("|") };
}

function fieldsOf(request: string): string[] {
  const { command, parameter } = commandOf(request);
  return [command ?? "", parameter ?? ""];
}
