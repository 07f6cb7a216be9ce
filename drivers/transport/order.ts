// What every write has in common: a wish inside of the envelope, sent once, answered or not.

import type { Controls, PoolConfig, RangeKnob, Setting } from "../contract/controls.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import { offsetsObjection } from "../contract/offsets.ts";
import { HttpExchangeError } from "./http.ts";
import { TcpExchangeError } from "./tcp.ts";

/** What is wrong with a pool; undefined when it can be sent. Must not tell its password. */
export type PoolRule = (pool: PoolConfig) => string | undefined;

export interface Rules {
  /** Default: a stratum URL and a user. */
  readonly pool?: PoolRule;
  /** Values between two steps are refused. */
  readonly onStep?: boolean;
}

/** Throws INVALID_SETTING with the knob, the value and what was expected. */
export function validate(
  settings: readonly Setting[],
  controls: Controls,
  rules: Rules = {},
): void {
  for (const setting of settings) {
    const { knob, value } = setting;
    const wrong =
      knob === "pools"
        ? poolsObjection(value, controls, rules.pool ?? stratumPool)
        : objection(setting, controls, rules.onStep === true);
    if (wrong === undefined) continue;
    const given = knob === "pools" ? value.length : wordsFor(value);
    throw new DeviceError("INVALID_SETTING", `${knob}: ${given}: ${wrong}`);
  }
}

/** Hundreds of numbers tell nobody anything. */
const wordsFor = (value: unknown): string =>
  Array.isArray(value) ? `${value.length} boards` : String(value);

function objection({ knob: name, value }: Setting, controls: Controls, onStep: boolean) {
  const knob = controls[name];
  if (knob === undefined) return NOT_OFFERED;
  if ("parts" in knob) return offsetsObjection(value, knob);
  if ("min" in knob) {
    if (value !== "auto" || !("auto" in knob)) return rangeObjection(value, knob, onStep);
    return knob.auto ? undefined : "this firmware has no automatic control";
  }
  if ("choices" in knob) {
    const names = knob.choices.map((choice) => choice.name);
    return names.some((each) => each === value) ? undefined : `expected one of ${names.join(", ")}`;
  }
  return typeof value === "boolean" ? undefined : "expected true or false";
}

const NOT_OFFERED = "this machine does not offer it now";

function rangeObjection(value: unknown, { min, max, step }: RangeKnob<number>, onStep: boolean) {
  // Not `<`: NaN must not pass.
  const within = typeof value === "number" && value >= min && value <= max;
  if (within && (!onStep || Number.isInteger((value - min) / step))) return undefined;
  return `expected ${min} to ${max}${onStep ? ` in steps of ${step}` : ""}`;
}

function poolsObjection(pools: readonly PoolConfig[], { pools: knob }: Controls, rule: PoolRule) {
  if (knob === undefined) return NOT_OFFERED;
  if (pools.length < 1 || pools.length > knob.max) return `expected 1 to ${knob.max}`;
  const wrong = pools.map(rule);
  const index = wrong.findIndex((each) => each !== undefined);
  return index < 0 ? undefined : `number ${index + 1}: ${wrong[index]}`;
}

function stratumPool({ url, user }: PoolConfig): string | undefined {
  if (!/^(stratum\+(tcp|ssl|tls)|ssl|tcp):\/\/[^\s/]+/.test(url)) {
    return `url ${JSON.stringify(url)}: expected stratum+tcp://host:port`;
  }
  return user === "" ? `user of ${url}: expected a worker name` : undefined;
}

/** For firmware that takes any address: none of these fields may be blank. */
export const filledPool =
  (...fields: readonly (keyof PoolConfig)[]): PoolRule =>
  (pool) => {
    const blank = fields.find((field) => pool[field].trim() === "");
    return blank === undefined ? undefined : `expected ${fields.join(", ")}; ${blank} is blank`;
  };

/**
 * Sends orders one after another, none of them twice. `send` resolves with the machine's own words. A
 * connection that is lost after sending is a `silent` receipt, and what was to follow is not sent.
 */
export async function perform<Order>(
  orders: readonly Order[],
  send: (order: Order) => Promise<string>,
): Promise<Receipt> {
  const details: string[] = [];
  for (const [index, order] of orders.entries()) {
    try {
      details.push(await send(order));
    } catch (error) {
      if (!mayHaveActed(error)) throw error;
      const rest = orders.length - index - 1;
      details.push(error.message, ...(rest > 0 ? [`${rest} more not sent`] : []));
      return { answer: "silent", detail: details.join("; ") };
    }
  }
  return { answer: "accepted", detail: details.join("; ") };
}

function mayHaveActed(error: unknown): error is HttpExchangeError | TcpExchangeError {
  const exchanged = error instanceof HttpExchangeError || error instanceof TcpExchangeError;
  return exchanged && error.sent && error.code !== "ABORTED";
}
