// From settings to requests, and from the answers to what they mean. Pure.

import type { PoolConfig, Setting, SettingValues } from "../contract/controls.ts";
import { toBoolean, toNumber, toText } from "../contract/decoding.ts";
import type { Receipt } from "../contract/driver.ts";
import { DeviceError } from "../contract/errors.ts";
import { parseReply } from "../transport/json.ts";
import { type ConfigView, POOL_SLOTS } from "./config.ts";
import { formHasVoltage, modeNumber, sleepMode } from "./firmware.ts";
import { WriteAnswer } from "./wire.ts";
import type { MinerConfForm, MinerConfWrite, PoolEntry } from "./wire-config.ts";

/** What the configuration shall say; the parts that nobody asked to change keep their stored value. */
export interface Wanted {
  readonly pools: readonly PoolEntry[];
  readonly fan: number | "auto" | undefined;
  readonly duty: number | undefined;
  readonly workMode: number | undefined;
  readonly frequency: number | undefined;
  /** mV. */
  readonly voltage: number | undefined;
}

export interface Wishes {
  readonly settings: readonly Setting[];
  /** Model without the maker's name. */
  readonly series: string;
  /** The working mode to wake into, where it is known. */
  readonly wakeMode: number;
}

/** Throws INVALID_SETTING: a mode for a machine that sleeps would wake it. */
export function merge(config: ConfigView, wishes: Wishes): Wanted {
  const { settings, series } = wishes;
  // Each setting's value has the type of its knob, which fromEntries forgets.
  const asked = Object.fromEntries(
    settings.map((setting) => [setting.knob, setting.value]),
  ) as Partial<SettingValues>;
  const { sleep, mode, pools, fan } = asked;
  const rest = sleepMode(series);
  const stays = sleep ?? config.workMode === rest;
  if (mode !== undefined && stays && sleep === undefined) {
    throw invalid(
      `mode: ${JSON.stringify(mode)} would wake the machine; set sleep to false with it`,
    );
  }
  const working = mode === undefined ? undefined : modeNumber(mode);
  const present = config.workMode === rest ? wishes.wakeMode : config.workMode;
  return {
    pools: padded(pools?.map(poolEntry) ?? config.pools ?? []),
    fan: fan ?? config.fan,
    duty: typeof fan === "number" ? fan : config.duty,
    workMode: stays ? rest : (working ?? present),
    frequency: asked.frequency,
    voltage: asked.voltage,
  };
}

const poolEntry = ({ url, user, password }: PoolConfig): PoolEntry => ({
  url,
  user,
  pass: password,
});

function padded(pools: readonly PoolEntry[]): readonly PoolEntry[] {
  const empty = { url: "", user: "", pass: "" };
  return Array.from({ length: POOL_SLOTS }, (_, index) => pools[index] ?? empty);
}

/** The in-program handler of S21+ Hyd reads no more. */
export const BODY_LIMIT = 1024;

/** One line without blanks: the script reads one line and splits it at blanks. */
export function encodeJson(config: ConfigView, wanted: Wanted): string {
  mustBeWritable(wanted.pools);
  const { raw } = config;
  const body: MinerConfWrite = {
    pools: wanted.pools,
    ...(wanted.fan === undefined ? {} : { "bitmain-fan-ctrl": wanted.fan !== "auto" }),
    ...(wanted.duty === undefined ? {} : { "bitmain-fan-pwm": String(wanted.duty) }),
    // Reading says bitmain-work-mode; of the names for writing only this one acts on S19j Pro 2022-12.
    "miner-mode": wanted.workMode ?? 0,
    // Some S19 store "" here; the page then shows and sends 100.
    "freq-level":
      toNumber(raw["bitmain-freq-level"]) === undefined ? "100" : `${raw["bitmain-freq-level"]}`,
    ...kept("bitmain-hashrate-percent", raw["bitmain-hashrate-percent"]),
    ...kept("bitmain-user-ip-cat", raw["bitmain-user-ip-cat"]),
    ...kept("algo", raw.algo),
  };
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  if (bytes > BODY_LIMIT) {
    throw invalid(`pools: the request would have ${bytes} bytes, expected at most ${BODY_LIMIT}`);
  }
  return text;
}

const kept = <Name extends string, Value>(name: Name, value: Value | undefined) =>
  value === undefined || value === "" ? {} : { [name]: value };

