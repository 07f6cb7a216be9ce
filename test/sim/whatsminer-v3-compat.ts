// What firmware of API 3 still answers on the port of API 2: part of the questions, no writes, and boards in
// TH/s under names that say MH/s.

import { CODES } from "../../drivers/whatsminer/wire.ts";
import { devices, pools, summary } from "./whatsminer-records.ts";
import { API, FIRMWARE, type MachineV3, MODEL } from "./whatsminer-v3-reports.ts";

const RATES = ["MHS av", "MHS 1m", "MHS 15m", "HS RT"] as const;

export function answerCompat(machine: MachineV3, request: string): string {
  const message: Readonly<Record<string, unknown>> = parse(request);
  const command = message["cmd"] ?? message["command"];
  if (message["enc"] !== undefined) return refuse(machine, CODES.permissionDenied, "no permission");
  if (typeof command !== "string")
    return refuse(machine, CODES.missingCommand, "Missing JSON 'command'");
  const parts = command.split("+");
  const answers = parts.map((part) => answerOf(machine, part));
  if (answers.includes(undefined)) return refuse(machine, CODES.invalidCommand, "invalid cmd");
  if (parts.length === 1) return JSON.stringify(answers[0]);
  return JSON.stringify(Object.fromEntries(parts.map((part, index) => [part, [answers[index]]])));
}

function answerOf(machine: MachineV3, command: string): object | undefined {
  const When = Math.floor(machine.now / 1000);
  const told = (Msg: object) => ({ STATUS: "S", When, Code: CODES.ok, Msg, Description: "" });
  switch (command) {
    case "summary":
      return told(summaryOf(machine));
    case "edevs":
      // Without When and Code.
      return { STATUS: [{ STATUS: "S", Msg: "3 ASC(s)" }], DEVS: boardsOf(machine) };
    case "pools":
      return { STATUS: [{ STATUS: "S", Msg: "3 Pool(s)" }], POOLS: pools(machine) };
    case "version":
    case "get_version":
      return told({ api_ver: API, fw_ver: FIRMWARE, platform: "H616", miner_type: MODEL });
    case "devdetails":
      return { STATUS: "E", When, Code: CODES.failed, Msg: "the command is deprecated" };
    case "get_error_code":
      return told({ error_code: [...machine.errorCodes].map((code) => ({ [code]: "" })) });
    default:
      return undefined;
  }
}

function summaryOf(machine: MachineV3) {
  const record = summary(machine);
  const { "MHS 5s": _5s, "MHS 5m": _5m, ...rest } = record;
  return {
    ...rest,
    Elapsed: Number(record.Elapsed) + 0.5,
    Power: Number(record.Power) + 0.7,
    "Hash Stable": String(record["Hash Stable"]),
    "Upfreq Complete": machine.miner.stable ? 1 : 0,
  };
}

function boardsOf(machine: MachineV3) {
  return devices(machine).map((device) => ({
    ...device,
    "MHS 5s": undefined,
    "MHS 5m": undefined,
    ...Object.fromEntries(RATES.map((name) => [name, Number(device[name]) / 1e6])),
  }));
}

function refuse(machine: MachineV3, code: number, words: string): string {
  const When = Math.floor(machine.now / 1000);
  return JSON.stringify({ STATUS: "E", When, Code: code, Msg: words, Description: "" });
}

function parse(request: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(request));
  } catch {
    return {};
  }
}
