// What a simulated LUXminer does when it is told to. Codes that no source gives are marked.

import { percent } from "../../drivers/contract/units.ts";
import { findProfile } from "./luxos-profiles.ts";
import type { ReportedMachine, SimulatedPool } from "./luxos-rates.ts";
import { SUPPLY } from "./luxos-reports.ts";

export interface OrderedMachine extends ReportedMachine {
  led: string;
  pools: SimulatedPool[];
  activePool: number;
  fanSpeed: number;
  /** Ends the program shortly after the answer is out. */
  restart(what: "program" | "machine"): void;
}

export interface Outcome {
  readonly code: number;
  readonly words: string;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly refused?: true;
}

const no = (code: number, words: string): Outcome => ({ code, words, refused: true });
/** Assumed: no source gives the codes of these refusals. */
const ASLEEP = no(421, "Command not available in sleep mode");
const BAD_PARAMETER = no(410, "Invalid parameter");
const DUPLICATE_POOL = no(53, "Pool already exists");

type Order = (machine: OrderedMachine, fields: readonly string[]) => Outcome;

const MHZ = { min: 50, max: 1000 } as const;

/** Orders that take a session id first; here it is gone already. */
export const ORDERS: Readonly<Record<string, Order>> = {
  frequencyset: ({ miner }, [board, mhz, chip]) => {
    const target = Number(mhz);
    const index = Number(board);
    if (!(target >= MHZ.min && target <= MHZ.max) || !(index in miner.boards)) return BAD_PARAMETER;
    if (chip !== undefined && !miner.hashing) return ASLEEP;
    if (chip !== undefined && !miner.chips.set(index, Number(chip), target)) return BAD_PARAMETER;
    if (chip === undefined && !miner.setFrequency(index, target)) return ASLEEP;
    const TargetChip = chip ?? "all";
    const ramp = { Board: index, Frequency: target, FrequencyStep: 5, TargetChip };
    return { code: 302, words: "Set Frequency", body: { RAMP: [ramp] } };
  },
  voltageset: ({ miner }, [board, volts]) => {
    const value = Number(volts);
    const inside = value >= SUPPLY.VoltageMin && value <= SUPPLY.VoltageMax;
    if (!inside || !(Number(board) in miner.boards)) return BAD_PARAMETER;
    if (miner.asleep) return ASLEEP;
    miner.setVoltage(value);
    return { code: 308, words: "Set Voltage" };
  },
  profileset: ({ miner }, [wish = ""]) => {
    const profile = findProfile(wish, miner.profile);
    if (profile === undefined) return no(326, "Profile not found");
    miner.setProfile(profile);
    return { code: 321, words: "Profile Set" };
  },
  atmset: ({ miner }, fields) => {
    const enabled = flagOf(fields, "enabled");
    if (enabled === undefined) return BAD_PARAMETER;
    miner.atmEnabled = enabled;
    return { code: 340, words: "ATM configuration updated" };
  },
  autotunerset: ({ miner }, fields) => {
    const enabled = flagOf(fields, "enabled");
    if (enabled === undefined) return BAD_PARAMETER;
    miner.autotunerEnabled = enabled;
    return { code: 355, words: "Autotuner configuration updated" };
  },
  fanset: (machine, fields) => {
    const speed = Number(textOf(fields, "speed"));
    if (!(speed >= -1 && speed <= 100)) return BAD_PARAMETER;
    machine.fanSpeed = speed;
    machine.plant.setFanDuty(speed < 0 ? "auto" : percent(speed));
    return { code: 324, words: "Fan control updated" };
  },
  curtail: ({ miner }, [action]) => {
    if (action === "sleep") miner.sleep();
    else if (action === "wakeup") miner.wake();
    else return BAD_PARAMETER;
    const told = action === "sleep" ? "sleep mode" : "wake up";
    return { code: 335, words: "Curtailment command sent", body: { CURTAIL: [{ Action: told }] } };
  },
  ledset: (machine, [color, state = ""]) => {
    if (color !== "red" && color !== "green") return BAD_PARAMETER;
    if (!["on", "off", "blink", "auto"].includes(state)) return BAD_PARAMETER;
    if (color === "red") machine.led = state;
    return { code: 337, words: "LED set" };
  },
  resetminer: (machine) => {
    machine.restart("program");
    return { code: 315, words: "Miner reset" };
  },
  rebootdevice: (machine) => {
    machine.restart("machine");
    return { code: 343, words: "Device reboot" };
  },
};

/** Orders that take no session. */
export const POOL_ORDERS: Readonly<Record<string, Order>> = {
  addpool: (machine, [url = "", user = "", password = ""]) => {
    if (url === "" || user === "") return no(52, "Invalid addpool details");
    if (machine.pools.some((pool) => pool.url === url)) return DUPLICATE_POOL;
    machine.pools.push({ url, user, password });
    return { code: 55, words: `Added pool ${machine.pools.length - 1}: '${url}'` };
  },
  removepool: (machine, [id]) => {
    const index = Number(id);
    if (!(index in machine.pools)) return no(26, "Invalid pool id");
    if (machine.pools.length === 1) return no(67, "Cannot remove last pool");
    if (index === machine.activePool) return no(68, "Cannot remove active pool");
    machine.pools.splice(index, 1);
    if (index < machine.activePool) machine.activePool -= 1;
    return { code: 66, words: `Removed pool ${index}` };
  },
  switchpool: (machine, [id]) => {
    const index = Number(id);
    if (!(index in machine.pools)) return no(26, "Invalid pool id");
    machine.activePool = index;
    return { code: 27, words: `Switching to pool ${index}` };
  },
};

function textOf(fields: readonly string[], key: string): string | undefined {
  return fields.find((field) => field.startsWith(`${key}=`))?.slice(key.length + 1);
}

function flagOf(fields: readonly string[], key: string): boolean | undefined {
  const value = textOf(fields, key);
  return value === "true" ? true : value === "false" ? false : undefined;
}
