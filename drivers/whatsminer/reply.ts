// What every btminer answer has in common: was it a yes, and where is the content?

import type * as z from "zod";
import { DeviceError, type DeviceErrorCode } from "../contract/errors.ts";
import { CODES, Envelope, SECTIONS } from "./wire.ts";

export interface Verdict {
  readonly good: boolean;
  readonly code?: number;
  /** The machine's own words; "" when it has none. */
  readonly words: string;
}

/** Throws UNEXPECTED_SHAPE for what is no JSON object. */
export function openEnvelope(value: unknown, command: string): Envelope {
  const parsed = Envelope.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DeviceError("UNEXPECTED_SHAPE", `${command}: an object was expected`);
}

export function verdictOf(envelope: Envelope): Verdict {
  const record = Array.isArray(envelope.STATUS) ? envelope.STATUS[0] : undefined;
  const status = record?.STATUS ?? (typeof envelope.STATUS === "string" ? envelope.STATUS : "S");
  const code = Number(record?.Code ?? envelope.Code);
  const said = record?.Msg ?? envelope.Msg;
  return {
    // Success, information, warning; control characters around it are not worth a refusal.
    good: /^[^A-Z]*[SIW][^A-Z]*$/.test(status),
    ...(Number.isFinite(code) ? { code } : {}),
    words: typeof said === "string" ? said.slice(0, LONGEST_WORDS) : "",
  };
}

const LONGEST_WORDS = 120;

export const SWITCH_ON =
  "change the default password of the machine and switch its Miner API on with WhatsMinerTool (Remote Ctrl)";

/**
 * Undefined for a yes. `encrypted` tells what a "no JSON" is about: then the key was a wrong one. `hide`
 * takes secrets out of the machine's words.
 */
export function refusalOf(
  envelope: Envelope,
  command: string,
  encrypted: boolean,
  hide: (words: string) => string = (words) => words,
): DeviceError | undefined {
  const verdict = verdictOf(envelope);
  // Some firmware answers 136 as a success whose Msg is no token.
  if (verdict.good && verdict.code !== CODES.tooManyTokens) return undefined;
  const said = [verdict.code === undefined ? "" : `code ${verdict.code}`, hide(verdict.words)]
    .filter((part) => part !== "")
    .join(" ");
  const kind = errorCodeOf(verdict, encrypted);
  const advice = ADVICE[kind] === undefined ? "" : `; ${ADVICE[kind]}`;
  return new DeviceError(kind, `${command}: ${said === "" ? "refused" : said}${advice}`);
}

const ADVICE: { readonly [Code in DeviceErrorCode]?: string } = {
  WRITE_DISABLED: SWITCH_ON,
  UNAUTHORIZED: "the machine could not decrypt the request: the configured password is not its own",
};

function errorCodeOf(verdict: Verdict, encrypted: boolean): DeviceErrorCode {
  switch (verdict.code) {
    case CODES.invalidCommand:
      return "UNSUPPORTED";
    case CODES.invalidJson:
      return encrypted ? "UNAUTHORIZED" : "REJECTED";
    case CODES.permissionDenied:
    case CODES.tokenRefused:
      return "WRITE_DISABLED";
    case CODES.tooManyTokens:
      return "BUSY";
    case CODES.failed:
      return /deprecat|support|invalid c|unknown/i.test(verdict.words) ? "UNSUPPORTED" : "REJECTED";
    default:
      return "REJECTED";
  }
}

type Section = keyof typeof SECTIONS;

/**
 * The answer to one command of a joined request `{"summary":[{...}],"pools":[{...}]}`; undefined when
 * this firmware did not join.
 */
export function partOf(envelope: Envelope, command: Section): Envelope | undefined {
  const part: unknown = envelope[command];
  const inner: unknown = Array.isArray(part) ? part[0] : part;
  const parsed = Envelope.safeParse(inner);
  return parsed.success ? parsed.data : undefined;
}

/** Records of a list answer, wherever the firmware put them; undefined when there is no list. */
export function recordsOf(envelope: Envelope, command: Section): readonly unknown[] | undefined {
  const key = SECTIONS[command];
  const candidates = [envelope[key], inside(envelope.Msg, key), envelope.Msg];
  return candidates.find((candidate) => Array.isArray(candidate));
}

/** The records that have the shape; what has not is no record. */
export function parsed<Shape extends z.ZodType>(
  records: readonly unknown[],
  shape: Shape,
): z.output<Shape>[] {
  const found: z.output<Shape>[] = [];
  for (const record of records) {
    const result = shape.safeParse(record);
    if (result.success) found.push(result.data);
  }
  return found;
}

/** Firmware of 2025 puts the summary flat into `Msg`; all before it is a list of one. */
export function summaryRecordOf(envelope: Envelope): unknown {
  return recordsOf(envelope, "summary")?.[0] ?? (isObject(envelope.Msg) ? envelope.Msg : undefined);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const inside = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);