/** In the order in which the script counts its fields. */
export function encodeForm(config: ConfigView, wanted: Wanted, series: string): MinerConfForm {
  mustBeWritable(wanted.pools);
  const { raw } = config;
  const flag = (value: unknown) => String(toBoolean(value) ?? false);
  const fixed = wanted.fan !== undefined && wanted.fan !== "auto";
  const frequency = wanted.frequency ?? toText(raw["bitmain-freq"]) ?? raw["bitmain-freq"] ?? "";
  return [
    ...wanted.pools.flatMap(({ url, user, pass }, index) => [
      [`_ant_pool${index + 1}url`, url] as const,
      [`_ant_pool${index + 1}user`, user] as const,
      [`_ant_pool${index + 1}pw`, pass] as const,
    ]),
    ["_ant_nobeeper", flag(raw["bitmain-nobeeper"])],
    ["_ant_notempoverctrl", flag(raw["bitmain-notempoverctrl"])],
    ["_ant_fan_customize_switch", String(fixed)],
    ["_ant_fan_customize_value", fixed ? String(wanted.fan) : ""],
    ["_ant_freq", String(frequency)],
    ...(formHasVoltage(series) ? [["_ant_voltage", voltageField(config, wanted)] as const] : []),
    ...(sleepMode(series) === 254
      ? [["_ant_work_mode", String(wanted.workMode ?? 0)] as const]
      : []),
  ];
}

const MILLIVOLTS_PER_STEP = 10;

const voltageField = ({ raw }: ConfigView, { voltage }: Wanted): string =>
  voltage === undefined
    ? `${raw["bitmain-voltage"] ?? ""}`
    : String(Math.round(voltage / MILLIVOLTS_PER_STEP));

export const formBody = (form: MinerConfForm): string =>
  form.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");

/**
 * The scripts split at blanks, and write values between quotes without escaping them: a blank, a quote
 * or a backslash destroys the whole file. Values are not told, as they may be passwords.
 */
function mustBeWritable(pools: readonly PoolEntry[]): void {
  for (const [index, pool] of pools.entries()) {
    for (const field of ["url", "user", "pass"] as const) {
      if (/^[!-~]*$/.test(pool[field]) && !/["\\]/.test(pool[field])) continue;
      const name = field === "pass" ? "password" : field;
      throw invalid(
        `pools[${index}].${name}: expected printable ASCII without blanks, quotes and backslashes`,
      );
    }
  }
}

const invalid = (message: string): DeviceError => new DeviceError("INVALID_SETTING", message);

const ACCEPTED = /^(?:M000|B000|B100)$/;

/**
 * The code decides: the in-program handler says `stats: success` to failures too. Text that is no JSON
 * (`ok`, `Status 200`, nothing) is how older scripts say yes. Throws BUSY or REJECTED.
 */
export function judgeAnswer(text: string, source: string): Receipt {
  const body = text.trim();
  if (!body.startsWith("{")) {
    if (body.startsWith("<")) throw new DeviceError("HTML_REPLY", `${source}: a web page`);
    return { answer: "accepted", detail: body.slice(0, 40) || "an empty answer" };
  }
  const { code, msg } = WriteAnswer.parse(parseReply(body, source));
  const words = [code, msg].filter((word) => word !== undefined).join(" ");
  if (/busy/i.test(`${msg ?? ""}`)) throw new DeviceError("BUSY", `${source}: ${words}`);
  // Without a code it is no known answer; what it did is seen at the read-back.
  if (code === undefined || ACCEPTED.test(`${code}`)) return { answer: "accepted", detail: words };
  throw new DeviceError("REJECTED", `${source}: ${words}`);
}

/** The knobs in which the configuration is not as wanted. */
export function differences(config: ConfigView, wanted: Wanted): readonly string[] {
  const stored = padded(config.pools ?? []);
  const samePools = wanted.pools.every(
    ({ url, user, pass }, index) =>
      stored[index]?.url === url && stored[index].user === user && stored[index].pass === pass,
  );
  const differs = (a: unknown, b: unknown) => a !== undefined && a !== b;
  return [
    ...(samePools ? [] : ["pools"]),
    ...(differs(wanted.workMode, config.workMode) ? ["work mode"] : []),
    ...(differs(wanted.fan, config.fan) ? ["fan"] : []),
    ...(differs(wanted.frequency, config.frequency) ? ["frequency"] : []),
    ...(differs(wanted.voltage, config.voltage) ? ["voltage"] : []),
  ];
}
