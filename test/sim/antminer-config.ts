// /config/cgminer.conf of a stock S19 and the shell script that writes it, with the script's accidents.

import type { PoolEntry } from "../../drivers/antminer/wire-config.ts";

/** Text, as the file has it: after an accident a number may be nothing at all. */
export interface StoredConfig {
  pools: readonly PoolEntry[];
  fanCtrl: string;
  fanPwm: string;
  workMode: string;
  freqLevel: string;
}

export const FACTORY: StoredConfig = {
  pools: [1, 2, 3].map((slot) => ({
    url: `stratum+tcp://pool${slot}.example:3333`,
    user: "account.s19",
    pass: "x",
  })),
  fanCtrl: "false",
  fanPwm: "100",
  workMode: "0",
  freqLevel: "",
};

/** What the program does about a new configuration. */
export type Consequence = "reload" | "restart";

export interface ScriptResult {
  readonly answer: string;
  readonly config?: StoredConfig;
  readonly consequence?: Consequence;
}

export const M000 = '{"stats":"success","code":"M000","msg":"OK!"}';
const ILLEGAL = '{"stats":"error","code":"M001","msg":"Illegal request!"}';
export const BUSY = '{"stats":"error","code":"M001","msg":"request busy"}';

/**
 * One line is read and parsed; then each value is picked from its first word only, so a blank in any
 * value makes every value empty. Absent keys come out empty too. Modes other than 0 and 1 keep the old.
 */
export function runScript(stored: StoredConfig, body: string): ScriptResult {
  const line = body.split("\n")[0] ?? "";
  const value = parseObject(line);
  if (value === undefined) return { answer: ILLEGAL };
  const compact = JSON.stringify(value);
  const picked = /\s/.test(compact) ? {} : value;
  const blank = picked !== value;
  const mode = blank ? "" : text(picked["miner-mode"]);
  const known = mode === "0" || mode === "1" || (blank && mode === "");
  const config: StoredConfig = {
    pools: [0, 1, 2].map((slot) => poolAt(picked["pools"], slot)),
    fanCtrl: text(picked["bitmain-fan-ctrl"]),
    fanPwm: text(picked["bitmain-fan-pwm"]),
    workMode: known ? mode : stored.workMode,
    freqLevel: text(picked["freq-level"]),
  };
  const consequence = config.workMode === stored.workMode ? "reload" : "restart";
  return { answer: M000, config, consequence };
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const text = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";

function poolAt(pools: unknown, slot: number): PoolEntry {
  const entry: unknown = Array.isArray(pools) ? pools[slot] : undefined;
  const fields = (typeof entry === "object" && entry !== null ? entry : {}) as Record<
    string,
    unknown
  >;
  return { url: text(fields["url"]), user: text(fields["user"]), pass: text(fields["pass"]) };
}

/** The file as it is printed, which is no JSON when the fan switch is empty. */
export function printConfig(config: StoredConfig): string {
  const pools = config.pools.map(
    ({ url, user, pass }) => `{\n"url" : "${url}",\n"user" : "${user}",\n"pass" : "${pass}"\n}`,
  );
  return `{
"pools" : [
${pools.join(",\n")}
]
,
"api-listen" : true,
"api-network" : true,
"api-groups" : "A:stats:pools:devs:summary:version",
"api-allow" : "A:0/0,W:*",
"bitmain-fan-ctrl" : ${config.fanCtrl},
"bitmain-fan-pwm" : "${config.fanPwm}",
"bitmain-use-vil" : true,
"bitmain-freq" : "675",
"bitmain-voltage" : "1400",
"bitmain-ccdelay" : "0",
"bitmain-pwth" : "0",
"bitmain-work-mode" : "${config.workMode}",
"bitmain-hashrate-percent" : "0",
"bitmain-freq-level" : "${config.freqLevel}"
}
`;
}
