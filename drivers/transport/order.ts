// What every write has in common: a wish inside of the envelope, sent once, answered or not.

import type { Controls, PoolConfig, Setting } from "../contract/controls.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import { HttpExchangeError } from "./http.ts";
import { TcpExchangeError } from "./tcp.ts";

/** Throws INVALID_SETTING with the knob, the value and what was expected. */
export function validate(settings: readonly Setting[], controls: Controls): void {
  for (const setting of settings) validateOne(setting, controls);
}

function validateOne(setting: Setting, controls: Controls): void {
  const knob = controls[setting.knob];
  if (knob === undefined) refuse(setting, "this machine does not offer it now");
  if (setting.knob === "pools") validatePools(setting.value, controls.pools?.max ?? 0);
  if (typeof setting.value === "number" && "min" in knob) {
    // Not `<`: NaN must not pass.
    const within = setting.value >= knob.min && setting.value <= knob.max;
    if (!within) refuse(setting, `expected ${knob.min} to ${knob.max}`);
  }
  if (setting.value === "auto" && "auto" in knob && !knob.auto) {
    refuse(setting, "this firmware has no automatic control");
  }
  if (typeof setting.value === "string" && "choices" in knob) {
    const names = knob.choices.map((choice) => choice.name);
    if (!names.includes(setting.value)) refuse(setting, `expected one of ${names.join(", ")}`);
  }
}

function refuse(setting: Setting, expected: string): never {
  const value = setting.knob === "pools" ? `${setting.value.length} pools` : String(setting.value);
  throw new DeviceError("INVALID_SETTING", `${setting.knob}: ${value}: ${expected}`);
}

function validatePools(pools: readonly PoolConfig[], max: number): void {
  if (pools.length < 1 || pools.length > max) {
    throw new DeviceError("INVALID_SETTING", `pools: ${pools.length}: expected 1 to ${max}`);
  }
  for (const { url, user } of pools) {
    if (!/^(stratum\+(tcp|ssl|tls)|ssl|tcp):\/\/[^\s/]+/.test(url)) {
      const text = JSON.stringify(url);
      throw new DeviceError("INVALID_SETTING", `pools: ${text}: expected stratum+tcp://host:port`);
    }
    if (user === "") {
      throw new DeviceError("INVALID_SETTING", `pools: user of ${url}: expected a worker name`);
    }
  }
}

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
