// Requests to LUXminer: one at a time, several reports in one, and what its answers mean.

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { present, toNumber } from "../contract/decoding.ts";
import { DeviceError, type DeviceErrorCode, isDeviceError } from "../contract/errors.ts";
import { isSilence } from "../transport/answer.ts";
import { parseReply } from "../transport/json.ts";
import { exchangeInto } from "../transport/tcp.ts";
import { CODES, joinFields, type Request } from "./request.ts";
import { type Answer, type BatchAnswer, REPORTS, type Report, type ReportName } from "./wire.ts";

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** For one request, milliseconds. */
  readonly deadline: number;
  /** Between two connections, milliseconds. */
  readonly pause: number;
}

export type Reports = { readonly [Name in ReportName]?: Report<Name> };

export interface Asked {
  readonly reports: Reports;
  readonly failures: ReadonlyMap<ReportName, DeviceError>;
}

export class LuxosClient {
  readonly #options: ClientOptions;
  /** LUXminer answers `a+b`; should a build refuse it, its reports are asked one by one. */
  #batches = true;
  #closedAt = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /**
   * Several reports in one connection, for `use`. Throws when none could be had; one that failed is a
   * failure.
   */
  async ask<Result>(
    names: readonly ReportName[],
    signal: AbortSignal,
    use: (asked: Asked) => Result,
  ): Promise<Result> {
    if (names.length > 1 && this.#batches) {
      const command = names.join("+");
      const answered = await this.#send(command, [], signal, (text) => {
        const asked = askedTogether(names, text, this.#where(command));
        return asked && { result: use(asked) };
      });
      if (answered !== undefined) return answered.result;
      this.#batches = false;
    }
    return use(await this.#askOneByOne(names, signal));
  }

  /** One request as it is; resolves with any answer, refusals included. */
  request<Schema extends z.ZodType>(
    schema: Schema,
    command: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<z.output<Schema>> {
    const where = this.#where(command);
    return this.#send(command, fields, signal, (text) =>
      shaped(schema, parseReply(text, where), where),
    );
  }

  #where(command: string): string {
    return `${this.#options.host} ${command}`;
  }

  async #askOneByOne(names: readonly ReportName[], signal: AbortSignal): Promise<Asked> {
    const reports: { [Name in ReportName]?: Report<Name> } = {};
    const failures = new Map<ReportName, DeviceError>();
    for (const name of names) {
      try {
        await this.#send(name, [], signal, (text) =>
          collect(name, parseReply(text, this.#where(name)), reports, failures),
        );
      } catch (error) {
        if (!isDeviceError(error) || error.code === "ABORTED") throw error;
        failures.set(name, error);
        if (isSilence(error.code)) break;
      }
    }
    const [failure] = failures.values();
    if (failure !== undefined && Object.keys(reports).length === 0) throw failure;
    return { reports, failures };
  }

  async #send<Result>(
    command: string,
    fields: readonly string[],
    signal: AbortSignal | undefined,
    read: (text: string) => Result,
  ): Promise<Result> {
    const { host, port, deadline, pause } = this.#options;
    // Connections in quick succession make some builds close their API for a while (2026.4.3).
    const wait = this.#closedAt + pause - performance.now();
    if (wait > 0 && this.#closedAt > 0) await sleep(wait);
    const request: Request =
      fields.length === 0 ? { command } : { command, parameter: joinFields(fields) };
    try {
      const payload = JSON.stringify(request);
      return await exchangeInto({ host, port, deadline, payload, ...present({ signal }) }, read);
    } finally {
      this.#closedAt = performance.now();
    }
  }
}

/** Undefined when the machine does not know the `+`. */
function askedTogether(
  names: readonly ReportName[],
  text: string,
  where: string,
): Asked | undefined {
  const whole = parseReply(text, where);
  if (!isBatch(whole)) throw new DeviceError("UNEXPECTED_SHAPE", `${where}: no object`);
  if (!names.some((name) => Object.hasOwn(whole, name))) return undefined;
  const reports: { [Name in ReportName]?: Report<Name> } = {};
  const failures = new Map<ReportName, DeviceError>();
  for (const name of names) {
    const section = whole[name];
    collect(name, Array.isArray(section) ? section[0] : section, reports, failures);
  }
  return { reports, failures };
}

/** Each section is looked through by its own schema; the whole need not be copied before. */
const isBatch = (whole: unknown): whole is BatchAnswer =>
  typeof whole === "object" && whole !== null && !Array.isArray(whole);

function collect<Name extends ReportName>(
  name: Name,
  raw: unknown,
  reports: { [Each in ReportName]?: Report<Each> },
  failures: Map<ReportName, DeviceError>,
): void {
  try {
    if (raw === undefined) throw new DeviceError("UNEXPECTED_SHAPE", `${name}: no such section`);
    const answer = shaped<z.ZodType<Report<Name>>>(schemaOf(name), raw, name);
    const refused = refusal(name, answer);
    if (refused !== undefined) throw refused;
    reports[name] = answer;
  } catch (error) {
    if (!isDeviceError(error)) throw error;
    failures.set(name, error);
  }
}

// The table's type says which schema belongs to a name; an index access alone cannot.
const schemaOf = <Name extends ReportName>(name: Name) =>
  REPORTS[name] as unknown as z.ZodType<Report<Name>>;

function shaped<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
  where: string,
): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new DeviceError("UNEXPECTED_SHAPE", `${where}: ${z.prettifyError(result.error)}`);
}

export const codeOf = (answer: Answer): number | undefined => toNumber(answer.STATUS?.[0]?.Code);

/** The machine's own words. */
export const wordsOf = (answer: Answer): string => answer.STATUS?.[0]?.Msg ?? "no words";

/** What an answer refuses; undefined when it says yes. An answer without STATUS is no yes. */
export function refusal(command: string, answer: Answer): DeviceError | undefined {
  const word = answer.STATUS?.[0]?.STATUS;
  if (word === "S" || word === "I" || word === "W") return undefined;
  if (word === undefined) {
    return new DeviceError("UNEXPECTED_SHAPE", `${command}: the answer has no STATUS`);
  }
  const code = codeOf(answer);
  return new DeviceError(
    REFUSALS.get(code ?? Number.NaN) ?? "REJECTED",
    `${command}: ${wordsOf(answer)} (code ${code ?? "none"})`,
  );
}

const REFUSALS: ReadonlyMap<number, DeviceErrorCode> = new Map([
  [CODES.INVALID_COMMAND, "UNSUPPORTED"],
  [CODES.ACCESS_DENIED, "WRITE_DISABLED"],
  [CODES.OTHER_SESSION, "BUSY"],
]);
