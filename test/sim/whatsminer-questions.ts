// What a simulated Whatsminer answers to questions in clear, in the shapes of API 2.0.5.

import {
  CODES,
  type DeviceDetails,
  type MinerInfo,
  type Psu,
  type Status,
  type Version,
} from "../../drivers/whatsminer/wire.ts";
import type { Machine } from "./whatsminer-orders.ts";
import { CHIP, devices, pools, summary } from "./whatsminer-records.ts";

const MODEL = "M50S_VJ30";
const FIRMWARE = "20230714.15.Rel";

/** undefined: the firmware does not know the question. */
export function answerQuestion(machine: Machine, command: string): string | undefined {
  const parts = command.split("+");
  if (parts.length === 1) {
    const answer = section(machine, command) ?? message(machine, command);
    return answer === undefined ? undefined : JSON.stringify(answer);
  }
  const joined: Record<string, unknown> = {};
  for (const part of parts) {
    const answer = section(machine, part);
    if (answer === undefined) return undefined;
    joined[part] = [answer];
  }
  return JSON.stringify({ ...joined, id: 1 });
}

/** Answers in cgminer's form; only these can be joined. */
function section(machine: Machine, command: string): object | undefined {
  switch (command) {
    case "summary":
      return listed(machine, 11, "Summary", { SUMMARY: [summary(machine)] });
    case "pools":
      return listed(machine, 7, "3 Pool(s)", { POOLS: pools(machine) });
    case "edevs":
    case "devs":
      return listed(machine, 9, "3 ASC(s)", { DEVS: devices(machine) });
    case "devdetails":
      return listed(machine, 69, "Device Details", { DEVDETAILS: details(machine) });
    case "version":
      return listed(machine, 22, "BTMiner versions", { VERSION: [{ API: "2.0.5" }] });
    default:
      return undefined;
  }
}

function listed(machine: Machine, code: number, words: string, content: object): object {
  const record = {
    STATUS: "S",
    When: Math.floor(machine.now / 1000),
    Code: code,
    Msg: words,
    Description: "btminer",
  };
  return { STATUS: [record], ...content, id: 1 };
}

function message(machine: Machine, command: string): object | undefined {
  const content = messageContent(machine, command);
  if (content === undefined) return undefined;
  const When = Math.floor(machine.now / 1000);
  return { STATUS: "S", When, Code: CODES.ok, Msg: content, Description: "" };
}

function messageContent(machine: Machine, command: string): object | undefined {
  switch (command) {
    case "get_version":
      return { api_ver: "2.0.5", fw_ver: FIRMWARE, platform: "H616", chip: CHIP } satisfies Version;
    case "get_psu":
      return psu(machine);
    case "get_miner_info":
      return info(machine);
    case "status":
      return status(machine);
    case "get_error_code":
      return { error_code: errorCodes(machine) };
    default:
      return undefined;
  }
}

const details = ({ plant }: Machine): DeviceDetails[] =>
  plant.truth.boards.map((_, index) => ({
    DEVDETAILS: index,
    Name: "SM",
    ID: index,
    Driver: "bitmicro",
    Kernel: "",
    Model: MODEL,
  }));

const psu = ({ miner, plant }: Machine): Psu => ({
  name: "P221B",
  hw_version: "V00.01",
  sw_version: "V02.01.V02.01",
  model: "P221B",
  iin: ((miner.measuredPower / 231) * 1000).toFixed(2),
  vin: "23100",
  pin: miner.measuredPower.toFixed(0),
  fan_speed: "4992",
  serial_no: "A1221B00000001",
  vendor: "7",
  temp0: (plant.truth.inlet + 30).toFixed(1),
});

const info = ({ locating, miner }: Machine): MinerInfo => ({
  ip: "192.0.2.10",
  proto: "dhcp",
  hostname: "WhatsMiner",
  mac: "C8:11:05:00:53:01",
  ledstat: locating ? "manual" : "auto",
  minersn: "HTM31X00000001",
  powersn: "A1221B00000001",
  upfreq_speed: String(miner.rampSpeed),
});

const status = ({ miner }: Machine): Status => ({
  btmineroff: String(miner.off),
  "Firmware Version": FIRMWARE,
  power_mode: "",
  power_limit_set: "",
  hash_percent: "",
  power_pct: String(miner.overridePercent),
});

/** Told ones, and a fan that does not reach its speed. */
function errorCodes({ errorCodes: told, plant, now }: Machine): Record<string, string>[] {
  const found = new Set(told);
  for (const [fan, health] of plant.wear.fans.entries()) if (health < 0.75) found.add(110 + fan);
  const when = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  return [...found].map((code) => ({ [code]: when }));
}
